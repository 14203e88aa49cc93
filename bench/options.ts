import { parseArgs } from 'node:util';

/** The rows of the table, in the order in which they run. */
export const rowNames = ['import', 'deliver', 'changed', 'latency', 'recovery', 'reports'] as const;
export type RowName = (typeof rowNames)[number];

/** What a run measures. */
export interface BenchOptions {
  /** Contacts of the import row. */
  readonly rows: number;
  /** Contacts of the delivery rows. */
  readonly deliverRows: number;
  /** Recipients of the mailing whose report is pulled. */
  readonly recipients: number;
  readonly pageSize: number;
  /** Requests that the source keeps under way. */
  readonly inFlight: number;
  readonly seed: number;
  /** Single changes whose way to Mail+ is timed. */
  readonly events: number;
  readonly only: readonly RowName[];
  /** The hub's process writes a CPU profile into this directory. */
  readonly profileDirectory: string | undefined;
  /** PostgreSQL counts its statements, and the costliest of each row are printed. Costs some speed. */
  readonly statements: boolean;
}

const flags = { rows: '200000', 'deliver-rows': '20000', recipients: '1000000', 'page-size': '1000', 'in-flight': '4', seed: '1', events: '200', only: '', profile: '', statements: '' } as const;
type Flag = keyof typeof flags;

/** Reads `--flag value`, or `BENCH_FLAG` from the environment. Errors: Error for a value that is not allowed. */
export function readOptions(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(Object.keys(flags).map((flag) => [flag, { type: 'string' as const }])) });
  const text = (flag: Flag): string => {
    const given = values[flag] ?? environment[`BENCH_${flag.replaceAll('-', '_').toUpperCase()}`];
    return typeof given === 'string' ? given : flags[flag];
  };
  const count = (flag: Flag): number => {
    const value = Number(text(flag));
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${flag} has to be a whole number of 1 or more.`);
    return value;
  };
  return {
    rows: count('rows'), deliverRows: count('deliver-rows'), recipients: count('recipients'), pageSize: count('page-size'), inFlight: count('in-flight'), seed: count('seed'), events: count('events'),
    only: chosenRows(text('only')), profileDirectory: text('profile') === '' ? undefined : text('profile'),
    statements: text('statements') !== '',
  };
}

function chosenRows(text: string): readonly RowName[] {
  if (text === '') return rowNames;
  const asked = text.split(',');
  const unknown = asked.find((name) => !rowNames.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--only takes ${rowNames.join(', ')}, not «${unknown}».`);
  return rowNames.filter((name) => asked.includes(name));
}
