import { sql } from 'kysely';
import { arrays } from '../binary-arrays.ts';
import type { Trx } from '../database.ts';

/** A version of a thing as a system stated it. */
interface InboundVersion {
  readonly dataType: string;
  readonly externalId: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Keyed digest of the content. */
  readonly digest: string;
}

/** Versions that one request states. */
export interface InboundVersions<Version extends InboundVersion> {
  readonly accountId: string;
  readonly connectorId: string;
  readonly versions: readonly Version[];
}

/**
 * Notes the newest of the versions of each thing, in the caller's transaction, and returns those that contradict the newest known one: the same
 * time with another digest. Of two requests at once the one that comes second sees the first. Idempotent.
 */
export async function inboundVersionsInConflict<Version extends InboundVersion>(trx: Trx, { accountId, connectorId, versions }: InboundVersions<Version>): Promise<readonly Version[]> {
  const stated = sql`unnest(${arrays.text(versions.map((one) => one.dataType))}, ${arrays.text(versions.map((one) => one.externalId))}, ${arrays.timestamptz(versions.map((one) => one.at))}, ${arrays.text(versions.map((one) => one.digest))})
    with ordinality as v(data_type, external_id, source_time, digest, n)`;
  await sql`
    insert into inbound_version as known (account_id, connector_id, data_type, external_id, source_time, digest)
    select distinct on (data_type, external_id) ${accountId}, ${connectorId}, data_type, external_id, source_time, digest from ${stated}
    order by data_type, external_id, source_time desc, n
    on conflict (connector_id, data_type, external_id) do update set source_time = excluded.source_time, digest = excluded.digest
    where known.source_time < excluded.source_time`.execute(trx);
  const { rows } = await sql<{ n: number }>`
    select v.n from ${stated} join inbound_version k on k.connector_id = ${connectorId} and k.data_type = v.data_type and k.external_id = v.external_id
    where k.source_time = v.source_time and k.digest <> v.digest`.execute(trx);
  const found = new Set(rows.map(({ n }) => Number(n)));
  return versions.filter((_version, index) => found.has(index + 1));
}
