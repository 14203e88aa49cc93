import { streamProspects } from '../../sandbox/dataset/index.ts';
import { timed, withStatements, type Bench } from '../bench.ts';
import { deliverRaw } from '../ceiling/raw-deliver.ts';
import { cpuSeconds } from '../cpu.ts';
import { deliveriesLeft, deliveriesLeftForCoins, numberOf, pagesLeft, startHub, untilNone, workLeft, type Hub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { callsOf } from '../sandboxes.ts';
import { pagesOf, postPages } from '../source.ts';

/** Deliveries to Mail+ at both latencies, with nothing else to do for the hub, as for the raw calls they are compared with; `after` goes on with the hub of the first one. */
export async function deliverRows(bench: Bench, after: (hub: Hub) => Promise<BenchResult[]>): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const latencyMs of [0, 100]) {
    await bench.mailplus.send('POST', '/reset');
    const hub = await startHub(bench, `deliver_${latencyMs}`, bench.options.deliverRows);
    try {
      await hub.command('mailplus-1', 'pause');
      await postPages(hub.source, pagesOf('LS-1', [...streamProspects(bench.options.seed, 0, bench.options.deliverRows)], bench.options.pageSize), bench.options.inFlight);
      await untilNone(hub.database, pagesLeft);
      await untilNone(hub.database, deliveriesLeftForCoins);
      results.push(...await deliverRow(bench, hub, latencyMs));
      if (latencyMs === 0) results.push(...await after(hub));
    } finally {
      await hub.stop();
    }
  }
  return results;
}

async function deliverRow(bench: Bench, hub: Hub, latencyMs: number): Promise<BenchResult[]> {
  const waiting = await numberOf(hub.database, `select count(*) as n from (${deliveriesLeft}) x`);
  const events = await hub.namespace.events();
  await bench.mailplus.send('PUT', '/latency', { latencyMs });
  const { seconds, cpu } = await withStatements(bench, hub, `deliver ${latencyMs}`, () => timed(async () => {
    await hub.command('mailplus-1', 'resume');
    await untilNone(hub.database, deliveriesLeft, 50);
  }, { hub: () => cpuSeconds(hub.process().pid), postgres: () => cpuSeconds(bench.postgres.pid), sandbox: () => cpuSeconds(bench.mailplus.process.pid) }));
  await untilNone(hub.database, workLeft);
  const perThousand = (await hub.namespace.events() - events) / (waiting / 1_000);
  const calls = await callsOf(bench.mailplus, 'POST /contact/list');
  const rawSeconds = await deliverRaw(bench.mailplus.url, waiting);
  await bench.mailplus.send('PUT', '/latency', { latencyMs: 0 });
  return [{
    row: 'deliver', what: `deliver ${waiting.toLocaleString('en-GB')} contacts to Mail+ at ${latencyMs} ms`, unit: '/s', value: waiting / seconds, ceiling: waiting / rawSeconds,
    ...(latencyMs === 0 ? { bar: 4_000, aim: 15_000 } : {}), facts: { seconds, ...cpu, calls, 'raw seconds': rawSeconds },
  }, {
    row: 'deliver', what: `history events per 1,000 records delivered at ${latencyMs} ms`, unit: '', value: perThousand, bar: 30, aim: 10, smallerIsBetter: true, facts: {},
  }];
}
