import type { PostgresServer } from '../embedded/postgres.ts';
import type { TemporalServer } from '../embedded/temporal.ts';
import type { BenchOptions } from './options.ts';
import type { Hub } from './hub/hub.ts';
import type { Sandbox } from './sandboxes.ts';
import { resetStatements, statementLines } from './statements.ts';

/** What the rows share. */
export interface Bench {
  readonly options: BenchOptions;
  readonly postgres: PostgresServer;
  readonly temporal: TemporalServer;
  readonly mailplus: Sandbox;
  readonly coins: Sandbox;
  note(line: string): void;
}

/** Seconds that some work took, with the CPU seconds that the named processes used for it. */
export async function timed(work: () => Promise<void>, cpu: Readonly<Record<string, () => number>>): Promise<{ seconds: number; cpu: Record<string, number> }> {
  const before = Object.entries(cpu).map(([name, read]) => [name, read()] as const);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1_000;
  return { seconds, cpu: Object.fromEntries(before.map(([name, value]) => [`${name} CPU s`, Number(((cpu[name]?.() ?? value) - value).toFixed(2))])) };
}

/** Does the work; with `--statements` the costliest statements of it are noted. */
export async function withStatements<T>(bench: Bench, hub: Pick<Hub, 'database'>, name: string, work: () => Promise<T>): Promise<T> {
  if (!bench.options.statements) return work();
  await resetStatements(hub.database);
  const result = await work();
  bench.note(`Statements of ${name}:\n${(await statementLines(hub.database)).join('\n')}`);
  return result;
}
