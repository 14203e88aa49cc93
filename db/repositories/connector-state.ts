import { sql, type Selectable } from 'kysely';
import { syncStateOf, type ConnectorState, type Health, type Phase, type SyncState } from '../../domain/sync/connector-state.ts';
import type { Trx } from '../database.ts';
import type { ConnectorTable } from '../tables/connector.ts';

/** The columns that make up a connector's state. */
export type StateRow = Pick<Selectable<ConnectorTable>, 'phase' | 'paused' | 'health_in' | 'health_in_reason' | 'health_out' | 'health_out_reason'>;

/** A stored state as the domain has it. */
export function connectorStateOf(row: StateRow): ConnectorState {
  return { phase: row.phase, paused: row.paused, health: { in: healthOf(row.health_in, row.health_in_reason), out: healthOf(row.health_out, row.health_out_reason) } };
}

/** A stored state in one word. */
export function syncStateOfRow(row: StateRow): SyncState {
  return syncStateOf(connectorStateOf(row));
}

function healthOf(state: StateRow['health_in'], reason: string | null): Health {
  return state === 'ok' ? { state } : { state, reason: reason ?? '' };
}

/** Locks a connector's row and tells its state; undefined when there is none. */
export async function lockConnector(trx: Trx, connectorId: string): Promise<{ readonly phase: Phase; readonly paused: boolean } | undefined> {
  return trx.selectFrom('connector').select(['phase', 'paused']).where('id', '=', connectorId).forUpdate().executeTakeFirst();
}

/** Writes the phase; the caller has checked the transition under the lock. */
export async function setPhase(trx: Trx, connectorId: string, phase: Phase): Promise<void> {
  await trx.updateTable('connector').set({ phase, ...(phase === 'removed' ? { removed_at: sql<string>`clock_timestamp()` } : {}) }).where('id', '=', connectorId).execute();
}

/** Puts `sealed` in the place of the credentials of a connector that is removed: whoever reads the database later finds no login. */
export async function replaceCredentials(trx: Trx, connectorId: string, sealed: string): Promise<void> {
  await trx.updateTable('connector').set({ credentials: sealed }).where('id', '=', connectorId).execute();
}

/** Writes whether the connector is paused. */
export async function setPaused(trx: Trx, connectorId: string, paused: boolean): Promise<void> {
  await trx.updateTable('connector').set({ paused }).where('id', '=', connectorId).execute();
}
