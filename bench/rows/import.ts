import pg from 'pg';
import { z } from 'zod';
import { streamProspects } from '../../sandbox/dataset/index.ts';
import { timed, withStatements, type Bench } from '../bench.ts';
import { startChild } from '../child.ts';
import { cpuSeconds, memoryMb } from '../cpu.ts';
import { numberOf, startHub, untilNone } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { pagesOf, postPages, type WirePage } from '../source.ts';

const emptyInbox = 'select count(*) as n from inbox where state = \'new\'';

/** Import over HTTP: pages posted, accepted, parsed, applied, merged, with consent and deliveries. Mail+ is paused meanwhile. */
export async function importRow(bench: Bench): Promise<BenchResult[]> {
  const { options } = bench;
  const pages = [...pagesOf('LS-1', [...streamProspects(options.seed, 0, options.rows)], options.pageSize)];
  const ceiling = await rawImport(bench, pages);
  bench.note(`raw import: ${Math.round(options.rows / ceiling.seconds)}/s`);
  const hub = await startHub(bench.postgres, bench, 'import', options.profileDirectory);
  try {
    await hub.command('mailplus-1', 'pause');
    const peaks: Record<string, number> = {};
    const { seconds, cpu } = await withStatements(bench, hub, 'import', () => timed(async () => {
      await postPages(hub.source, pages, options.inFlight);
      await untilNone(hub.database, emptyInbox, 100);
    }, { hub: () => cpuSeconds(hub.process.pid), postgres: () => cpuSeconds(bench.postgres.pid) }));
    peaks['hub peak MB'] = Math.round(memoryMb(hub.process.pid, 'peak'));
    const count = (query: string) => numberOf(hub.database, query);
    return [{
      row: 'import', what: `import over HTTP, ${options.rows.toLocaleString('en-GB')} contacts`, unit: '/s', bar: 6_000, aim: 18_000,
      value: options.rows / seconds, ceiling: options.rows / ceiling.seconds,
      facts: {
        seconds, ...cpu, ...peaks, 'raw seconds': ceiling.seconds, records: await count('select count(*) as n from record where merged_into is null'),
        'source records': await count('select count(*) as n from source_record'), deliveries: await count('select count(*) as n from delivery'),
        consents: await count('select count(*) as n from consent_event'), rejected: await count('select count(*) as n from rejected_record'),
      },
    }];
  } finally {
    await hub.stop();
  }
}

const readySchema = z.object({ url: z.string() });

async function rawImport(bench: Bench, pages: readonly WirePage[]): Promise<{ seconds: number }> {
  const admin = new pg.Client({ connectionString: bench.postgres.urlFor('postgres') });
  await admin.connect();
  await admin.query('drop database if exists bench_raw with (force)');
  await admin.query('create database bench_raw');
  await admin.end();
  const server = await startChild({ script: 'bench/ceiling/raw-import-main.js', environment: { DATABASE_URL: bench.postgres.urlFor('bench_raw') } });
  try {
    const { url } = readySchema.parse(server.ready);
    return await timed(() => postPages({ url, token: 'none' }, pages, bench.options.inFlight), {});
  } finally {
    await server.stop();
  }
}
