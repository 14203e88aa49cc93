import { streamProspects } from '../../sandbox/dataset/index.ts';
import { timed, withStatements, type Bench } from '../bench.ts';
import { deliverRaw } from '../ceiling/raw-deliver.ts';
import { cpuSeconds } from '../cpu.ts';
import { numberOf, startHub, untilNone, workLeft, type Hub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { callsOf } from '../sandboxes.ts';
import { pagesOf, postPages } from '../source.ts';

const pending = 'select count(*) as n from delivery where connector_id = \'mailplus-1\' and state = \'pending\'';
const emptyInbox = 'select count(*) as n from inbox where state = \'new\'';

/** Deliveries to Mail+ at both latencies; `after` goes on with the hub of the first one. */
export async function deliverRows(bench: Bench, after: (hub: Hub) => Promise<BenchResult[]>): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const latencyMs of [0, 100]) {
    await bench.mailplus.send('POST', '/reset');
    const hub = await startHub(bench.postgres, bench, `deliver_${latencyMs}`, bench.options.profileDirectory);
    try {
      await hub.command('mailplus-1', 'pause');
      await postPages(hub.source, pagesOf('LS-1', [...streamProspects(bench.options.seed, 0, bench.options.deliverRows)], bench.options.pageSize), bench.options.inFlight);
      await untilNone(hub.database, emptyInbox);
      results.push(await deliverRow(bench, hub, latencyMs));
      bench.note(JSON.stringify(results.at(-1)));
      if (latencyMs === 0) results.push(...await after(hub));
    } finally {
      await hub.stop();
    }
  }
  return results;
}

async function deliverRow(bench: Bench, hub: Hub, latencyMs: number): Promise<BenchResult> {
  const waiting = await numberOf(hub.database, pending);
  await bench.mailplus.send('PUT', '/latency', { latencyMs });
  const { seconds, cpu } = await withStatements(bench, hub, `deliver ${latencyMs}`, () => timed(async () => {
    await hub.command('mailplus-1', 'resume');
    await untilNone(hub.database, pending, 50);
  }, { hub: () => cpuSeconds(hub.process.pid), postgres: () => cpuSeconds(bench.postgres.pid), sandbox: () => cpuSeconds(bench.mailplus.process.pid) }));
  await untilNone(hub.database, workLeft);
  const calls = await callsOf(bench.mailplus, 'POST /contact/list');
  const rawSeconds = await deliverRaw(bench.mailplus.url, waiting);
  await bench.mailplus.send('PUT', '/latency', { latencyMs: 0 });
  return {
    row: 'deliver', what: `deliver ${waiting.toLocaleString('en-GB')} contacts to Mail+ at ${latencyMs} ms`, unit: '/s', value: waiting / seconds, ceiling: waiting / rawSeconds,
    bar: latencyMs === 0 ? 4_000 : 0, aim: latencyMs === 0 ? 15_000 : 0, facts: { seconds, ...cpu, calls, 'raw seconds': rawSeconds },
  };
}
