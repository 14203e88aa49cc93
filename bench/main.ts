import { mkdirSync, mkdtempSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectCacheDirectory } from '../embedded/directories.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { findTemporalExecutable } from '../embedded/temporal-executable.ts';
import { startTemporal } from '../embedded/temporal.ts';
import type { Bench } from './bench.ts';
import { readOptions, type BenchOptions } from './options.ts';
import { meetsBar, type BenchResult } from './result.ts';
import { changedRows } from './rows/changed.ts';
import { deliverRows } from './rows/deliver.ts';
import { importRows } from './rows/import.ts';
import { latencyRows } from './rows/latency.ts';
import { recoveryRows } from './rows/recovery.ts';
import { reportRows } from './rows/reports.ts';
import { startSandbox } from './sandboxes.ts';
import { countingSettings } from './statements.ts';
import { tableOf } from './table.ts';

const resultsDirectory = fileURLToPath(new URL('../../bench/results', import.meta.url));

async function measure(bench: Bench): Promise<BenchResult[]> {
  const { only } = bench.options;
  const results: BenchResult[] = [];
  const take = (rows: readonly BenchResult[]): void => {
    results.push(...rows);
    for (const row of rows) bench.note(JSON.stringify(row));
  };
  if (only.includes('import')) take(await importRows(bench));
  if (only.includes('deliver') || only.includes('changed')) take(await deliverRows(bench, async (hub) => (only.includes('changed') ? changedRows(bench, hub) : [])));
  if (only.includes('recovery')) take(await recoveryRows(bench));
  if (only.includes('latency')) take(await latencyRows(bench));
  if (only.includes('reports')) take(await reportRows(bench));
  return results;
}

function writeResults(options: BenchOptions, results: readonly BenchResult[], loads: { before: number[]; after: number[] }): string {
  mkdirSync(resultsDirectory, { recursive: true });
  const at = new Date().toISOString();
  const file = join(resultsDirectory, `${at.replaceAll(':', '-')}.json`);
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version, platform: process.platform, loadBefore: loads.before, loadAfter: loads.after };
  writeFileSync(file, `${JSON.stringify({ at, machine, options, results: results.map((result) => ({ ...result, met: meetsBar(result) })) }, null, 2)}\n`);
  return file;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
  chmodSync(directory, 0o711);
  const note = (line: string): void => void process.stderr.write(`${line}\n`);
  const before = loadavg();
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), port: 0, settings: options.statements ? countingSettings : {}, log: () => undefined });
  const log = (): void => undefined;
  const executable = await findTemporalExecutable({ cacheDirectories: [projectCacheDirectory()], log });
  const temporal = await startTemporal({ executable, directory: join(directory, 'temporal'), ports: { grpc: 0, ui: 0 }, log });
  const [mailplus, coins] = await Promise.all([startSandbox('mailplus'), startSandbox('coins')]);
  try {
    const results = await measure({ options, postgres, temporal, mailplus, coins, note });
    process.stdout.write(`${tableOf(results)}\nLoad of the machine before and after: ${before[0]?.toFixed(1)}, ${loadavg()[0]?.toFixed(1)}\n`);
    process.stdout.write(`Written to ${writeResults(options, results, { before, after: loadavg() })}\n`);
  } finally {
    await Promise.all([mailplus.process.stop(), coins.process.stop()]);
    await temporal.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
