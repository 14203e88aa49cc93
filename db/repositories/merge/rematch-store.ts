import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { moveCases } from '../bounces/cases.ts';
import { sharedKeyReason } from '../apply/resolve.ts';
import { insertMergeRequests, insertRecords } from '../apply/write.ts';
import { assignKeys, releaseKeys } from '../apply/keys.ts';
import type { LockedLook, RematchScope } from './rematch-look.ts';
import type { Mark, Move, RematchWork } from './rematch-work.ts';

/** Stores who is where and by which key. The merged views of the records that things left or joined are to be made afterwards. The caller holds all locks. */
export async function storeWork(trx: Trx, scope: RematchScope, look: LockedLook, work: RematchWork): Promise<void> {
  const { accountId } = scope;
  const space = { accountId, dataType: 'contacts', kind: scope.matching };
  await insertEmpty(trx, accountId, work.created);
  await moveThings(trx, work.moves);
  await storeMarks(trx, scope, work.marks);
  await assignKeys(trx, space, work.taken);
  await insertMergeRequests(trx, { accountId, dataType: 'contacts' }, work.merges.map((pair) => ({ ...pair, reason: sharedKeyReason })));
  await releaseKeys(trx, space, leftBehind(look, work));
  await dropOutdatedKeys(trx, scope, look.ids);
}

/** Keys of the new kind that may be nobody's by now: made for the lock only, or those that one of these records had and did not take again. */
function leftBehind({ ids, owners }: LockedLook, { taken }: RematchWork): string[] {
  const own = new Set(ids);
  return [...owners].flatMap(([value, owner]) => (!taken.has(value) && (owner === null || own.has(owner)) ? [value] : []));
}

async function insertEmpty(trx: Trx, accountId: string, ids: readonly number[]): Promise<void> {
  const empty = { dataType: 'contacts' as const, canonical: {}, provenance: {}, consent: {}, version: 1, deleted: false };
  await insertRecords(trx, accountId, 'contacts', ids.map((id) => ({ id, before: null, after: { ...empty, id } })));
}

const asRows = (moves: readonly Move[]): RawBuilder<unknown> => sql`(select x.*, 'contacts'::text as data_type from unnest(${arrays.text(moves.map((m) => m.connectorId))}, ${arrays.text(moves.map((m) => m.externalId))},
  ${arrays.int8(moves.map((m) => m.from))}, ${arrays.int8(moves.map((m) => m.to))}) as x(connector_id, external_id, from_id, to_id) offset 0) x`;

/** Moves things with what is theirs: what they said, their links and activities, the ledger; their targets are to be raised anew where they are. The caller holds all locks. */
export async function moveThings(trx: Trx, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const x = asRows(moves);
  const isThing = (t: string): RawBuilder<unknown> => sql`${sql.ref(`${t}.external_id`)} = x.external_id and ${sql.ref(`${t}.connector_id`)} = x.connector_id and ${sql.ref(`${t}.data_type`)} = x.data_type and ${sql.ref(`${t}.record_id`)} = x.from_id`;
  await sql`update source_record s set record_id = x.to_id from ${x} where ${isThing('s')}`.execute(trx);
  await sql`delete from delivery d using ${x} where d.record_id = x.from_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.external_id`.execute(trx);
  await sql`update link l set record_id = x.to_id, is_primary = false from ${x} where ${isThing('l')}`.execute(trx);
  await sql`update activity a set record_id = x.to_id from ${x} where a.contact_external_id = x.external_id and a.connector_id = x.connector_id and a.record_id = x.from_id`.execute(trx);
  await moveCases(trx, sql`select c.id case_id, x.to_id from ${x} join bounce_case c on c.contact_external_id = x.external_id and c.connector_id = x.connector_id and c.record_id = x.from_id`);
  await shareLedger(trx, x);
}

/**
 * Withdrawals hold on both sides, for everybody whom the record stood for; grants go with their own side only (design §9, `moveConsent`).
 */
async function shareLedger(trx: Trx, x: RawBuilder<unknown>): Promise<void> {
  const columns = sql.raw('permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence');
  const ofEvent = sql.raw('e.permission, e.granted, e.stated_at, e.received_at, e.connector_id, e.external_id, e.may_grant, e.evidence');
  await sql`
    insert into consent_event (account_id, record_id, ${columns})
    select e.account_id, p.to_id, ${ofEvent} from (select distinct from_id, to_id from ${x}) p join consent_event e on e.record_id = p.from_id where not e.granted
    on conflict do nothing`.execute(trx);
  const isOwnGrant = sql`e.record_id = x.from_id and e.connector_id = x.connector_id and e.external_id = x.external_id and e.granted`;
  await sql`
    insert into consent_event (account_id, record_id, ${columns})
    select e.account_id, x.to_id, ${ofEvent} from ${x} join consent_event e on ${isOwnGrant} on conflict do nothing`.execute(trx);
  await sql`delete from consent_event e using ${x} where ${isOwnGrant}`.execute(trx);
}

async function storeMarks(trx: Trx, { matching }: RematchScope, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return;
  await sql`
    update source_record s set match_kind = case when x.value is null then null else ${matching} end, match_value = x.value
    from (select x.*, 'contacts'::text as data_type from unnest(${arrays.text(marks.map((m) => m.connectorId))}, ${arrays.text(marks.map((m) => m.externalId))}, ${arrays.text(marks.map((m) => m.value))})
      as x(connector_id, external_id, value) offset 0) x
    where s.external_id = x.external_id and s.connector_id = x.connector_id and s.data_type = x.data_type`.execute(trx);
}

/** Keys of the kind by which the account matched before find nobody any more. */
async function dropOutdatedKeys(trx: Trx, { matching }: RematchScope, ids: readonly number[]): Promise<void> {
  await sql`delete from match_key where record_id = any(${arrays.int8(ids)}) and data_type = 'contacts' and scope = '' and kind <> ${matching}`.execute(trx);
}
