import { sql, type RawBuilder } from 'kysely';
import type { Trx } from '../../database.ts';
import { withoutAsked } from '../deliver/actions.ts';
import { switchedCode } from '../apply/switched.ts';
import { giveUpMovedIds } from './give-up-ids.ts';
import { parseFailedId, type FailedId, type FailedKind } from './failed-id.ts';
import { recordCodes } from './record-codes.ts';

/** Which failed things of a connector: all, those with one code, or those with these ids (`parseFailedId`). */
export interface FailedChoice {
  readonly code?: string;
  readonly ids?: readonly string[];
}

/** How many of each kind were changed. */
export type SettledCounts = Readonly<Record<FailedKind, number>>;

/** What a retry did. */
export interface Retried {
  readonly retried: SettledCounts;
  /** Chosen ones that only their source can put right, by sending them again, and actions that may have been carried out: each is a question of its own. */
  readonly left: { readonly record: number; readonly list: number; readonly action: number };
  /** Whether the connector waited on the ladder or for an operator. */
  readonly waitEnded: boolean;
}

/**
 * Makes failed deliveries, actions and inbox requests due again, at once, and takes failed calls off the list: they are made anew.
 * What is left of a wait on the ladder is ended, and the connector's health is ok until the next attempt. Rejected records and
 * list syncs go on only when their source sends again: they are left, and counted. What may have been sent before is sent anew only when
 * it is chosen by its id, and an id of ours that another thing has is given up only then, or by its code. Contacts that a platform has blocked are
 * tried again when their code is chosen. Throws NOT_FOUND for an id that is none.
 */
export async function retryFailed(trx: Trx, connectorId: string, choice: FailedChoice): Promise<Retried> {
  const ids = parseChoice(connectorId, choice);
  const isMeant = ids !== undefined || choice.code === switchedCode;
  const givenUp = isMeant ? await giveUpMovedIds(trx, connectorId, deliveryChoice(ids, choice)) : 0;
  const delivery = await sql`
    update delivery set state = 'pending', wanted = greatest(wanted, delivered + 1), failures = 0, code = null, reason = null, settled_at = null, pending_since = clock_timestamp()
    where connector_id = ${connectorId} and (state = 'failed' or (state = 'excluded' and code = 'RECORD_OPTED_OUT' and ${choice.code === 'RECORD_OPTED_OUT'}::boolean)) and ${deliveryChoice(ids, choice)}`.execute(trx);
  const action = await sql`
    update action set state = 'pending', failures = 0, code = null, reason = null, not_before = null, settled_at = null
    where connector_id = ${connectorId} and (state = 'failed' or (state = 'parked' and code is not null)) and ${numberedChoice('action', ids, choice)} and (${ids !== undefined}::boolean or not ${isDoubtful})`.execute(trx);
  const inbox = await sql`
    update inbox set state = 'new', failures = 0, code = null, reason = null, begun_at = case when ${ids === undefined}::boolean then begun_at end
    where connector_id = ${connectorId} and state = 'failed' and ${numberedChoice('inbox', ids, choice)}`.execute(trx);
  const call = await sql`
    update call_attempt set state = 'resolved', next_attempt_at = null
    where connector_id = ${connectorId} and state = 'open' and not code = any(${recordCodes}::text[]) and ${numberedChoice('call', ids, choice)}`.execute(trx);
  const left = await countLeft(trx, connectorId, ids, choice);
  const retried = counts({ delivery, action, call, inbox });
  return { retried: { ...retried, delivery: retried.delivery + givenUp }, left, waitEnded: await endWaits(trx, connectorId) };
}

/** Nobody knows whether it was carried out. */
const isDoubtful = sql<boolean>`coalesce(code, '') = 'PLATFORM_OUTCOME_UNKNOWN'`;

async function countLeft(trx: Trx, connectorId: string, ids: readonly FailedId[] | undefined, choice: FailedChoice): Promise<Retried['left']> {
  const { rows: [left] } = await sql<Retried['left']>`
    select (select count(*) from rejected_record where connector_id = ${connectorId} and state = 'open' and ${numberedChoice('record', ids, choice)}) record,
      (select count(*) from list_sync where connector_id = ${connectorId} and state = 'parked' and ${listChoice(ids, choice)}) list,
      (select count(*) from action where connector_id = ${connectorId} and state = 'parked' and ${isDoubtful} and ${ids === undefined}::boolean and ${numberedChoice('action', ids, choice)}) action`.execute(trx);
  return left ?? { record: 0, list: 0, action: 0 };
}

/**
 * Sets failed things aside: they are shown no more and never sent, until the record changes again.
 * Throws NOT_FOUND for an id that is none.
 */
