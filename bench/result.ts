/** One line of the table. Rates are per second of wall time. */
export interface BenchResult {
  readonly row: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The same work without the hub, in the same run. */
  readonly ceiling?: number;
  /** What design §11 asks for at least, and what it aims at. */
  readonly bar?: number;
  readonly aim?: number;
  /** A smaller value is better. */
  readonly smallerIsBetter?: boolean;
  /** What else was measured. */
  readonly facts: Readonly<Record<string, number | string>>;
}

/** Whether the bar is met; undefined where there is none. */
export function meetsBar({ value, bar, smallerIsBetter }: BenchResult): boolean | undefined {
  if (bar === undefined) return undefined;
  return smallerIsBetter === true ? value <= bar : value >= bar;
}

/** `value` with as many digits as mean something. */
export function rounded(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 4)));
}
