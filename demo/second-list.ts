import { setTimeout as delay } from 'node:timers/promises';
import type { Connected } from './connect.ts';
import { listSyncReport, startListSync, staticLists, type DemoList } from './list-sync.ts';
import { judgeMailplus, switchedTooOften } from './mailplus-checks.ts';
import { coinsCounts, mailplusSummary, type MailplusEffects } from './outside.ts';
import { watchProgress } from './progress.ts';
import { untilQuiet, type Stage } from './stage.ts';

/** One batch of a delivery to Mail+: so many contacts may be sent a second time, unchanged, after a kill. */
const deliveryBatch = 100;
/** As if Mail+ were far away, so that the kill falls into the middle. */
const latencyMs = 100;
const killAtShare = 0.4;
const pauseMs = 1_000;

/** Coins sends a second list; the worker is killed in the middle and started again. Everything arrives, once. */
export async function secondList(stage: Stage, connected: Connected): Promise<void> {
  const { data, hub, mailplus, coins, say } = stage;
  const before = { effects: await effectsOf(stage), counts: await coinsCounts(coins) };
  await mailplus.control.send('PUT', '/latency', { latencyMs });
  say(`Coins starts a second list sync of ${data.secondIds.length} other prospects; Mail+ now takes ${latencyMs} ms for each call.`);
  const list: DemoList = { id: 'L-3', name: 'Riverside interest', prospectIds: data.secondIds };
  const syncId = await startListSync(stage, connected, list);
  const contacts = async (): Promise<number> => (await mailplusSummary(mailplus)).contacts;
  const start = data.first.contactsAtEnd;
  const killAt = start + Math.round((data.both.contactsAtEnd - start) * killAtShare);
  const bar = { title: 'Coins to Mail+', unit: 'contacts in Mail+', total: data.both.contactsAtEnd, value: contacts };
  const reached = await watchProgress({ ...bar, until: (value) => value >= killAt });
  const { workerPid } = hub;
  await hub.killWorker();
  const atKill = await contacts();
  say(`kill -9 ${workerPid}: the worker is gone after ${reached - start} of ${data.both.contactsAtEnd - start} new contacts. Starting another one.`);
  await delay(pauseMs);
  await hub.startWorker();
  await watchProgress({ ...bar, title: 'After the restart' });
  const report = await listSyncReport(stage, syncId);
  await untilQuiet(stage);
  await mailplus.control.send('PUT', '/latency', { latencyMs: 0 });
  stage.checks.part('Second list sync, the worker killed with SIGKILL in the middle');
  stage.checks.equal('killed before everything had arrived (1: yes)', 1, atKill < data.both.contactsAtEnd ? 1 : 0);
  await checkAfterKill(stage, list, before, report);
}

const effectsOf = ({ mailplus }: Stage): Promise<MailplusEffects> => mailplus.control.get<MailplusEffects>('/effects');

async function checkAfterKill(
  stage: Stage, list: DemoList, before: { readonly effects: MailplusEffects; readonly counts: Awaited<ReturnType<typeof coinsCounts>> }, report: Awaited<ReturnType<typeof listSyncReport>>,
): Promise<void> {
  const { checks, data, mailplus, coins } = stage;
  const withdrawn = new Set(data.chosen.unsubscribed.map(({ email }) => email));
  const verdict = await judgeMailplus(mailplus, data.both, withdrawn);
  const effects = await effectsOf(stage);
  const counts = await coinsCounts(coins);
  const lists = await staticLists(stage, list);
  if (verdict.wrongExamples.length > 0) stage.say(`Look at the prospects ${verdict.wrongExamples.join(', ')}.`);
  checks.equal('prospects accepted', data.second.prospectsAccepted, report.accepted);
  checks.equal('prospects rejected', data.second.rejected, report.rejected.length);
  checks.equal('contacts in Mail+', data.both.contactsAtEnd, verdict.contacts);
  checks.equal('lost: people who are not there exactly once', 0, verdict.notOnce);
  checks.equal('contacts with the e-mail permission on', data.both.permissionOnAtEnd - withdrawn.size, verdict.permissionOn);
  checks.equal('people with a wrong permission', 0, verdict.wrongPermission);
  checks.equal('members of the static list', data.second.people, lists[0]?.members.length ?? 0);
  checks.equal('doubled: static lists made more than once', 0, Object.values(effects.listsCreated).filter((made) => made > 1).length + lists.length - 1);
  checks.equal('doubled: permissions in Mail+ switched too often', 0, switchedTooOften(effects, data.both));
  checks.equal('doubled: activities in Coins', 0, counts.activitiesDoubled + counts.activitiesConflicting);
  checks.equal('activities in Coins added by the second list', 0, counts.activitiesStored - before.counts.activitiesStored);
  checks.atMost('the same upsert sent again, nothing changed by it', deliveryBatch, effects.totals.identicalUpserts - before.effects.totals.identicalUpserts);
}
