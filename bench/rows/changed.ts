import { z } from 'zod';
import { changeSome, streamProspects } from '../../sandbox/dataset/index.ts';
import { withStatements, type Bench } from '../bench.ts';
import { numberOf, untilNone, workLeft, type Hub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { pagesOf, postPages } from '../source.ts';

const effectsSchema = z.object({ totals: z.record(z.string(), z.number()) });

/** The list comes again: with one contact in a hundred changed, then with nothing changed. Counts the contacts of upserts. */
export async function changedRows(bench: Bench, hub: Hub): Promise<BenchResult[]> {
  const { seed, deliverRows, pageSize, inFlight } = bench.options;
  const prospects = [...streamProspects(seed, 0, deliverRows)];
  const owners = await soleOwners(hub);
  const { prospects: changed, changedIds } = changeSome(prospects, { seed, count: Math.round(deliverRows / 100), eligible: (prospect) => owners.has(prospect.prospectId) });
  const send = async (syncId: string, list: readonly object[]): Promise<number> => {
    const before = await upserts(bench);
    const started = performance.now();
    await postPages(hub.source, pagesOf(syncId, list, pageSize), inFlight);
    await untilNone(hub.database, workLeft);
    bench.note(`${syncId}: ${Math.round(performance.now() - started)} ms`);
    return await upserts(bench) - before;
  };
  const some = await withStatements(bench, hub, 'one in a hundred changed', () => send('LS-2', changed));
  const none = await withStatements(bench, hub, 'nothing changed', () => send('LS-3', changed));
  const facts = { 'changed prospects': changedIds.length, deliveries: await numberOf(hub.database, 'select sum(wanted) as n from delivery where connector_id = \'mailplus-1\'') };
  return [
    { row: 'changed', what: '1 % changed: contacts sent for each one changed', unit: '', value: some / changedIds.length, bar: 1, aim: 1, smallerIsBetter: true, facts: { ...facts, sent: some } },
    { row: 'changed', what: 'nothing changed: contacts sent', unit: '', value: none, bar: 0, aim: 0, smallerIsBetter: true, facts: {} },
  ];
}

/** Prospects that are alone in their record and stand at Mail+: their change has to arrive there. */
async function soleOwners(hub: Hub): Promise<Set<string>> {
  const { rows } = await hub.database.query<{ external_id: string }>(
    `select min(s.external_id) as external_id from source_record s join link l on l.record_id = s.record_id and l.connector_id = 'mailplus-1'
     where s.connector_id = 'coins-1' group by s.record_id having count(*) = 1`);
  return new Set(rows.map((row) => row.external_id));
}

async function upserts(bench: Bench): Promise<number> {
  const { totals } = effectsSchema.parse(await bench.mailplus.get('/effects'));
  return Object.entries(totals).filter(([name]) => name.endsWith('Upserts')).reduce((sum, [, count]) => sum + count, 0);
}
