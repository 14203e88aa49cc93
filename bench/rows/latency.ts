import { z } from 'zod';
import { streamProspects } from '../../sandbox/dataset/index.ts';
import type { Bench } from '../bench.ts';
import { startHub, untilNone, workLeft } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { pagesOf, postPages } from '../source.ts';

const gapMs = 100;
const journalSchema = z.array(z.object({ at: z.string(), operation: z.string(), contacts: z.array(z.object({ externalId: z.string() })) }));

/** From the moment a page of one card is answered (accepted) until Mail+ has the call with that contact, by the sandbox's journal. */
export async function latencyRows(bench: Bench): Promise<BenchResult[]> {
  await bench.mailplus.send('POST', '/reset');
  const hub = await startHub(bench, 'latency', bench.options.events * 2);
  try {
    const acceptedAt = new Map<string, number>();
    const usable = [...streamProspects(bench.options.seed, 0, bench.options.events * 2)].filter((card) => typeof card.email === 'string' && card.email.includes('@')).slice(0, bench.options.events);
    for (const card of usable) {
      const next = performance.now() + gapMs;
      await postPages(hub.source, pagesOf(`LS-${card.prospectId}`, [card], 1), 1);
      acceptedAt.set(card.prospectId, Date.now());
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
    await untilNone(hub.database, workLeft);
    const { rows } = await hub.database.query<{ external_id: string; record_id: string }>('select external_id, record_id from source_record where connector_id = \'coins-1\'');
    const recordOf = new Map(rows.map((row) => [row.external_id, row.record_id]));
    const calledAt = await firstCalls(bench);
    const waits = [...acceptedAt].flatMap(([id, at]) => {
      const called = calledAt.get(recordOf.get(id) ?? '');
      return called === undefined ? [] : [(called - at) / 1_000];
    }).sort((a, b) => a - b);
    const at = (share: number): number => Math.max(0, waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? Number.NaN);
    const facts = { events: usable.length, timed: waits.length, p95: at(0.95), max: waits.at(-1) ?? Number.NaN };
    return [
      { row: 'latency', what: 'accepted to Mail+ call, p50', unit: 's', value: at(0.5), bar: 0.3, aim: 0.1, smallerIsBetter: true, facts },
      { row: 'latency', what: 'accepted to Mail+ call, p99', unit: 's', value: at(0.99), bar: 1.5, aim: 0.3, smallerIsBetter: true, facts },
    ];
  } finally {
    await hub.stop();
  }
}

async function firstCalls(bench: Bench): Promise<Map<string, number>> {
  const calls = journalSchema.parse(await bench.mailplus.get('/journal?after=0'));
  const first = new Map<string, number>();
  for (const call of calls) {
    if (!call.operation.includes('/contact')) continue;
    for (const contact of call.contacts) if (!first.has(contact.externalId)) first.set(contact.externalId, Date.parse(call.at));
  }
  return first;
}
