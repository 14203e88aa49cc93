import { sql } from 'kysely';
import type { TypeWithDefaultSource } from '../../../domain/presets/default-source.ts';
import type { Db, Trx } from '../../database.ts';

/** How far stored records of a data type are merged anew, since another connector has the first word on it. */
export interface DefaultSourceRun {
  readonly accountId: string;
  readonly dataType: TypeWithDefaultSource;
  /** The connector for whose sake it is done. */
  readonly connectorId: string;
  readonly generation: number;
  /** Records up to this id are done. */
  readonly position: number;
  readonly total: number;
  readonly looked: number;
  /** Records that say something else than before. */
  readonly changed: number;
  /** Deliveries that were raised for them. */
  readonly raised: number;
}

const columns = sql`account_id "accountId", data_type "dataType", connector_id "connectorId", generation, position, total, looked, changed, raised`;

/** A run under way for the sake of a connector, or undefined. */
export async function findRunFor(db: Db, connectorId: string): Promise<DefaultSourceRun | undefined> {
  const { rows: [row] } = await sql<DefaultSourceRun>`select ${columns} from default_source_run where connector_id = ${connectorId} and state = 'running' order by data_type limit 1`.execute(db);
  return row;
}

/** All runs under way that the session sees. */
export async function runningRuns(db: Db): Promise<readonly DefaultSourceRun[]> {
  const { rows } = await sql<DefaultSourceRun>`select ${columns} from default_source_run where state = 'running' order by connector_id, data_type`.execute(db);
  return rows;
}

/** Notes a step in its own transaction. False when the run began anew meanwhile, or another has done the step: then nothing of it counts. */
export async function advanceRun(trx: Trx, run: DefaultSourceRun, step: Pick<DefaultSourceRun, 'position' | 'looked' | 'changed' | 'raised'>): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update default_source_run set position = ${step.position}, looked = looked + ${step.looked}, changed = changed + ${step.changed}, raised = raised + ${step.raised}
    where ${isStill(run)}`.execute(trx);
  return numAffectedRows === 1n;
}

/** All records are done. False when the run began anew meanwhile. */
export async function endRun(db: Db, run: DefaultSourceRun): Promise<boolean> {
  const { numAffectedRows } = await sql`update default_source_run set state = 'done', finished_at = clock_timestamp() where ${isStill(run)}`.execute(db);
  return numAffectedRows === 1n;
}

const isStill = ({ accountId, dataType, generation, position }: DefaultSourceRun) =>
  sql`account_id = ${accountId} and data_type = ${dataType} and state = 'running' and generation = ${generation} and position = ${position}`;
