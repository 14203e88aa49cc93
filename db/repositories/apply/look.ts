import { sql } from 'kysely';
import type { Fields } from '../../../domain/model/fields.ts';
import type { MergedRecord } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { keyedIds } from '../by-key.ts';
import { StaleLook } from '../repeat-on-conflict.ts';
import { namesOfAlternates } from './adopt-links.ts';
import { mergingKeyOf, mergingKindOf } from '../../../domain/identity/match-keys.ts';
import { groupRows } from './judge.ts';
import { lockKeys, type KeySpace } from './keys.ts';
import { lockLinks, lockRecords, lockSources, type StoredLink, type StoredSource } from './load.ts';
import type { ApplyInput } from './types.ts';

/** What a page found when it had all its locks. */
export interface Look {
  readonly groups: Map<string, ApplyInput['rows'][number][]>;
  readonly sources: Map<string, StoredSource>;
  readonly links: Map<string, StoredLink>;
  readonly owners: Map<string, number | null>;
  /** Record ids of the keys that are new, see lockKeys. */
  readonly reserved: ReadonlyMap<string, number>;
  readonly records: Map<number, MergedRecord>;
  /** Deliveries at the page's own connector that are to be sent, or are just being sent: names by `deliveryName`. */
  readonly pending: ReadonlySet<string>;
}

/** The name of a delivery among those of one connector. */
export const deliveryName = (recordId: number, target: string): string => `${recordId}/${target}`;

/** Takes all locks in the fixed order: keys, records, source records, deliveries, links. */
export async function lockEverything(trx: Trx, input: ApplyInput, space: KeySpace): Promise<Look> {
  const groups = groupRows(input.rows);
  const ids = [...groups.keys()];
  const seen = await preview(trx, input, ids);
  const keys = [...groups.values()].flat().map((row) => mergingKeyOf(input.dataType, row.canonical, input.matching));
  const wanted = [...keys, ...seen.map((row) => knownKey(row, input))].filter((key): key is string => key !== null);
  const { owners, reserved } = await lockKeys(trx, space, wanted);
  const known = [...owners.values(), ...seen.flatMap((row) => [row.record_id, row.link_record_id])].filter((id): id is number => id !== null);
  const recordIds = [...new Set(known)].sort((a, b) => a - b);
  const records = await lockRecords(trx, recordIds);
  if (records.size !== recordIds.length) throw new StaleLook('a record was merged meanwhile');
  const sources = await lockSources(trx, input.connectorId, input.dataType, ids);
  for (const stored of sources.values()) if (!records.has(stored.recordId)) throw new StaleLook('a source record moved meanwhile');
  const pending = await lockDeliveries(trx, input, recordIds);
  const links = await lockLinks(trx, input.connectorId, input.dataType, ids);
  for (const link of links.values()) if (!records.has(link.recordId)) throw new StaleLook('a link moved meanwhile');
  if ((await namesOfAlternates(trx, input, input.rows)).size > 0) throw new StaleLook('a thing got its id meanwhile');
  for (const [id, stored] of sources) sources.set(id, stored.matchKind === space.kind ? stored : { ...stored, matchValue: null });
  return { groups, sources, links, owners, reserved, records, pending };
}

async function lockDeliveries(trx: Trx, { connectorId, dataType }: ApplyInput, recordIds: readonly number[]): Promise<ReadonlySet<string>> {
  if (recordIds.length === 0) return new Set();
  const { rows } = await sql<{ record_id: number; target: string; is_pending: boolean }>`
    select record_id, target, connector_id = ${connectorId} and data_type = ${dataType} and state = 'pending' as is_pending
    from delivery where record_id = any(${arrays.int8(recordIds)}) order by record_id, connector_id, data_type, target for update`.execute(trx);
  return new Set(rows.filter((row) => row.is_pending).map((row) => deliveryName(row.record_id, row.target)));
}

interface Preview {
  record_id: number | null; link_record_id: number | null; match_kind: string | null; match_value: string | null; canonical: Fields | null;
}

/** The key that a source record has, or may get although no row of the page names it. */
function knownKey(row: Preview, { dataType, matching }: ApplyInput): string | null {
  if (row.match_kind === mergingKindOf(dataType, matching)) return row.match_value;
  return row.canonical === null ? null : mergingKeyOf(dataType, row.canonical, matching);
}

async function preview(trx: Trx, input: ApplyInput, ids: readonly string[]) {
  const { rows } = await sql<Preview>`
    select s.record_id, s.match_kind, s.match_value, case when s.match_kind is distinct from ${mergingKindOf(input.dataType, input.matching)} then s.canonical end as canonical, l.record_id as link_record_id from ${keyedIds(input, ids)}
    left join source_record s on s.external_id = x.external_id and s.connector_id = x.connector_id and s.data_type = x.data_type
    left join link l on l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type
    where s.record_id is not null or l.record_id is not null`.execute(trx);
  return rows;
}
