import { once } from 'node:events';
import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import type { RejectedTableRow } from './send-table.ts';

/** A file with the rows that were not taken, as they stand in the table, behind them line, reason and fix. It is made with the first of them. */
export interface RejectedFile {
  readonly path: string;
  readonly write: (rows: readonly RejectedTableRow[]) => Promise<void>;
  /** A file of that name is there, and it is of an earlier run. */
  isOfEarlierRun(): boolean;
  close(): Promise<void>;
}

const notes = ['line', 'reason', 'fix'];

/** Opens the file for rejected rows of a table with these columns. */
export function rejectedFile(path: string, columns: readonly string[], delimiter: string): RejectedFile {
  let stream: WriteStream | undefined;
  const row = (cells: readonly string[]): string => `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\n`;
  const put = async (text: string): Promise<void> => {
    stream ??= createWriteStream(path);
    if (!stream.write(text)) await once(stream, 'drain');
  };
  return {
    path,
    isOfEarlierRun: () => stream === undefined && existsSync(path),
    async write(rows) {
      if (stream === undefined) await put(row([...columns, ...notes]));
      for (const { cells, line, reason, fix } of rows) await put(row([...columns.map((_, index) => cells[index] ?? ''), String(line), reason, fix]));
    },
    async close() {
      if (stream === undefined) return;
      stream.end();
      await once(stream, 'close');
    },
  };
}

const quoted = (cell: string, delimiter: string): string => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
