import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { readChanges, type StoredChange } from '../../db/repositories/feed/read-changes.ts';
import { recordTypes, type RecordType } from '../../domain/model/record-fields.ts';
import { act, actionKinds } from '../../platforms/custom/act.ts';
import { deliver } from '../../platforms/custom/deliver.ts';
import { projectRecord } from '../../platforms/custom/project.ts';
import { openThingsWorld, type ThingsWorld } from './things-world.ts';
import { waitFor } from './wait-for.ts';

/** What a custom system is told, by its real way out; pushes are those of `ThingsWorld`. */
export function openCustomWorld(): Promise<ThingsWorld> {
  return openThingsWorld({ project: (_context, dataType, record) => projectRecord(dataType as RecordType, record), deliver: (context, dataType, items) => deliver(context, dataType as RecordType, items), act, actionKinds });
}

/** The connector has sent all it had, of every type. */
export async function completeImports(db: Db, connectorId: string): Promise<void> {
  for (const dataType of recordTypes) {
    await db.insertInto('backfill_run').values({
      account_id: 'default', connector_id: connectorId, data_type: dataType, from_at: '2016-01-01T00:00:00Z', to_at: '2026-01-01T00:00:00Z', state: 'done', is_first: true, workflow_id: 'test',
    }).execute();
  }
}

/** Everything in a connector's feed, once no older transaction of this server holds any of it back. */
export async function readFeed(db: Db, connectorId: string): Promise<readonly StoredChange[]> {
  await waitFor(async () => {
    const { rows } = await sql<{ hidden: number }>`select count(*) hidden from change_feed where connector_id = ${connectorId} and xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(db);
    return rows[0]?.hidden === 0;
  }, { message: 'older transactions to end' });
  const page = await readChanges(db, connectorId, undefined, 10_000);
  if (page.kind === 'expired') throw new Error('The feed was cut.');
  return page.entries;
}
