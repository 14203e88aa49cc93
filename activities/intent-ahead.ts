import { discardIntent, storeIntent, type StoredIntent } from '../db/repositories/deliver/intent.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import type { DeliveryRun } from './delivery-run.ts';

/** The intent of the batch that comes next, which may be stored before its turn: one at a time. Null when the plan of the batch has to be made again. */
export interface IntentAhead {
  /** Begins to store it, without waiting. */
  begin(writes: readonly PlannedWrite[]): void;
  isBegun(): boolean;
  /** It was stored otherwise. */
  put(intent: StoredIntent | null): void;
  /** Its turn has come: waits until it is stored, and stores it if that was not begun. Throws why it could not be stored. */
  take(writes: readonly PlannedWrite[]): Promise<StoredIntent | null>;
  /** Its turn does not come. When taking it back fails, the next sender closes it at its start. */
  takeBack(): Promise<void>;
}

/** For the batches of one run. */
export function createIntentAhead(run: DeliveryRun): IntentAhead {
  let ahead: Promise<StoredIntent | null> | undefined;
  const store = (writes: readonly PlannedWrite[]) => storeIntent(run.deps.db, run.scope, writes, new Date(run.deps.now()).toISOString());
  return {
    begin: (writes) => {
      ahead = store(writes);
      ahead.catch(() => undefined);
    },
    isBegun: () => ahead !== undefined,
    put: (intent) => {
      ahead = Promise.resolve(intent);
    },
    take: async (writes) => {
      const begun = ahead;
      ahead = undefined;
      return begun ?? store(writes);
    },
    takeBack: async () => {
      const intent = await ahead?.catch(() => null);
      if (intent !== undefined && intent !== null) await discard(run, intent);
    },
  };
}

async function discard(run: DeliveryRun, intent: StoredIntent): Promise<void> {
  await discardIntent(run.deps.db, run.scope, intent.id).catch((error: unknown) =>
    run.deps.log.warn({ connectorId: run.scope.connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'An intent that was stored ahead of its call could not be taken back; the next sender closes it'));
}
