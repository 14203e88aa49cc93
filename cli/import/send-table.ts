import { setTimeout as delay } from 'node:timers/promises';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { ImportAnswer } from '../../gateway/routes/import.ts';
import type { Columns } from './columns.ts';
import { fieldsOf } from './columns.ts';
import type { TableRow } from './table-rows.ts';

/** Rows of one request. */
const batchSize = 1_000;
/** Requests that may wait in the hub before the next is sent: the hub keeps what it took, and should not have to keep all of a file. */
const mostWaiting = 50;
const lookAgainMs = 500;

/** A row that was not taken. */
export interface RejectedTableRow {
  readonly line: number;
  /** As it stands in the file. */
  readonly cells: readonly string[];
  readonly reason: string;
  readonly fix: string;
}

/** Where a table goes, and who hears of it. */
export interface TableTarget {
  readonly client: GatewayClient;
  readonly connectorId: string;
  readonly dataType: string;
  /** Unique to this run: a request that is sent again after a broken connection is taken once. */
  readonly runId: string;
  /** Hears of each request that is stored: how many rows, and the last line of the file that came with it. */
  readonly onSent: (rows: number, line: number) => void;
  readonly onRejected: (rows: readonly RejectedTableRow[]) => Promise<void>;
}

/** How many rows were taken, and how many were not. */
export interface Tally {
  readonly accepted: number;
  readonly rejected: number;
  /** Fields that the hub does not know, and keeps as fields of the account's own. */
  readonly ownFields: readonly string[];
}

type Sendable = Extract<TableRow, { readonly cells: readonly string[] }> & { readonly values: Readonly<Record<string, string>> };

/** Sends a table in batches, in order. Returns how many rows were taken and how many were not. Throws RefusedError when the hub takes none. */
export async function sendTable(target: TableTarget, columns: Columns, rows: AsyncIterable<TableRow>): Promise<Tally> {
  const tally = { accepted: 0, rejected: 0 };
  let ownFields: readonly string[] = [];
  let batch: Sendable[] = [];
  let bad: RejectedTableRow[] = [];
  let number = 0;
  const flush = async (): Promise<void> => {
    const answer = batch.length === 0 ? { accepted: 0, rejected: [], ownFields } : await sendBatch(target, batch, number += 1);
    const rejected = [...bad, ...answer.rejected].toSorted((a, b) => a.line - b.line);
    ({ ownFields } = answer);
    tally.accepted += answer.accepted;
    tally.rejected += rejected.length;
    target.onSent(batch.length + bad.length, Math.max(0, ...[batch.at(-1), bad.at(-1)].map((last) => last?.line ?? 0)));
    if (rejected.length > 0) await target.onRejected(rejected);
    [batch, bad] = [[], []];
  };
  for await (const row of rows) {
    const read = 'problem' in row ? row : fieldsOf(columns, row.cells);
    if ('problem' in read) bad.push({ line: row.line, cells: 'cells' in row ? row.cells : [row.text], reason: read.problem, fix: 'Correct the row and import the file of rejected rows.' });
    else if ('cells' in row) batch.push({ ...row, values: read.values });
    if (batch.length + bad.length >= batchSize) await flush();
  }
  await flush();
  return { ...tally, ownFields };
}

async function sendBatch({ client, connectorId, dataType, runId }: TableTarget, batch: readonly Sendable[], number: number): Promise<{ readonly accepted: number; readonly rejected: readonly RejectedTableRow[]; readonly ownFields: readonly string[] }> {
  const body = { key: `${runId}-${number}`, rows: batch.map(({ values }) => values) };
  const answer = await client.send<ImportAnswer>('POST', at`/connectors/${connectorId}/import/${dataType}`, body);
  for (let { waiting } = answer; waiting > mostWaiting;) {
    await delay(lookAgainMs);
    ({ waiting } = await client.get<{ waiting: number }>(at`/connectors/${connectorId}/import`));
  }
  const rejected = answer.rejected.flatMap(({ index, reason, fix }) => {
    const row = batch[index];
    return row === undefined ? [] : [{ line: row.line, cells: row.cells, reason, fix }];
  });
  return { accepted: answer.accepted, rejected, ownFields: answer.ownFields };
}
