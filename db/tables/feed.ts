import type { DefaultJson, DefaultTime, Generated, Json } from './columns.ts';

/** One entry of a connector's change feed, in the order (xid, seq). */
export interface ChangeFeedTable {
  account_id: string;
  connector_id: string;
  /** The transaction that wrote it, as text. */
  xid: Generated<string>;
  seq: Generated<number>;
  key: string;
  data_type: string;
  kind: 'upserted' | 'deleted' | 'happened';
  /** The thing's id at the system. */
  external_id: string;
  changes: DefaultJson<string[]>;
  data: Json<unknown>;
  /** The record whose data it holds; null where it is none of a record's. */
  record_id: number | null;
  created_at: DefaultTime;
}

/** The last entry that is kept no more. */
export interface ChangeFeedCutTable {
  account_id: string;
  connector_id: string;
  xid: string;
  seq: number;
  cut_at: DefaultTime;
}
