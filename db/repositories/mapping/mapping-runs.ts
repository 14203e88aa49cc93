import { sql } from 'kysely';
import type { Mapping } from '../../../domain/mapping/mapping.ts';
import type { Db, Trx } from '../../database.ts';

/** How far the stored records of one connector are in line with its mapping. */
export interface MappingRun {
  readonly connectorId: string;
  readonly state: 'running' | 'done';
  /** The mapping by which stored payloads were read until now; null when only what is written has changed. */
  readonly before: Mapping | null;
  readonly generation: number;
  /** Records up to this id are done. */
  readonly position: number;
  readonly total: number;
  readonly looked: number;
  /** Source records that say something else than before. */
  readonly derived: number;
  /** Deliveries that are planned anew. */
  readonly raised: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** What one step of a run did. */
export type RunStep = Pick<MappingRun, 'position' | 'looked' | 'derived' | 'raised'>;

const columns = sql`connector_id "connectorId", state, before, generation, position, total, looked, derived, raised, started_at "startedAt", finished_at "finishedAt"`;

/**
 * Begins to bring the stored records of a connector in line with another mapping, in the transaction that stores it. Whoever works
 * with the old one finds out by the generation, and pages of his that are not committed yet are waited for. A run under way begins
 * anew, and goes on to read payloads anew when it did.
 */
export async function beginMappingRun(trx: Trx, { accountId, connectorId, before }: { readonly accountId: string; readonly connectorId: string; readonly before: Mapping | null }): Promise<void> {
  const { mapping_generation: generation } = await trx.updateTable('connector').set({ mapping_generation: sql<number>`mapping_generation + 1` })
    .where('id', '=', connectorId).returning('mapping_generation').executeTakeFirstOrThrow();
  await sql`
    insert into mapping_run as m (account_id, connector_id, data_type, generation, before, total)
    select ${accountId}, ${connectorId}, 'contacts', ${generation}, ${before === null ? null : JSON.stringify(before)}::json, count(*)
    from record where account_id = ${accountId} and data_type = 'contacts' and merged_into is null
    on conflict (connector_id, data_type) do update set generation = excluded.generation, total = excluded.total, state = 'running', position = 0, looked = 0, derived = 0, raised = 0,
      before = coalesce(excluded.before, case when m.state = 'running' then m.before end), started_at = clock_timestamp(), finished_at = null`.execute(trx);
}

/** The newest run of a connector, or undefined when its mapping was never changed. */
export async function findMappingRun(db: Db, connectorId: string): Promise<MappingRun | undefined> {
  const { rows: [row] } = await sql<MappingRun>`select ${columns} from mapping_run where connector_id = ${connectorId} and data_type = 'contacts'`.execute(db);
  return row;
}

/** The newest runs of all connectors that the session sees. */
export async function mappingRuns(db: Db): Promise<readonly MappingRun[]> {
  const { rows } = await sql<MappingRun>`select ${columns} from mapping_run where data_type = 'contacts' order by connector_id`.execute(db);
  return rows;
}

/** Connectors with records that are not in line with their mapping yet. */
export async function connectorsToRemap(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.connector_id id from mapping_run m join connector c on c.id = m.connector_id and c.phase <> 'removed' where m.state = 'running' order by 1`.execute(db);
  return rows.map((row) => row.id);
}

/** Notes a step in its own transaction. False when the run began anew meanwhile, or another has done the step: then nothing of it counts. */
export async function advanceRun(trx: Trx, run: MappingRun, step: RunStep): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update mapping_run set position = ${step.position}, looked = looked + ${step.looked}, derived = derived + ${step.derived}, raised = raised + ${step.raised}
    where connector_id = ${run.connectorId} and data_type = 'contacts' and state = 'running' and generation = ${run.generation} and position = ${run.position}`.execute(trx);
  return numAffectedRows === 1n;
}

/** All records are in line. False when the run began anew meanwhile. */
export async function endRun(db: Db, run: MappingRun): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update mapping_run set state = 'done', before = null, finished_at = clock_timestamp()
    where connector_id = ${run.connectorId} and data_type = 'contacts' and state = 'running' and generation = ${run.generation} and position = ${run.position}`.execute(db);
  return numAffectedRows === 1n;
}

/** The generation of a connector's mapping. `locked` keeps it as it is until the end of the transaction. */
export async function mappingGeneration(db: Db, connectorId: string, locked: boolean): Promise<number> {
  const query = db.selectFrom('connector').select('mapping_generation').where('id', '=', connectorId);
  return (await (locked ? query.forShare() : query).executeTakeFirstOrThrow()).mapping_generation;
}
