import { z } from 'zod';
import { streamProspects } from '../../sandbox/dataset/index.ts';
import type { Bench } from '../bench.ts';
import { numberOf, pagesLeft, startHub, untilNone, workLeft, type Hub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';
import { pagesOf, postPages } from '../source.ts';

const effectsSchema = z.object({ totals: z.object({ contactsCreated: z.number(), changingUpserts: z.number(), identicalUpserts: z.number() }) });
const killShares = [0.2, 0.5, 0.8];
const lookMs = 20;

/** SIGKILL of the hub while it applies and while it delivers; from the new process's start until there is more than before the kill. */
export async function recoveryRows(bench: Bench): Promise<BenchResult[]> {
  await bench.mailplus.send('POST', '/reset');
  const hub = await startHub(bench, 'recovery', bench.options.deliverRows);
  try {
    const { seed, deliverRows, pageSize, inFlight } = bench.options;
    await hub.command('mailplus-1', 'pause');
    const applied = () => numberOf(hub.database, 'select count(*) as n from inbox where state = \'applied\'');
    const pages = [...pagesOf('LS-1', [...streamProspects(seed, 0, deliverRows)], pageSize)];
    await hub.command('coins-1', 'pause');
    await postPages(hub.source, pages, inFlight);
    await hub.command('coins-1', 'resume');
    const applying = await killOnce(hub, applied, 2);
    await untilNone(hub.database, pagesLeft);
    await hub.command('mailplus-1', 'resume');
    const people = await numberOf(hub.database, 'select count(*) as n from delivery where connector_id = \'mailplus-1\'');
    const upserts = async () => Object.entries(await effects(bench)).reduce((sum, [name, count]) => sum + (name === 'contactsCreated' ? 0 : count), 0);
    const delivering: number[] = [];
    for (const share of killShares) delivering.push(await killOnce(hub, upserts, Math.round(people * share)));
    await untilNone(hub.database, workLeft);
    const { contactsCreated, changingUpserts, identicalUpserts } = await effects(bench);
    const stored = await numberOf(hub.database, 'select count(*) as n from link where connector_id = \'mailplus-1\' and outcome_at is not null');
    const facts = { 'while applying s': applying, 'while delivering s': delivering.map((s) => s.toFixed(2)).join(' '), contactsCreated, changingUpserts, identicalUpserts, stored };
    return [
      { row: 'recovery', what: 'SIGKILL: going on after the restart, the slowest of 4', unit: 's', bar: 10, aim: 5, smallerIsBetter: true, value: Math.max(applying, ...delivering), facts },
      { row: 'recovery', what: 'SIGKILL: contacts created twice or lost', unit: '', bar: 0, aim: 0, smallerIsBetter: true, value: Math.abs(contactsCreated - stored) + (changingUpserts - contactsCreated), facts },
      { row: 'recovery', what: 'SIGKILL: identical upserts for each kill', unit: '', bar: 100, aim: 100, smallerIsBetter: true, value: identicalUpserts / killShares.length, facts },
    ];
  } finally {
    await hub.stop();
  }
}

async function effects(bench: Bench): Promise<z.infer<typeof effectsSchema>['totals']> {
  return effectsSchema.parse(await bench.mailplus.get('/effects')).totals;
}

/** Kills the hub when the count is reached; resolves with seconds from the restart to a count above the one that the kill left. */
async function killOnce(hub: Hub, count: () => Promise<number>, target: number): Promise<number> {
  while (await count() < target) await new Promise((resolve) => setTimeout(resolve, lookMs));
  const { startedAt, ready } = await hub.killAndRestart();
  const before = await count();
  while (await count() <= before) await new Promise((resolve) => setTimeout(resolve, lookMs));
  const seconds = (performance.now() - startedAt) / 1_000;
  await ready;
  return seconds;
}
