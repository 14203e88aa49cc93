import type { Client } from '@temporalio/client';
import type { Log } from '../../activities/dependencies.ts';
import { taskQueue, workflowIds, workflowTypes } from '../../workflows/ids.ts';
import type { ConnectorInput } from '../../workflows/message-types.ts';
import { wakeSignal } from '../../workflows/messages.ts';

/** Wakes are hints: they may be merged and may be lost, the sweep finds what a lost one left behind. */
export interface Waker {
  /** Returns at once. The first wake goes out at once, later ones of the same connector at most once per interval. */
  wake(connectorId: string): void;
  /** Sends what is due and waits for what is on its way. */
  close(): Promise<void>;
}

/** At most this often per connector and process (design §6). */
const intervalMs = 250;

interface Target {
  timer: NodeJS.Timeout | undefined;
  again: boolean;
}

/** A waker that sends with `send` and only logs what fails. */
export function createWaker(send: (connectorId: string) => Promise<void>, log: Log): Waker {
  const targets = new Map<string, Target>();
  const underWay = new Set<Promise<void>>();
  const sendNow = (connectorId: string): void => {
    const sending = send(connectorId)
      .catch((error: unknown) => log.warn({ connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'A wake was not taken; the sweep will find the work'))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
    const target: Target = { again: false, timer: setTimeout(() => onInterval(connectorId, target), intervalMs).unref() };
    targets.set(connectorId, target);
  };
  const onInterval = (connectorId: string, target: Target): void => {
    targets.delete(connectorId);
    if (target.again) sendNow(connectorId);
  };
  return {
    wake: (connectorId) => {
      const target = targets.get(connectorId);
      if (target === undefined) sendNow(connectorId);
      else target.again = true;
    },
    close: async () => {
      for (const [connectorId, target] of targets) {
        clearTimeout(target.timer);
        if (target.again) sendNow(connectorId);
      }
      for (const target of targets.values()) clearTimeout(target.timer);
      await Promise.all(underWay);
    },
  };
}

/** Wakes the workflow that drains a connector's inbox, starting it when it does not run. Throws the client's errors. */
export async function wakeContinuousSync(client: Client, connectorId: string): Promise<void> {
  await client.workflow.signalWithStart<(input: ConnectorInput) => Promise<void>>(workflowTypes.continuousSync, {
    workflowId: workflowIds.sync(connectorId), taskQueue, args: [{ connectorId }], signal: wakeSignal,
  });
}
