import { sql } from 'kysely';
import type { SourceRow } from '../../../domain/model/source-record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { keyed } from '../by-key.ts';
import { showsSwitch } from './switched.ts';

/** Prefix of the id under which a thing is kept that does not carry an id of ours yet. */
export const alternatePrefix = 'enc:';

interface Things { readonly connectorId: string; readonly dataType: string; readonly addressKey?: string }

type Named = Pick<SourceRow, 'externalId' | 'alternateId' | 'held' | 'deleted'>;

/**
 * A thing that was known by its second id only and now carries a first one (we gave it the id, or somebody did) keeps its history:
 * link, source record, deliveries, activities and consent move to the first id. A row that was read before it got the id, and is applied
 * after, is taken for the thing that it is. Returns the rows with the ids that they have now.
 */
export async function adoptAlternates<Row extends Named>(trx: Trx, things: Things, rows: readonly Row[]): Promise<readonly Row[]> {
  await adoptNamed(trx, things, rows);
  const names = await namesOfAlternates(trx, things, rows);
  return names.size === 0 ? rows : rows.map((row) => ({ ...row, externalId: names.get(row.externalId) ?? row.externalId }));
}

async function adoptNamed(trx: Trx, { connectorId, dataType, addressKey }: Things, rows: readonly Named[]): Promise<void> {
  const named = new Map(rows.flatMap(({ alternateId, externalId }) => (alternateId === undefined || externalId.startsWith(alternatePrefix) ? [] : [[alternateId, externalId] as const])));
  if (named.size === 0) return;
  const { rows: links } = await sql<{ alternate_id: string; external_id: string }>`
    select l.alternate_id, l.external_id from ${keyed({ connectorId, dataType }, sql`unnest(${[...named.keys()]}::text[]) as x(alternate_id)`)}
    join link l on l.connector_id = x.connector_id and l.data_type = x.data_type and l.alternate_id = x.alternate_id`.execute(trx);
  const pairs = links.map((link) => ({ from: link.external_id, to: named.get(link.alternate_id) ?? link.external_id })).filter(({ from, to }) => from !== to);
  await renameThings(trx, connectorId, dataType, addressKey === undefined ? pairs : await withoutSwitched(trx, { connectorId, dataType, addressKey }, rows, pairs));
}

/** Not those to an id that is another thing's: a page that shows this sets it aside. */
async function withoutSwitched(trx: Trx, { connectorId, dataType, addressKey }: Required<Things>, rows: readonly Named[], pairs: readonly Pair[]): Promise<readonly Pair[]> {
  if (pairs.length === 0) return pairs;
  const taken = await trx.selectFrom('link').select(['external_id', 'alternate_id', 'held', 'sent']).where('connector_id', '=', connectorId).where('data_type', '=', dataType)
    .where('external_id', 'in', pairs.map(({ to }) => to)).where('gone_at', 'is', null).execute();
  const links = new Map(taken.map((link) => [link.external_id, { alternateId: link.alternate_id, memory: { held: link.held, sent: link.sent } }]));
  const switched = new Set(rows.filter((row) => showsSwitch(links.get(row.externalId) ?? unknownThing, row, addressKey)).map((row) => row.externalId));
  return pairs.filter(({ to }) => !switched.has(to));
}

const unknownThing = { alternateId: null, memory: { held: {}, sent: {} } };

interface Pair { readonly from: string; readonly to: string }

/** The first ids of things that rows name by their second one, by the id in the row. */
export async function namesOfAlternates(trx: Trx, { connectorId, dataType }: Things, rows: readonly Pick<SourceRow, 'externalId'>[]): Promise<ReadonlyMap<string, string>> {
  const alternates = rows.filter((row) => row.externalId.startsWith(alternatePrefix)).map((row) => row.externalId.slice(alternatePrefix.length));
  if (alternates.length === 0) return new Map();
  const { rows: links } = await sql<{ alternate_id: string; external_id: string }>`
    select alternate_id, external_id from link where connector_id = ${connectorId} and data_type = ${dataType} and alternate_id = any(${arrays.text(alternates)})
      and external_id <> ${alternatePrefix} || alternate_id order by external_id`.execute(trx);
  return new Map(links.map((link) => [`${alternatePrefix}${link.alternate_id}`, link.external_id]));
}

