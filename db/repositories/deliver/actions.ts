import { sql, type Selectable } from 'kysely';
import { HubError } from '../../../domain/errors.ts';
import type { Db } from '../../database.ts';
import { inTransaction } from '../../transaction.ts';
import type { ActionTable } from '../../tables/flow.ts';
import type { SenderScope } from './sender.ts';

type Sender = Pick<SenderScope, 'connectorId' | 'epoch'>;

/** Actions that may be carried out now, in the order in which they were decided; none for the targets `held`. `erasures`: those that anonymise a contact and did not fail yet. */
export async function claimActions(db: Db, connectorId: string, held: readonly string[], limit: number, only: 'erasures' | 'all' = 'all'): Promise<readonly Selectable<ActionTable>[]> {
  const isChosen = only === 'all' ? sql<boolean>`true` : sql<boolean>`kind = 'contact.anonymise' and failures = 0`;
  return db.selectFrom('action').selectAll().where('connector_id', '=', connectorId).where('state', 'in', ['pending', 'sending'])
    .where(isChosen).where(sql<boolean>`target <> all(${[...held]}::text[])`)
    .orderBy('id').limit(limit).execute();
}

/** Targets with an action that is put off, each with the last such time. */
export async function heldTargets(db: Db, connectorId: string): Promise<readonly { readonly target: string; readonly notBefore: string }[]> {
  const { rows } = await sql<{ target: string; notBefore: string }>`
    select target, max(not_before) "notBefore" from action
    where connector_id = ${connectorId} and state in ('pending', 'sending') and not_before > clock_timestamp() group by target`.execute(db);
  return rows;
}

const isSender = ({ connectorId, epoch }: Sender) => sql<boolean>`exists (select 1 from connector c where c.id = ${connectorId} and c.sender_epoch = ${epoch})`;

/**
 * Marks an action as on its way, before the call: after a crash it is repeated only if that is harmless. Gives when the call was
 * begun; `undefined` when the action was settled meanwhile. Throws HubError SENDER_BUSY when a later sender has taken over.
 */
export async function markSending(db: Db, sender: Sender, id: number): Promise<string | undefined> {
  const begunAt = sql<string>`case when state = 'sending' then coalesce(begun_at, clock_timestamp()) else clock_timestamp() end`;
  const marked = await db.updateTable('action').set({ state: 'sending', begun_at: begunAt }).where('id', '=', id).where('state', 'in', ['pending', 'sending']).where(isSender(sender)).returning('begun_at').executeTakeFirst();
  if (marked === undefined) await requireSender(db, sender);
  return marked?.begun_at ?? undefined;
}

/** Takes the mark of `markSending` back: the call certainly did not arrive, so it may be made again. */
export async function unmarkSending(db: Db, sender: Sender, id: number): Promise<void> {
  await db.updateTable('action').set({ state: 'pending', begun_at: null }).where('id', '=', id).where('state', '=', 'sending').where(isSender(sender)).execute();
}

/** Says why an action waits, for who looks at it. */
export async function noteWaiting(db: Db, id: number, reason: string): Promise<void> {
  await db.updateTable('action').set({ reason }).where('id', '=', id).where('state', '=', 'pending').where((eb) => eb.or([eb('reason', 'is', null), eb('reason', '<>', reason)])).execute();
}

/** Settles one action. Throws HubError SENDER_BUSY when a later sender has taken over: what became of it is for that one to find out. */
export async function settleAction(
  db: Db, sender: Sender, id: number, result: { readonly state: 'done' | 'failed' | 'parked' | 'pending' | 'skipped'; readonly code?: string; readonly reason?: string; readonly notBefore?: string },
): Promise<void> {
  const settled = await db.updateTable('action').set({
    state: result.state, code: result.code ?? null, reason: result.reason ?? null, not_before: result.notBefore ?? null, failures: 0,
    ...(result.state === 'done' ? { payload: withoutAsked } : {}),
    settled_at: result.state === 'pending' ? null : new Date().toISOString(),
  }).where('id', '=', id).where(isSender(sender)).returning('id').executeTakeFirst();
  if (settled === undefined) await requireSender(db, sender);
}

/** What was asked for may hold what a person filled in: it is kept until it is carried out or set aside. */
export const withoutAsked = sql<string>`case when body_hash is null then payload else '{}'::json end`;

async function requireSender(db: Db, { connectorId, epoch }: Sender): Promise<void> {
  const row = await db.selectFrom('connector').select('sender_epoch').where('id', '=', connectorId).executeTakeFirst();
  if (row?.sender_epoch !== epoch) throw new HubError('SENDER_BUSY', 'Another process took over sending for this connector.', { connectorId });
}

/** Actions that failed while the connection works: remembered, so that they do not hold up the others for ever. */
export async function blameActions(db: Db, ids: readonly number[], weight: number): Promise<void> {
  if (ids.length > 0) await db.updateTable('action').set({ failures: sql<number>`failures + ${weight}` }).where('id', 'in', [...ids]).where('state', 'in', ['pending', 'sending']).execute();
}

/** An action's target was merged into another one: it goes there, unless it went there already. */
export async function moveAction(db: Db, action: Selectable<ActionTable>, target: string): Promise<void> {
  const cause = action.cause.endsWith(`@${action.target}`) ? `${action.cause.slice(0, -action.target.length)}${target}` : `${action.cause}@${target}`;
  await inTransaction(db, async (trx) => {
    await sql`
      insert into action (account_id, connector_id, kind, target, cause, payload)
      values (${action.account_id}, ${action.connector_id}, ${action.kind}, ${target}, ${cause}, ${JSON.stringify(action.payload)})
      on conflict (connector_id, cause) do nothing`.execute(trx);
    await trx.updateTable('action').set({ state: 'done', reason: `moved to ${target}, into which it was merged`, settled_at: new Date().toISOString() }).where('id', '=', action.id).execute();
  });
}
