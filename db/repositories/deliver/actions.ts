import { sql, type Selectable } from 'kysely';
import type { Db } from '../../database.ts';
import type { ActionTable } from '../../tables/flow.ts';

/** Actions that may be carried out now, in the order in which they were decided. */
export async function claimActions(db: Db, connectorId: string, limit: number): Promise<readonly Selectable<ActionTable>[]> {
  return db.selectFrom('action').selectAll().where('connector_id', '=', connectorId).where('state', 'in', ['pending', 'sending'])
    .where((eb) => eb.or([eb('not_before', 'is', null), eb('not_before', '<=', sql<string>`clock_timestamp()`)]))
    .orderBy('id').limit(limit).execute();
}

/** Marks actions as on their way, before the call: after a crash they are repeated only if that is harmless. */
export async function markSending(db: Db, ids: readonly number[]): Promise<void> {
  await db.updateTable('action').set({ state: 'sending' }).where('id', 'in', [...ids]).execute();
}

/** Settles one action. */
export async function settleAction(
  db: Db, id: number, result: { readonly state: 'done' | 'failed' | 'pending'; readonly code?: string; readonly reason?: string; readonly notBefore?: string },
): Promise<void> {
  await db.updateTable('action').set({
    state: result.state, code: result.code ?? null, reason: result.reason ?? null, not_before: result.notBefore ?? null,
    settled_at: result.state === 'pending' ? null : new Date().toISOString(),
  }).where('id', '=', id).execute();
}

/** An action's target was merged into another one: it goes there, unless it went there already. */
export async function moveAction(db: Db, action: Selectable<ActionTable>, target: string): Promise<void> {
  const cause = action.cause.endsWith(`@${action.target}`) ? `${action.cause.slice(0, -action.target.length)}${target}` : `${action.cause}@${target}`;
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into action (account_id, connector_id, kind, target, cause, payload)
      values (${action.account_id}, ${action.connector_id}, ${action.kind}, ${target}, ${cause}, ${JSON.stringify(action.payload)})
      on conflict (connector_id, cause) do nothing`.execute(trx);
    await trx.updateTable('action').set({ state: 'done', reason: `moved to ${target}, into which it was merged`, settled_at: new Date().toISOString() }).where('id', '=', action.id).execute();
  });
}
