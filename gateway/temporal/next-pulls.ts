import type { Client } from '@temporalio/client';

const timeoutMs = 2_000;
const prefix = 'pull/';

/** The next pull of each connector, by connector id, as ISO text; empty when Temporal does not answer: a status never fails for want of it. */
export async function nextPulls(client: Client): Promise<ReadonlyMap<string, string>> {
  const next = new Map<string, string>();
  try {
    await client.withDeadline(Date.now() + timeoutMs, async () => {
      for await (const { scheduleId, info } of client.schedule.list()) {
        const [, connectorId] = scheduleId.startsWith(prefix) ? scheduleId.split('/') : [];
        const at = info?.nextActionTimes[0]?.toISOString();
        if (connectorId !== undefined && at !== undefined) keepEarlier(next, connectorId, at);
      }
    });
  } catch {
    return new Map();
  }
  return next;
}

function keepEarlier(next: Map<string, string>, connectorId: string, at: string): void {
  const known = next.get(connectorId);
  if (known === undefined || at < known) next.set(connectorId, at);
}
