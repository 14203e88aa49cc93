import { createHash } from 'node:crypto';
import { acceptInbound } from '../db/repositories/inbox-accept.ts';
import { HubError } from '../domain/errors.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { SourceChanged } from '../workflows/message-types.ts';
import { loadConnector } from './connector-context.ts';
import { dataTypeOf, type OrchestrationDependencies } from './orchestration.ts';

/** Activities of the signal `sourceChanged`. */
export function createSourceChangedActivities(deps: OrchestrationDependencies) {
  /**
   * Stores what a source system says has changed to the inbox, under a key of the signal's own, and wakes the workflow that reads it.
   * Idempotent. Throws NOT_IMPORTED for a type that the connector does not take in, CONNECTOR_STATE, CONNECTOR_UNKNOWN.
   */
  async function storeSourceChanged(input: { readonly connectorId: string; readonly change: SourceChanged; readonly key: string }): Promise<void> {
    const { row, platform } = await loadConnector(deps, input.connectorId);
    if (row.phase === 'removed') throw new HubError('CONNECTOR_STATE', `«${row.id}» was removed.`, { connectorId: row.id });
    const gate = isImported(row.preset as PresetId, dataTypeOf(input.change.dataType), platform.description);
    if (!gate.allowed) throw new HubError('NOT_IMPORTED', gate.reason, { connectorId: row.id });
    const { dataType, ids } = input.change;
    const payload = { dataType, ...(ids === undefined ? {} : { ids }) };
    await acceptInbound(deps.db, {
      accountId: row.account_id, connectorId: row.id, kind: 'source-changed', key: input.key, bodyHash: createHash('sha256').update(JSON.stringify(payload)).digest(),
      payload, rejected: [], answer: { status: 202, body: {} }, receivedAt: new Date(deps.now()).toISOString(),
    });
    deps.waker.wake('sync', row.id);
  }
  return { storeSourceChanged };
}
