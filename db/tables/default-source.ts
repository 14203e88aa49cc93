import type { Generated } from 'kysely';
import type { DefaultTime, OptionalTime } from './columns.ts';

/** By whose word records of a data type are merged first. */
export interface DefaultSourceTable {
  account_id: string;
  data_type: string;
  /** Null: nobody's. */
  connector_id: string | null;
}

/** How far stored records are merged anew. */
export interface DefaultSourceRunTable {
  account_id: string;
  data_type: string;
  /** The connector for whose sake it is done: the one that has the first word now, or that had it last. */
  connector_id: string;
  generation: Generated<number>;
  state: Generated<'running' | 'done'>;
  /** Records up to this id are done. */
  position: Generated<number>;
  total: number;
  looked: Generated<number>;
  changed: Generated<number>;
  raised: Generated<number>;
  started_at: DefaultTime;
  finished_at: OptionalTime;
}
