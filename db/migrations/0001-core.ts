import { sql, type Kysely } from 'kysely';
import { accounts } from './0001/accounts.ts';
import { audiences } from './0001/audiences.ts';
import { defaultSource } from './0001/default-source.ts';
import { erasure } from './0001/erasure.ts';
import { feed } from './0001/feed.ts';
import { flow } from './0001/flow.ts';
import { inbound } from './0001/inbound.ts';
import { records } from './0001/records.ts';
import { reports } from './0001/reports.ts';
import { shop } from './0001/shop.ts';
import { bulkTables, checkConnectors } from './connector-check.ts';
import { checkReportLines } from './report-line-check.ts';
import { accountTables, secureTables } from './row-security.ts';

/** The tables of design §7 that contacts, consent, lists, campaigns and activities need. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [accounts, records, flow, audiences, inbound, reports, erasure, feed, shop, defaultSource]) await sql.raw(part).execute(db);
  await checkConnectors(db, bulkTables);
  await checkReportLines(db);
  await secureTables(db, accountTables);
}
