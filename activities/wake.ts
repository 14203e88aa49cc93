import type { Client } from '@temporalio/client';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';
import type { ConnectorInput } from '../workflows/message-types.ts';
import { wakeSignal } from '../workflows/messages.ts';
import type { Log } from './dependencies.ts';

/** Workflows that wait to be woken. */
export type WakeTarget = 'connector' | 'sync' | 'deliver';

/** Wakes workflows. Hints: they may be merged and may be lost, the sweep finds what a lost one left behind. */
export interface Waker {
  /** Returns at once. The first wake of a workflow goes out at once, later ones at most four times a second. */
  wake(target: WakeTarget, connectorId: string): void;
  /** Sends what is due and waits for what is on its way. */
  close(): Promise<void>;
}

/** At most this often per workflow and process (design §6). */
const intervalMs = 250;

interface Pace {
  readonly timer: NodeJS.Timeout;
  again: boolean;
}

/** A waker that starts the workflow when it does not run. `send` replaces Temporal in tests. */
export function createWaker(client: Client, log: Log, send: typeof signalOrStart = signalOrStart): Waker {
  const paces = new Map<string, Pace>();
  const underWay = new Set<Promise<void>>();
  const sendNow = (target: WakeTarget, connectorId: string): void => {
    const sending = send(client, target, connectorId)
      .catch((error: unknown) => log.warn({ connectorId, target, error: error instanceof Error ? error.name : 'unknown' }, 'A wake was not taken; the sweep will find the work'))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const wake = (target: WakeTarget, connectorId: string): void => {
    const key = `${target}/${connectorId}`;
    const pace = paces.get(key);
    if (pace !== undefined) {
      pace.again = true;
      return;
    }
    const timer = setTimeout(() => {
      const due = paces.get(key)?.again ?? false;
      paces.delete(key);
      if (due) wake(target, connectorId);
    }, intervalMs).unref();
    paces.set(key, { timer, again: false });
    sendNow(target, connectorId);
  };
  return { wake, close: () => flush(paces, underWay, sendNow) };
}

async function flush(paces: Map<string, Pace>, underWay: ReadonlySet<Promise<void>>, sendNow: (target: WakeTarget, connectorId: string) => void): Promise<void> {
  for (const [key, pace] of paces) {
    clearTimeout(pace.timer);
    const [target, connectorId] = key.split('/') as [WakeTarget, string];
    if (pace.again) sendNow(target, connectorId);
  }
  paces.clear();
  await Promise.all(underWay);
}

const types = { connector: workflowTypes.connectorLifecycle, sync: workflowTypes.continuousSync, deliver: workflowTypes.deliver } as const;

/** Wakes one workflow, starting it when it does not run. Throws the client's errors. */
async function signalOrStart(client: Client, target: WakeTarget, connectorId: string): Promise<void> {
  await client.workflow.signalWithStart<(input: ConnectorInput) => Promise<void>>(types[target], {
    workflowId: workflowIds[target](connectorId), ...startOptions, args: [{ connectorId }], signal: wakeSignal,
  });
}
