import { byAddress } from '../db/repositories/references/named-things.ts';
import { namedStates } from '../db/repositories/references/claimed-things.ts';
import { awaitedDeliveries, releaseDeliveries } from '../db/repositories/references/waiting.ts';
import { loadConnector } from './connector-context.ts';
import { isConcerned } from './named-things.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

const atOnce = 1_000;

/** Deliveries that wait for things which are at the destination by now, and of which nobody told them, go on. Returns how many. */
export async function sweepAwaited(deps: OrchestrationDependencies): Promise<number> {
  const waiting = await awaitedDeliveries(deps.db, atOnce);
  let released = 0;
  for (const connectorId of new Set(waiting.map((one) => one.connectorId))) {
    const connector = await loadConnector(deps, connectorId);
    const records = waiting.flatMap((one) => (one.connectorId === connectorId ? [one.recordId] : []));
    const states = await namedStates(deps.db, connectorId, records);
    const absent = new Set(states.filter(({ dataType, linkedId, source }) => linkedId === null && source !== byAddress && isConcerned({ connector }, dataType)).map(({ recordId }) => recordId));
    const ready = records.filter((id) => !absent.has(id));
    if (ready.length === 0) continue;
    await releaseDeliveries(deps.db, connectorId, ready);
    deps.waker.wake('deliver', connectorId);
    released += ready.length;
  }
  return released;
}
