import { sql } from 'kysely';
import { endOf, lostGrants, type LostGrant } from '../../../domain/consent/lost-grants.ts';
import type { LinkMemory } from '../../../domain/model/link-memory.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { WorkingRecord } from '../apply/types.ts';
import type { RematchScope } from './rematch-look.ts';
import type { Move } from './rematch-work.ts';

/** Evidence of the entry that ends a grant which is not that of the contact at a platform any more. */
export const wentAwayEvidence = 'the grant is that of another contact by now';

interface RecordGrant extends LostGrant {
  readonly record: WorkingRecord;
  /** The thing that came without the grant; absent where the grant went and the things stayed. */
  readonly thing?: Pick<Move, 'connectorId' | 'externalId'>;
}

/**
 * Where a grant and a contact at a platform where contacts are ours by link come apart, that contact is switched on by somebody else's word: a grant
 * leaves its record together with the prospect who made it, or a left-over contact comes to a record that nobody gave the grant. That is ended in
 * the ledger, a millisecond before the grant: it is switched off there, and counts again as soon as both are one. Returns the records with
 * what is decided now. The caller holds the locks of the records and their links; `moves` are done.
 */
export async function disownGrants(trx: Trx, scope: Pick<RematchScope, 'accountId' | 'reflecting' | 'now'>, records: readonly WorkingRecord[], moves: readonly Move[]): Promise<WorkingRecord[]> {
  const lost = [...records.flatMap((record) => lostTo(record, record)), ...lentGrants(scope.reflecting, records, moves)];
  const ended = lost.length === 0 ? [] : await switchedOn(trx, scope, lost);
  if (ended.length === 0) return [...records];
  await sql`
    insert into consent_event (account_id, record_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence)
    select ${scope.accountId}, e.record_id, e.permission, false, e.stated_at, ${scope.now}::timestamptz, e.connector_id, '', false, ${wentAwayEvidence}
    from unnest(${arrays.int8(ended.map(({ record }) => record.id))}, ${arrays.text(ended.map(({ permission }) => permission))}, ${arrays.timestamptz(ended.map((one) => endOf(one, scope.now)))},
      ${arrays.text(ended.map(({ grant }) => grant.connectorId))}) as e(record_id, permission, stated_at, connector_id)
    on conflict do nothing`.execute(trx);
  return records.map((record) => {
    const own = ended.filter((one) => one.record === record).map((one) => [one.permission, { state: 'withdrawn' as const, at: endOf(one, scope.now), connectorId: one.grant.connectorId }] as const)
      .toSorted(([, a], [, b]) => (a.at < b.at ? -1 : 1));
    return own.length === 0 ? record : { ...record, after: { ...record.after, consent: sorted({ ...record.after.consent, ...Object.fromEntries(own) }) } };
  });
}

const sorted = <Value>(byName: Readonly<Record<string, Value>>): Record<string, Value> => Object.fromEntries(Object.entries(byName).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What `before` was granted, and of which `record` knows nothing now. */
function lostTo(record: WorkingRecord, before: WorkingRecord | undefined): RecordGrant[] {
  return lostGrants(before?.before?.consent, record.after.consent).map((lost) => ({ ...lost, record }));
}

/** Contacts that came to another record may be on by what their old one was granted. */
function lentGrants(reflecting: RematchScope['reflecting'], records: readonly WorkingRecord[], moves: readonly Move[]): RecordGrant[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return moves.filter(({ connectorId }) => reflecting.has(connectorId)).flatMap(({ from, to, ...thing }) => {
    const taker = byId.get(to);
    return taker === undefined ? [] : lostTo(taker, byId.get(from)).map((grant) => ({ ...grant, thing }));
  });
}

/** Those that are on at a platform where contacts are ours by link, as far as is known. */
async function switchedOn(trx: Trx, { reflecting }: Pick<RematchScope, 'reflecting'>, lost: readonly RecordGrant[]): Promise<RecordGrant[]> {
  const { rows } = await sql<{ record_id: number; connector_id: string; external_id: string; permission: string; platform_key: string; held: LinkMemory['held']; sent: LinkMemory['sent'] }>`
    select l.record_id, l.connector_id, l.external_id, p.permission, p.platform_key, l.held, l.sent from link l join permission_link p on p.connector_id = l.connector_id
    where l.record_id = any(${arrays.int8(lost.map(({ record }) => record.id))}) and l.connector_id = any(${arrays.text([...reflecting])}) and l.data_type = 'contacts' and l.gone_at is null`.execute(trx);
  return lost.filter(({ record, permission, thing }) => rows.some((row) => row.record_id === record.id && row.permission === permission
    && (thing === undefined || (thing.connectorId === row.connector_id && thing.externalId === row.external_id))
    && (row.held[row.platform_key] === true || Object.values(row.sent).some(({ changes }) => changes[row.platform_key] === true))));
}
