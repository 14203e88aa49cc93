import { sql } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Db } from '../../database.ts';
import { keyed, type ThingSpace } from '../by-key.ts';

/** A record that is to get an address at a platform. */
export interface WantedAddress {
  readonly recordId: number;
  /** Normalised. */
  readonly email: string;
}

/** A thing at a platform that has, or is being given, an address which another record is to get there. */
export interface AddressHolder extends WantedAddress {
  readonly externalId: string;
  /** The record that it belongs to. */
  readonly from: number;
  /**
   * Nobody needs it where it is: it is left over from a merge, or of a record that is deleted or has no address any more; and what it says itself does not
   * make it a contact of that record (it has no merging key of its own), nor does an operator keep it there.
   */
  readonly isLeftOver: boolean;
}

/** More things than this with one address are not looked at together; a platform that finds things by their address has one. */
const mostAtOnce = 8;

/** Things of other records that have these addresses at one connector, by record and external id. Each address is looked up by itself, through the index. */
export async function findAddressHolders(db: Db, space: ThingSpace, wanted: readonly WantedAddress[]): Promise<readonly AddressHolder[]> {
  if (wanted.length === 0) return [];
  const { rows } = await sql<AddressHolder>`
    select x.record_id "recordId", x.email, l.external_id "externalId", l.record_id "from", (not l.is_primary or r.deleted or r.email is null) and not exists (
      select 1 from source_record s where s.external_id = l.external_id and s.connector_id = l.connector_id and s.data_type = l.data_type
        and (s.match_value is not null or s.pinned_record_id is not null)) "isLeftOver"
    from ${keyed(space, sql`unnest(${arrays.int8(wanted.map((w) => w.recordId))}, ${arrays.text(wanted.map((w) => w.email))}) as x(record_id, email)`)}
    join lateral (select * from link o where o.address = x.email and o.connector_id = x.connector_id and o.data_type = x.data_type and o.record_id <> x.record_id and o.gone_at is null
      order by o.external_id limit ${mostAtOnce}) l on true
    join lateral (select * from record m where m.id = l.record_id limit 1) r on true
    order by x.record_id, l.external_id`.execute(db);
  return rows;
}
