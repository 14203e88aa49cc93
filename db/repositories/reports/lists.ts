import { sql } from 'kysely';
import type { ReportList, ReportPage, ReportRow } from '../../../domain/reports/report.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import type { ReportScope } from './mailings.ts';

/** One reading of a list, from its beginning to its end. */
export interface Reading {
  readonly list: ReportList;
  /** Offset of the page that comes next. */
  readonly after: number;
  readonly windowFrom: string | null;
  readonly windowTo: string | null;
}

/** What is known of a list: the reading that is under way, and what the last one came to. */
export interface ListState {
  readonly reading: Reading | null;
  readonly readBasis: string | null;
  readonly readTo: string | null;
  /** When the last reading ended. */
  readonly readAt: string | null;
}

/** The states of a mailing's lists that were read, or begun. */
export async function listStates(db: Db, mailingId: number): Promise<ReadonlyMap<ReportList, ListState>> {
  const rows = await db.selectFrom('report_list').select(['list', 'next_after', 'window_from', 'window_to', 'read_basis', 'read_to', 'read_at']).where('mailing_id', '=', mailingId).execute();
  return new Map(rows.map(({ list, next_after: after, window_from: windowFrom, window_to: windowTo, read_basis: readBasis, read_to: readTo, read_at: readAt }) =>
    [list, { reading: after === null ? null : { list, after, windowFrom, windowTo }, readBasis, readTo, readAt }]));
}

/** Begins to read a list; what was under way is given up. `basis`: what the statistics say of it. */
export async function beginReading(db: Db, accountId: string, mailingId: number, { list, windowFrom, windowTo }: Omit<Reading, 'after'>, basis: string | null): Promise<void> {
  const begun = { next_after: 0, basis, window_from: windowFrom, window_to: windowTo, unreadable: 0 };
  await db.insertInto('report_list').values({ account_id: accountId, mailing_id: mailingId, list, ...begun })
    .onConflict((conflict) => conflict.columns(['mailing_id', 'list']).doUpdateSet(begun)).execute();
}

/** Gives up the reading of a list: the next one begins anew. */
export async function giveUpReading(db: Db, mailingId: number, list: ReportList): Promise<void> {
  await db.updateTable('report_list').set({ next_after: null }).where('mailing_id', '=', mailingId).where('list', '=', list).execute();
}

/** Rows go to the database in pieces of so many: what is made of them for a statement is small beside the page. */
const rowsPerPiece = 2_000;

/**
 * Stores one page of a list with the progress of its reading, in one transaction: each line once, however often it comes. Gives how many
 * lines were new; null, and stores nothing, when another pull has gone on from there. `readAt` is an ISO instant.
 */
export async function storePage(db: Db, scope: ReportScope & { readonly mailingId: number }, reading: Reading, page: ReportPage, readAt: string): Promise<number | null> {
  const rows = inOrderOfContacts(page.rows);
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    if (!(await moveOn(trx, scope.mailingId, reading, page, readAt))) return null;
    let fresh = 0;
    for (let from = 0; from < rows.length; from += rowsPerPiece) {
      const piece = rows.slice(from, from + rowsPerPiece);
      await saveContacts(trx, scope, piece);
      fresh += await insertEvents(trx, scope, reading.list, piece);
    }
    if (fresh > 0) await sql`update report_list set lines = lines + ${fresh} where mailing_id = ${scope.mailingId} and list = ${reading.list}`.execute(trx);
    return fresh;
  }));
}

/** In the order of their keys, so that two pulls never wait for each other, and neighbours in an index come together. */
function inOrderOfContacts(rows: readonly ReportRow[]): readonly ReportRow[] {
  return [...rows].sort(({ contactKey: a }, { contactKey: b }) => (a < b ? -1 : Number(a > b)));
}

async function moveOn(trx: Trx, mailingId: number, { list, after, windowFrom, windowTo }: Reading, { next, unreadable }: ReportPage, readAt: string): Promise<boolean> {
  const end = next === undefined ? sql`, read_basis = basis, read_unreadable = unreadable + ${unreadable}, read_to = coalesce(window_to, read_to), read_at = ${readAt}` : sql``;
  const result = await sql`
    update report_list set next_after = ${next ?? null}, unreadable = unreadable + ${unreadable}${end}
    where mailing_id = ${mailingId} and list = ${list} and next_after = ${after} and window_from is not distinct from ${windowFrom}::timestamptz and window_to is not distinct from ${windowTo}::timestamptz`.execute(trx);
  return Number(result.numAffectedRows ?? 0) === 1;
}

/** Those that are new, and new external ids. `limit` makes PostgreSQL look each key up: else it reads all contacts of the connector for a few, as soon as it misjudges them. */
async function saveContacts(trx: Trx, { accountId, connectorId }: ReportScope, rows: readonly ReportRow[]): Promise<void> {
  const ids = new Map<string, string | null>();
  for (const { contactKey, contactExternalId } of rows) ids.set(contactKey, contactExternalId ?? ids.get(contactKey) ?? null);
  await sql`
    insert into report_contact (account_id, connector_id, contact_key, external_id)
    select ${accountId}, ${connectorId}, x.contact_key, x.external_id from unnest(${arrays.text([...ids.keys()])}, ${arrays.text([...ids.values()])}) as x(contact_key, external_id)
    left join lateral (select true known, c.external_id from report_contact c where c.contact_key = x.contact_key and c.connector_id = ${connectorId} limit 1) c on true
    where c.known is null or (x.external_id is not null and c.external_id is distinct from x.external_id)
    on conflict (contact_key, connector_id) do update set external_id = excluded.external_id`.execute(trx);
}

async function insertEvents(trx: Trx, { accountId, connectorId, mailingId }: ReportScope & { readonly mailingId: number }, list: ReportList, rows: readonly ReportRow[]): Promise<number> {
  const result = await sql`
    insert into report_event (account_id, mailing_id, list, contact_id, at, run_id, link_id, bounce)
    select ${accountId}, ${mailingId}, ${list}, c.id, coalesce(x.at, '-infinity'), x.run_id, x.link_id, x.bounce
    from unnest(${arrays.text(rows.map((row) => row.contactKey))}, ${arrays.timestamptz(rows.map((row) => row.at ?? null))}, ${arrays.int4(rows.map((row) => row.runId ?? 0))},
      ${arrays.int4(rows.map((row) => row.linkId ?? 0))}, ${arrays.text(rows.map((row) => row.bounce ?? null))}) as x(contact_key, at, run_id, link_id, bounce)
    cross join lateral (select c.id from report_contact c where c.contact_key = x.contact_key and c.connector_id = ${connectorId} limit 1) c
    order by c.id
    on conflict do nothing`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}