/**
 * Renames things everywhere their ids are kept, in one statement a table. Where both ids are known, as two things of one record, the old one
 * was the new one all the time: what was said under it stays in the ledger, the rest goes. Where they are of two records, the platform gave the
 * thing of the old id to the new one (by its address): the old link is gone.
 */
export async function renameThings(trx: Trx, connectorId: string, dataType: string, pairs: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  if (pairs.length === 0) return;
  const x = keyed({ connectorId, dataType }, sql`unnest(${arrays.text(pairs.map((p) => p.from))}, ${arrays.text(pairs.map((p) => p.to))}) as x(old_id, new_id)`);
  for (const table of ['source_record', 'link']) {
    await sql`
      update ${sql.table(table)} t set external_id = x.new_id from ${x} where t.external_id = x.old_id and t.connector_id = x.connector_id and t.data_type = x.data_type
        and not exists (select 1 from ${sql.table(table)} o where o.external_id = x.new_id and o.connector_id = x.connector_id and o.data_type = x.data_type)`.execute(trx);
    await sql`
      delete from ${sql.table(table)} t using ${x} join ${sql.table(table)} o on o.external_id = x.new_id and o.connector_id = x.connector_id and o.data_type = x.data_type
      where t.external_id = x.old_id and t.connector_id = x.connector_id and t.data_type = x.data_type and t.record_id = o.record_id`.execute(trx);
  }
  await sql`
    update link t set gone_at = clock_timestamp(), alternate_id = null from ${x}
    where t.external_id = x.old_id and t.connector_id = x.connector_id and t.data_type = x.data_type`.execute(trx);
  await renameTargets(trx, x);
  await renameInLedger(trx, x);
  await sql`update activity a set contact_external_id = x.new_id from ${x} where a.connector_id = x.connector_id and a.contact_external_id = x.old_id`.execute(trx);
}

const linked = sql`join link l on l.external_id = x.new_id and l.connector_id = x.connector_id and l.data_type = x.data_type`;

async function renameTargets(trx: Trx, x: ReturnType<typeof sql>): Promise<void> {
  const isOld = sql`d.record_id = l.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.old_id`;
  const isTaken = sql`exists (select 1 from delivery o where o.record_id = l.record_id and o.connector_id = x.connector_id and o.data_type = x.data_type and o.target = x.new_id)`;
  await sql`update delivery d set target = x.new_id from ${x} ${linked} where ${isOld} and not ${isTaken}`.execute(trx);
  await sql`
    update delivery d set wanted = d.wanted + 1, state = old.state, reason = old.reason, code = old.code, lane = least(d.lane, old.lane)
    from ${x} ${linked} join delivery old on old.record_id = l.record_id and old.connector_id = x.connector_id and old.data_type = x.data_type and old.target = x.old_id
    where d.record_id = l.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.new_id
      and old.state in ('pending', 'parked') and d.state <> 'pending'`.execute(trx);
  await sql`delete from delivery d using ${x} ${linked} where ${isOld} and ${isTaken}`.execute(trx);
}

async function renameInLedger(trx: Trx, x: ReturnType<typeof sql>): Promise<void> {
  const columns = sql.raw('account_id, record_id, permission, granted, stated_at, received_at, connector_id, may_grant, evidence');
  const isOld = sql`e.record_id = l.record_id and e.connector_id = x.connector_id and e.external_id = x.old_id`;
  await sql`
    insert into consent_event (${columns}, external_id)
    select e.account_id, e.record_id, e.permission, e.granted, e.stated_at, e.received_at, e.connector_id, e.may_grant, e.evidence, x.new_id
    from ${x} ${linked} join consent_event e on ${isOld} on conflict do nothing`.execute(trx);
  await sql`delete from consent_event e using ${x} ${linked} where ${isOld}`.execute(trx);
}
