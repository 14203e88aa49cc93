import { parse } from 'csv-parse/sync';
import type { FileLine } from './file-lines.ts';

/** A row of a table. */
export type TableRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly text: string; readonly problem: string };

/** Lines that one row may go over: a quote that is never closed would take in the rest of the file. */
const mostLines = 200;

/**
 * The rows of a table as RFC 4180 has them: cells in quotes may hold delimiters, doubled quotes and line ends. Empty lines are left out. A line with a broken quote comes
 * as a problem, and the rows behind it as they are. In the order of the file, with bounded memory.
 */
export async function* tableRows(lines: AsyncIterable<FileLine>, delimiter: string): AsyncGenerator<TableRow> {
  let open: FileLine[] = [];
  for await (const line of lines) {
    open.push(line);
    while (open.length > mostLines) yield* giveUpFirst();
    if (isClosed(open)) yield* take();
  }
  while (open.length > 0) yield* isClosed(open) ? take() : giveUpFirst();

  function* take(): Generator<TableRow> {
    const [first] = open;
    const text = open.map((line) => line.text).join('\n');
    open = [];
    if (first !== undefined && text.trim() !== '') yield parseRow(first.number, text, delimiter);
  }

  /** The first line is to blame; those behind it are read anew. */
  function* giveUpFirst(): Generator<TableRow> {
    const [first, ...others] = open;
    open = [];
    if (first === undefined) return;
    yield broken(first.number, first.text, 'a quote is opened and never closed');
    for (const line of others) {
      open.push(line);
      if (isClosed(open)) yield* take();
    }
  }
}

const isClosed = (lines: readonly FileLine[]): boolean => lines.reduce((count, { text }) => count + quotesIn(text), 0) % 2 === 0;

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

const broken = (line: number, text: string, problem: string): TableRow => ({ line, text, problem });

function parseRow(line: number, text: string, delimiter: string): TableRow {
  try {
    const [cells = []] = parse(text, { delimiter, relax_column_count: true }) as string[][];
    return { line, cells };
  } catch {
    return broken(line, text, 'a quote stands where none may: cells with quotes in them have to be in quotes, with each quote doubled');
  }
}
