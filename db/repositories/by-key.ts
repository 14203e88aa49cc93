import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../binary-arrays.ts';

/** Things at one connector, by the primary key of `link` and `source_record`. */
export interface ThingSpace {
  readonly connectorId: string;
  readonly dataType: string;
}

/**
 * Arrays as joined rows that carry the connector and the data type as columns: `from ${keyed(space, sql`unnest(…) as x(external_id, …)`)}`
 * gives `x`. As constants in the condition they tempt the planner, before the first statistics exist, to read all rows of the connector
 * for a few of them; `offset 0` keeps it from seeing through.
 */
export function keyed({ connectorId, dataType }: ThingSpace, rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select x.*, ${connectorId}::text as connector_id, ${dataType}::text as data_type from ${rows} offset 0) x`;
}

/** `keyed` for nothing but external ids. */
export function keyedIds(space: ThingSpace, externalIds: readonly string[]): RawBuilder<unknown> {
  return keyed(space, sql`unnest(${arrays.text(externalIds)}) as x(external_id)`);
}
