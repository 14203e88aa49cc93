import { sql } from 'kysely';
import { isSwitched, switchedReason } from '../../../domain/identity/switched.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { keyed } from '../by-key.ts';
import type { StoredLink } from './load.ts';
import type { Look } from './look.ts';
import type { ApplyInput } from './types.ts';

/** Code of a delivery that waits because its id belongs to another thing at the platform by now. */
export const switchedCode = 'CONTACT_SWITCHED';

interface Moved {
  readonly link: StoredLink;
  /** The platform's own id of the thing that has our id. */
  readonly to: string;
}

/** Whether a row shows our id at another thing than the link's. */
export function showsSwitch(link: Parameters<typeof isSwitched>[0], row: Pick<SourceRow, 'alternateId' | 'held' | 'deleted'>, addressKey: string | undefined): boolean {
  return row.deleted !== true && addressKey !== undefined && isSwitched(link, { alternateId: row.alternateId ?? null, address: row.held[addressKey] }, addressKey);
}

/**
 * Rows that show one of our ids at another thing are not applied: what they say is about somebody else. The links are marked and their
 * deliveries wait for an operator; where a read shows an id at its thing again, they go on. `named`: rows that carry an id of ours themselves. Needs
 * the locks of the page. Returns the connectors with work.
 */
export async function setAsideSwitched(trx: Trx, input: ApplyInput, look: Look, named: ReadonlySet<string>): Promise<readonly string[]> {
  const moved: Moved[] = [];
  const back: StoredLink[] = [];
  for (const [id, rows] of look.groups) {
    const link = look.links.get(id);
    if (link === undefined) continue;
    const strange = rows.filter((row) => showsSwitch(link, row, input.addressKey));
    const isNews = link.memory.readAt === null || input.readAt >= link.memory.readAt;
    if (strange.length > 0) {
      const rest = rows.filter((row) => !strange.includes(row));
      if (rest.length > 0) look.groups.set(id, rest);
      else look.groups.delete(id);
      const to = strange.at(-1)?.alternateId;
      if (isNews && to !== undefined) moved.push({ link, to });
    } else if (isNews && link.switchedTo !== null && rows.some(({ alternateId }) => alternateId !== undefined && named.has(alternateId))) back.push(link);
  }
  if (moved.length > 0) await markMoved(trx, input, moved);
  return back.length > 0 ? goOn(trx, input, back) : [];
}

async function markMoved(trx: Trx, input: ApplyInput, moved: readonly Moved[]): Promise<void> {
  const owners = await ownersOf(trx, input, moved.map(({ to }) => to));
  const sorted = moved.toSorted((a, b) => a.link.recordId - b.link.recordId || (a.link.externalId < b.link.externalId ? -1 : 1));
  const reasons = sorted.map(({ link, to }) => switchedReason({ externalId: link.externalId, recordId: link.recordId, otherRecord: owners.get(to) ?? null }));
  await sql`
    insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, code, reason, settled_at)
    select ${input.accountId}, ${input.connectorId}, ${input.dataType}, m.record_id, m.target, 1, 'parked', ${switchedCode}, m.reason, clock_timestamp()
    from unnest(${arrays.int8(sorted.map(({ link }) => link.recordId))}, ${arrays.text(sorted.map(({ link }) => link.externalId))}, ${arrays.text(reasons)}) as m(record_id, target, reason)
    on conflict (connector_id, data_type, record_id, target) do update set
      wanted = delivery.wanted + 1, state = 'parked', code = excluded.code, reason = excluded.reason, settled_at = excluded.settled_at`.execute(trx);
  await sql`
    update link l set switched_to = x.seen_at
    from ${keyed(input, sql`unnest(${arrays.text(moved.map(({ link }) => link.externalId))}, ${arrays.text(moved.map(({ to }) => to))}) as x(external_id, seen_at)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
}

async function ownersOf(trx: Trx, { connectorId, dataType }: ApplyInput, alternateIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ alternate_id: string; record_id: number }>`
    select alternate_id, record_id from link where connector_id = ${connectorId} and data_type = ${dataType} and alternate_id = any(${arrays.text(alternateIds)})`.execute(trx);
  return new Map(rows.map((row) => [row.alternate_id, row.record_id]));
}

async function goOn(trx: Trx, { connectorId, dataType }: ApplyInput, links: readonly StoredLink[]): Promise<readonly string[]> {
  const { rows } = await sql<{ record_id: number }>`
    update delivery set state = 'pending', wanted = wanted + 1, code = null, reason = null, pending_since = clock_timestamp()
    where record_id = any(${arrays.int8(links.map(({ recordId }) => recordId))}) and connector_id = ${connectorId} and data_type = ${dataType}
      and state in ('parked', 'skipped') and code = ${switchedCode} returning record_id`.execute(trx);
  await sql`
    update link l set switched_to = null from ${keyed({ connectorId, dataType }, sql`unnest(${arrays.text(links.map(({ externalId }) => externalId))}) as x(external_id)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
  return rows.length > 0 ? [connectorId] : [];
}
