import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { readChanges, type StoredChange } from '../../db/repositories/feed/read-changes.ts';
import { recordTypes } from '../../domain/model/record-fields.ts';
import { custom } from '../../platforms/custom/index.ts';
import type { Acts, Delivers, Platform } from '../../platforms/platform.ts';
import { openThingsWorld, type ThingsWorld } from './things-world.ts';
import { waitFor } from './wait-for.ts';

const { project, deliver, act, actionKinds } = custom as Platform & Delivers & Acts;

/** What a custom system is told, by its real way out; pushes are those of `ThingsWorld`. */
export function openCustomWorld(): Promise<ThingsWorld> {
  return openThingsWorld({ project, deliver, act, actionKinds });
}

/** The connector has sent all it had, of every type. */
export async function completeImports(db: Db, connectorId: string): Promise<void> {
  for (const dataType of recordTypes) {
    await db.insertInto('backfill_run').values({
      account_id: 'default', connector_id: connectorId, data_type: dataType, from_at: '2016-01-01T00:00:00Z', to_at: '2026-01-01T00:00:00Z', state: 'done', is_first: true, workflow_id: 'test',
    }).execute();
  }
}

/** Waits until no older transaction on this server, of whatever database, holds back any of a feed. */
export async function feedVisible(db: Db, connectorId: string): Promise<void> {
  await waitFor(async () => {
    const { rows } = await sql<{ hidden: number }>`select count(*) hidden from change_feed where connector_id = ${connectorId} and xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(db);
    return rows[0]?.hidden === 0;
  }, { message: 'older transactions to end' });
}

/** Everything in a connector's feed. */
export async function readFeed(db: Db, connectorId: string): Promise<readonly StoredChange[]> {
  await feedVisible(db, connectorId);
  const page = await readChanges(db, connectorId, undefined, 10_000);
  if (page.kind === 'expired') throw new Error('The feed was cut.');
  return page.entries;
}