export async function skipFailed(trx: Trx, connectorId: string, choice: FailedChoice): Promise<SettledCounts> {
  const ids = parseChoice(connectorId, choice);
  const delivery = await sql`
    update delivery set state = 'skipped', settled_at = clock_timestamp()
    where connector_id = ${connectorId} and (state = 'failed' or (state = 'parked' and code = ${switchedCode})) and ${deliveryChoice(ids, choice)}`.execute(trx);
  const action = await sql`
    update action set state = 'skipped', payload = ${withoutAsked}, settled_at = clock_timestamp()
    where connector_id = ${connectorId} and (state = 'failed' or (state = 'parked' and code is not null)) and ${numberedChoice('action', ids, choice)}`.execute(trx);
  const record = await sql`
    update rejected_record set state = 'skipped'
    where connector_id = ${connectorId} and state = 'open' and ${numberedChoice('record', ids, choice)}`.execute(trx);
  const call = await sql`
    update call_attempt set state = 'skipped'
    where connector_id = ${connectorId} and state = 'open' and not code = any(${recordCodes}::text[]) and ${numberedChoice('call', ids, choice)}`.execute(trx);
  const inbox = await sql`
    update inbox set state = 'applied', reason = 'set aside by an operator', applied_at = clock_timestamp(), payload = case when kind <> 'subscription' then payload end
    where connector_id = ${connectorId} and state = 'failed' and ${numberedChoice('inbox', ids, choice)}`.execute(trx);
  const list = await sql`
    update list_sync set state = 'superseded', reason = 'set aside by an operator'
    where connector_id = ${connectorId} and state = 'parked' and ${listChoice(ids, choice)}`.execute(trx);
  return counts({ delivery, action, record, call, inbox, list });
}

/** Ends the waits of the connector's credential, in both directions. Says whether there was one. */
async function endWaits(trx: Trx, connectorId: string): Promise<boolean> {
  const { rows: [row] } = await sql<{ credential_key: string }>`select credential_key from connector where id = ${connectorId}`.execute(trx);
  if (row === undefined) return false;
  const held = await sql`delete from hold where credential_key = ${row.credential_key}`.execute(trx);
  const unwell = await sql`
    update connector set health_in = 'ok', health_in_reason = null, health_out = 'ok', health_out_reason = null
    where credential_key = ${row.credential_key} and phase <> 'removed' and (health_in <> 'ok' or health_out <> 'ok')`.execute(trx);
  return [held, unwell].some(({ numAffectedRows }) => (numAffectedRows ?? 0n) > 0n);
}

function parseChoice(connectorId: string, choice: FailedChoice): readonly FailedId[] | undefined {
  return choice.ids?.map(parseFailedId).filter((id) => id.connectorId === connectorId);
}

function deliveryChoice(ids: readonly FailedId[] | undefined, choice: FailedChoice): RawBuilder<unknown> {
  if (ids === undefined) return codeChoice(choice);
  const chosen = ids.flatMap((id) => (id.kind === 'delivery' ? [id] : []));
  return sql`(data_type, record_id, target) in (select * from unnest(${chosen.map((id) => id.dataType)}::text[], ${chosen.map((id) => id.recordId)}::bigint[], ${chosen.map((id) => id.target)}::text[]))`;
}

function numberedChoice(kind: 'action' | 'record' | 'call' | 'inbox', ids: readonly FailedId[] | undefined, choice: FailedChoice): RawBuilder<unknown> {
  if (ids === undefined) return kind === 'inbox' ? sql`(${choice.code === undefined}::boolean or coalesce(code, 'INTERNAL') = ${choice.code ?? ''})` : codeChoice(choice);
  return sql`id = any(${ids.flatMap((id) => (id.kind === kind ? [id.id] : []))}::bigint[])`;
}

function listChoice(ids: readonly FailedId[] | undefined, choice: FailedChoice): RawBuilder<unknown> {
  if (ids === undefined) return sql`${choice.code === undefined || choice.code === 'LIST_PAGES_MISSING'}::boolean`;
  return sql`sync_id = any(${ids.flatMap((id) => (id.kind === 'list' ? [id.syncId] : []))}::text[])`;
}

function codeChoice(choice: FailedChoice): RawBuilder<unknown> {
  return choice.code === undefined ? sql`true` : sql`code = ${choice.code}`;
}

function counts(results: Partial<Record<FailedKind, { readonly numAffectedRows?: bigint }>>): SettledCounts {
  const count = (kind: FailedKind): number => Number(results[kind]?.numAffectedRows ?? 0);
  return { delivery: count('delivery'), action: count('action'), record: count('record'), call: count('call'), inbox: count('inbox'), list: count('list') };
}
