import { z } from 'zod';
import { streamProspects } from '../../sandbox/dataset/index.ts';
import { timed, withStatements, type Bench } from '../bench.ts';
import { startChild } from '../child.ts';
import { cpuSeconds, memoryMb } from '../cpu.ts';
import { createEmptyDatabase } from '../hub/database.ts';
import { numberOf, pagesLeft, startHub, untilNone, type Hub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { pagesOf, postPages, type WirePage } from '../source.ts';

/**
 * Import over HTTP: pages posted, accepted, parsed, applied, merged, with consent and deliveries. Nothing is sent meanwhile: Mail+ is paused,
 * and Coins answers the first call with 429, after which the hub keeps to the ladder.
 */
export async function importRows(bench: Bench): Promise<BenchResult[]> {
  const { options } = bench;
  const pages = [...pagesOf('LS-1', [...streamProspects(options.seed, 0, options.rows)], options.pageSize)];
  const rawSeconds = await rawImport(bench, pages);
  bench.note(`import without the hub: ${Math.round(options.rows / rawSeconds)}/s`);
  await bench.mailplus.send('POST', '/reset');
  const hub = await startHub(bench, 'import', options.rows);
  try {
    await hub.command('mailplus-1', 'pause');
    await bench.coins.send('POST', '/faults', { kind: 'rate-limit', retryAfterSeconds: 3_600, count: 1_000 });
    const events = await hub.namespace.events();
    const memory = watchMemory(hub);
    const { seconds, cpu } = await withStatements(bench, hub, 'import', () => timed(async () => {
      await postPages(hub.source, pages, options.inFlight);
      await untilNone(hub.database, pagesLeft, 100);
    }, { hub: () => cpuSeconds(hub.process().pid), postgres: () => cpuSeconds(bench.postgres.pid), temporal: () => cpuSeconds(bench.temporal.pid) }));
    const { first, peak } = await memory.stop();
    const facts = { seconds, ...cpu, 'raw seconds': rawSeconds, ...(await countsOf(hub)) };
    const perThousand = (await hub.namespace.events() - events) / (options.rows / 1_000);
    const count = options.rows.toLocaleString('en-GB');
    return [
      { row: 'import', what: `import over HTTP, ${count} contacts`, unit: '/s', bar: 6_000, aim: 18_000, value: options.rows / seconds, ceiling: options.rows / rawSeconds, facts },
      { row: 'import', what: `hub process at its peak, from 10,000 to ${count} contacts`, unit: 'MB', bar: 300, aim: 256, smallerIsBetter: true, value: peak, facts: { 'MB at 10,000': first } },
      { row: 'import', what: 'history events per 1,000 records of the import', unit: '', bar: 30, aim: 10, smallerIsBetter: true, value: perThousand, facts: {} },
    ];
  } finally {
    await hub.stop();
  }
}

async function countsOf(hub: Hub): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const queries = {
    records: 'record where merged_into is null', 'source records': 'source_record', deliveries: 'delivery', consents: 'consent_event', rejected: 'rejected_record',
  };
  for (const [name, from] of Object.entries(queries)) counts[name] = await numberOf(hub.database, `select count(*) as n from ${from}`);
  return counts;
}

/** Looks at the hub's memory while it works: when 10,000 contacts are in, and at its peak. */
function watchMemory(hub: Hub): { stop(): Promise<{ first: number; peak: number }> } {
  let first = 0;
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      if (first === 0 && await numberOf(hub.database, 'select count(*) as n from inbox where state = \'applied\'') >= 10) first = memoryMb(hub.process().pid, 'peak');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      return { first: Math.round(first), peak: Math.round(memoryMb(hub.process().pid, 'peak')) };
    },
  };
}

const readySchema = z.object({ url: z.string() });

async function rawImport(bench: Bench, pages: readonly WirePage[]): Promise<number> {
  const server = await startChild({ script: 'bench/ceiling/raw-import-main.js', environment: { DATABASE_URL: await createEmptyDatabase(bench.postgres, 'bench_raw') } });
  try {
    const { url } = readySchema.parse(JSON.parse(server.ready));
    return (await timed(() => postPages({ url, token: 'none' }, pages, bench.options.inFlight), {})).seconds;
  } finally {
    await server.stop();
  }
}
