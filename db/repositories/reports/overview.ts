import type { Selectable } from 'kysely';
import type { Trx } from '../../database.ts';
import type { ReportStateTable, TrendReportTable } from '../../tables/report.ts';

/** How far reports of connectors are pulled, by connector. */
export async function reportStates(trx: Trx): Promise<ReadonlyMap<string, Selectable<ReportStateTable>>> {
  const rows = await trx.selectFrom('report_state').selectAll().execute();
  return new Map(rows.map((row) => [row.connector_id, row]));
}

/** Trend reports of the account that the session sees, by connector and name. */
export async function listTrendReports(trx: Trx): Promise<readonly Selectable<TrendReportTable>[]> {
  return trx.selectFrom('trend_report').selectAll().orderBy('connector_id').orderBy('name').orderBy('id').execute();
}
