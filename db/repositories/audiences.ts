import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../binary-arrays.ts';
import type { Db, Trx } from '../database.ts';
import { inTransaction } from '../transaction.ts';
import { fence, type SenderScope } from './deliver/sender.ts';

/** One selection of a source at one destination. */
export interface AudienceKey {
  readonly sourceConnectorId: string;
  readonly listId: string;
}

/** In what a selection differs from what the destination is known to have of it. */
export interface AudienceDifference {
  readonly isMade: boolean;
  /** It is there under the name of an earlier sync. */
  readonly isRenamed: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Nobody stays who is in it. */
  readonly isWhole: boolean;
}

type Scope = SenderScope;

const isOf = ({ connectorId }: Pick<Scope, 'connectorId'>, { sourceConnectorId, listId }: AudienceKey): RawBuilder<boolean> =>
  sql<boolean>`connector_id = ${connectorId} and source_connector_id = ${sourceConnectorId} and list_id = ${listId}`;

/**
 * Plans an audience: wanted minus held, and what is to leave. What is about to change is marked in the same transaction, before any call, so that
 * after a crash nobody takes for certain what may or may not have been done: it is done again, or undone.
 * Throws HubError SENDER_BUSY when a later sender has taken over.
 */
export async function planAudience(db: Db, scope: Scope, key: AudienceKey, wanted: { readonly name: string; readonly memberIds: readonly string[] }): Promise<AudienceDifference> {
  return inTransaction(db, async (trx) => {
    await fence(trx, scope);
    await sql`
      insert into audience (account_id, connector_id, source_connector_id, list_id) values (${scope.accountId}, ${scope.connectorId}, ${key.sourceConnectorId}, ${key.listId})
      on conflict do nothing`.execute(trx);
    const known = await sql<{ name: string; isMade: boolean }>`select name, made_at is not null "isMade" from audience where ${isOf(scope, key)} for update`.execute(trx);
    const present = known.rows[0] ?? { name: '', isMade: false };
    const members = await compareMembers(trx, scope, key, wanted.memberIds);
    await markMembers(trx, scope, key, members);
    await sql`update audience set name = ${wanted.name} where ${isOf(scope, key)} and made_at is null`.execute(trx);
    return { isMade: present.isMade, isRenamed: present.isMade && present.name !== wanted.name, ...members };
  });
}

type Members = Pick<AudienceDifference, 'add' | 'remove' | 'isWhole'>;

async function compareMembers(trx: Trx, scope: Scope, key: AudienceKey, memberIds: readonly string[]): Promise<Members> {
  const { rows } = await sql<{ id: string; wanted: boolean; state: string | null }>`
    with present as (select external_id, state from audience_member where ${isOf(scope, key)}), w as (select distinct id from unnest(${arrays.text(memberIds)}) as t(id))
    select coalesce(w.id, present.external_id) id, w.id is not null wanted, present.state
    from w full join present on present.external_id = w.id where not (w.id is not null and present.state is not distinct from 'held') order by 1`.execute(trx);
  const kept = await sql<{ kept: boolean }>`
    select exists (select 1 from audience_member where ${isOf(scope, key)} and state = 'held' and external_id = any(${arrays.text(memberIds)})) kept`.execute(trx);
  return { add: rows.filter((row) => row.wanted).map((row) => row.id), remove: rows.filter((row) => !row.wanted).map((row) => row.id), isWhole: kept.rows[0]?.kept !== true };
}

async function markMembers(trx: Trx, scope: Scope, key: AudienceKey, { add, remove }: Members): Promise<void> {
  await putMembers(trx, scope, key, add, 'adding');
  await sql`update audience_member set state = 'removing' where ${isOf(scope, key)} and external_id = any(${arrays.text(remove)})`.execute(trx);
}

async function putMembers(trx: Trx, scope: Scope, key: AudienceKey, ids: readonly string[], state: 'adding' | 'held'): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into audience_member (account_id, connector_id, source_connector_id, list_id, external_id, state)
    select ${scope.accountId}, ${scope.connectorId}, ${key.sourceConnectorId}, ${key.listId}, id, ${state} from unnest(${arrays.text(ids)}) as t(id)
    on conflict (connector_id, source_connector_id, list_id, external_id) do update set state = excluded.state`.execute(trx);
}

/** What a part of the work did; see `ActionStep` of the platforms. */
export type AudienceStep =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'added' | 'removed'; readonly members: readonly string[] }
  | { readonly kind: 'emptied' | 'gone' };

/** Keeps what a part of the work did. Throws HubError SENDER_BUSY when a later sender has taken over. */
export async function recordAudienceStep(db: Db, scope: Scope, key: AudienceKey, wantedName: string, step: AudienceStep): Promise<void> {
  await inTransaction(db, async (trx) => {
    await fence(trx, scope);
    await sql`select 1 from audience where ${isOf(scope, key)} for update`.execute(trx);
    switch (step.kind) {
      case 'named': await sql`
        update audience set name = ${wantedName}, given_name = ${step.name}, made_at = coalesce(made_at, clock_timestamp()) where ${isOf(scope, key)}`.execute(trx); break;
      case 'added': await putMembers(trx, scope, key, step.members, 'held'); break;
      case 'removed': await sql`delete from audience_member where ${isOf(scope, key)} and external_id = any(${arrays.text(step.members)})`.execute(trx); break;
      case 'emptied': await sql`delete from audience_member where ${isOf(scope, key)} and state <> 'adding'`.execute(trx); break;
      case 'gone': await sql`delete from audience where ${isOf(scope, key)}`.execute(trx); break;
    }
  });
}

/** Whether the destination may have an audience of the selection: it was made, or was about to be. */
export async function mayHaveAudience(db: Db, connectorId: string, key: AudienceKey): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (select 1 from audience where ${isOf({ connectorId }, key)}) found`.execute(db);
  return rows[0]?.found ?? false;
}
