import Table from 'cli-table3';

/** One thing that was checked: what an independent count expects, and what the outside system holds. */
interface Check {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
}

const number = new Intl.NumberFormat('en-GB');

/** What was checked and counted, in order. */
export class Checks {
  readonly #rows: (Check | string)[] = [];

  /** Begins a part of the table. */
  part(title: string): void {
    this.#rows.push(title);
  }

  equal(name: string, expected: number, actual: number): void {
    this.#rows.push({ name, expected: number.format(expected), actual: number.format(actual), ok: expected === actual });
  }

  atMost(name: string, limit: number, actual: number): void {
    this.#rows.push({ name, expected: `at most ${number.format(limit)}`, actual: number.format(actual), ok: actual <= limit });
  }

  /** How many checks there were, and how many did not hold. */
  get summary(): { readonly count: number; readonly failed: number } {
    const checks = this.#rows.filter((row) => typeof row !== 'string');
    return { count: checks.length, failed: checks.filter((check) => !check.ok).length };
  }

  /** The table for a person. */
  text(): string {
    const table = new Table({ head: ['checked', 'expected', 'counted', ''], colAligns: ['left', 'right', 'right', 'left'], style: { head: [], border: [], compact: true } });
    for (const row of this.#rows) {
      if (typeof row === 'string') table.push([{ content: row, colSpan: 4 }]);
      else table.push([`  ${row.name}`, row.expected, row.actual, row.ok ? 'ok' : 'NOT OK']);
    }
    return table.toString();
  }
}
