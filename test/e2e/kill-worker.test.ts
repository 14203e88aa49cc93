import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EMAIL_CONSENT, EMAIL_PERMISSION_BIT } from '../../sandbox/dataset/index.ts';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { addCoins, addMailplus, pullNow } from '../support/e2e-connectors.ts';
import { callJson } from '../support/e2e-control.ts';
import type { HubRoles } from '../support/e2e-hub.ts';
import { isLate, killAt, outsideProgress, readIn, recover, tell, untilKilled, type Recovery } from '../support/e2e-kill.ts';
import { leaksOf, namesOf } from '../support/e2e-leaks.ts';
import { listSender, mostRepeated, type ListSender } from '../support/e2e-lists.ts';
import { addressOf, cardOf, cardsOf, wrongAbout } from '../support/e2e-people.ts';
import type { Program } from '../support/e2e-process.ts';
import { openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';

const random = createPrng(testSeed());
/** People of one list, more than one batch of the delivery. */
const size = 130;
const imported = 240;
/** Of every call, so that a kill that follows an effect finds the call under way. */
const slowMs = 120;

describe('SIGKILL of the worker', () => {
  let world: E2eWorld;
  let worker: Program;
  let token: string;
  let lists: ListSender;
  const recoveries: (Recovery & { readonly what: string })[] = [];

  beforeAll(async () => {
    const contacts = cardsOf('m', imported).map(({ email }, index) => ({
      externalId: `OLD-${index}`, properties: { email }, created: '2023-01-01T00:00:00Z', lastChanged: new Date(Date.UTC(2023, index % 36, 2)).toISOString(),
    }));
    world = await openE2eWorld({ contacts });
    worker = await world.hub.start('worker,gateway');
    await killFirstImport();
    token = await addCoins(world.hub, world.coins);
    lists = listSender(world, token);
  }, 90_000);

  afterAll(async () => {
    await world.close();
  });

  it('in the middle of the first import: everything is read, and nothing is written', async () => {
    expect(await readIn(world.hub)).toBe(imported);
    expect((await world.mail.effects()).totals).toMatchObject({ changingUpserts: 0, identicalUpserts: 0 });
  });

  it('after a contact is stored in Mail+', async () => {
    const target = 1 + random.below(size);
    const before = (await world.mail.effects()).totals.contactsCreated;
    await lists.surviving(size, async () => {
      await killAt(worker, async () => (await world.mail.effects()).totals.contactsCreated >= before + target, `${target} contacts in Mail+`);
      await restart(`after ${target} contacts`);
    });
  }, 120_000);

  it('after a list is stored in Mail+', async () => {
    const before = (await world.mail.lists()).length;
    await lists.surviving(size, async () => {
      await killAt(worker, async () => (await world.mail.lists()).length > before, 'a list in Mail+');
      await restart('after a list');
    });
  }, 120_000);

  it.each(['intent-before-call', 'call-before-outcome', 'commit-before-complete'])('at %s', async (point) => {
    const faultPoint = `${point}:${1 + random.below(3)}`;
    await startAgain(faultPoint);
    await lists.surviving(size, async () => {
      await untilKilled(worker, faultPoint);
      await restart(`at ${faultPoint}`);
    });
  }, 120_000);

  it('at accepted-before-signal, of a gateway in a process of its own, by a sender who does not try again', async () => {
    const { hub, mail } = world;
    await worker.stop();
    const [onlyWorker, gateway] = await Promise.all([hub.start('worker'), hub.start('gateway', 'accepted-before-signal')]);
    worker = onlyWorker;
    const page = { syncId: 'ONCE-1', cid: '210', list: { id: 'ONCE', name: 'Sent once', description: '' }, page: 1, pageCount: 1, prospects: cardsOf('once', 10) };
    const answer = callJson('POST', `${hub.gatewayUrl}/inbound/coins/coins-1/list-syncs`, page, { authorization: `Bearer ${token}`, 'idempotency-key': 'ONCE-1' });
    await expect(answer).rejects.toThrow();
    await untilKilled(gateway, 'accepted-before-signal');
    const next = await restart('of the gateway at accepted-before-signal', undefined, 'gateway');
    expect(wrongAbout('once', 10, await mail.contacts())).toEqual([]);
    expect(worker.hasEnded()).toBe(false);
    await Promise.all([next.stop(), worker.stop()]);
    worker = await hub.start('worker,gateway');
  }, 120_000);

  it('at during-merge', async () => {
    const { hub, coins, mail } = world;
    await coins.put([cardOf('MERGE-A', 'granted'), cardOf('MERGE-B', 'withdrawn')]);
    await lists.send(['MERGE-A', 'MERGE-B']);
    await hub.untilQuiet();
    await startAgain('during-merge');
    await coins.edit('MERGE-B', { email: addressOf('MERGE-A') });
    await lists.send(['MERGE-A', 'MERGE-B']);
    await untilKilled(worker, 'during-merge');
    await restart('at during-merge');
    const merged = await hub.row<{ records: number }>('select count(distinct record_id)::int records from source_record where external_id like \'MERGE-%\'');
    expect(merged.records).toBe(1);
    const [kept] = (await mail.contacts()).filter(({ email }) => email === addressOf('MERGE-A'));
    expect(kept?.permissions).toEqual([]);
    expect((await mail.effects()).repeatedFlips).toEqual([]);
  }, 120_000);

  it('while activities go back to Coins: at their number, and at call-before-outcome', async () => {
    const { hub, coins, mail } = world;
    const list = await listOf('act', 60);
    const { sent } = await mail.sendMailing({ name: 'Letter', recipients: { list } });
    const target = 1 + random.below(sent / 2);
    await pullNow(hub, 'mailplus-1', 'activities');
    await killAt(worker, async () => (await coins.journal()).counts.activitiesStored >= target, `${target} activities in Coins`);
    await restart(`after ${target} activities`);
    const faultPoint = `call-before-outcome:${1 + random.below(sent / 2)}`;
    await startAgain(faultPoint);
    await mail.sendMailing({ name: 'Second letter', recipients: { list } });
    await pullNow(hub, 'mailplus-1', 'activities').catch(() => undefined);
    await untilKilled(worker, faultPoint);
    await restart(`at ${faultPoint} of the activities`);
    const { counts } = await coins.journal();
    expect(counts).toMatchObject({ activitiesStored: 2 * sent, activitiesDoubled: 0, activitiesConflicting: 0 });
    expect(counts.activitiesRepeated).toBeGreaterThan(0);
    expect(counts.activitiesRepeated).toBeLessThanOrEqual(mostRepeated);
  }, 90_000);

  it('while withdrawals go back to Coins', async () => {
    const { hub, coins, mail } = world;
    const size = 40;
    await listOf('off', size);
    const granted = cardsOf('off', size).flatMap(({ prospectId }, index) => (index % 4 < 2 ? [prospectId] : []));
    const before = (await coins.journal()).counts.permissionFlips;
    for (const id of granted) await mail.unsubscribe({ email: addressOf(id) }, EMAIL_PERMISSION_BIT);
    const target = 1 + random.below(granted.length - 1);
    const pulled = pullNow(hub, 'mailplus-1', 'contacts').catch(() => undefined);
    await killAt(worker, async () => (await coins.journal()).counts.permissionFlips >= before + target, `${target} withdrawals in Coins`);
    await restart(`after ${target} withdrawals`);
    await pulled;
    await hub.untilQuiet();
    const { counts, flipsByProspect } = await coins.journal();
    expect(granted.filter((id) => flipsByProspect[id]?.[EMAIL_CONSENT.code] !== 1)).toEqual([]);
    expect(counts.permissionFlips).toBe(before + granted.length);
    expect((await mail.effects()).repeatedFlips).toEqual([]);
  }, 120_000);

  it('while tasks are made in Coins for people whose mail bounces', async () => {
    const { hub, coins, mail } = world;
    const people = 40;
    const list = await listOf('lost', people);
    await mail.sendMailing({ name: 'Letter that comes back', recipients: { list }, bounced: { count: people } });
    const target = 1 + random.below(people / 2);
    const pulled = pullNow(hub, 'mailplus-1', 'activities').catch(() => undefined);
    await killAt(worker, async () => (await coins.journal()).counts.tasksStored >= target, `${target} tasks in Coins`);
    await restart(`after ${target} tasks`);
    await pulled;
    await hub.untilQuiet();
    const { counts } = await coins.journal();
    expect(counts).toMatchObject({ tasksStored: people, tasksDoubled: 0, tasksConflicting: 0 });
    expect(counts.tasksRepeated).toBeLessThanOrEqual(mostRepeated);
    expect(await hub.row('select count(*)::int cases, count(distinct record_id)::int records from bounce_case where resolved_at is null')).toEqual({ cases: people, records: people });
  }, 90_000);

  it.each(['intent-before-call', 'call-before-outcome'])('at %s of people who are erased', async (point) => {
    const { hub, coins, mail } = world;
    const people = 8;
    await listOf(point, people);
    await coins.setLatency(0);
    const emails = cardsOf(point, people).map(({ email }) => email);
    const ids = (await hub.rows<{ id: string }>('select id from record where email = any($1) and merged_into is null', [emails])).map(({ id }) => id);
    const before = (await mail.effects()).totals.anonymised;
    const faultPoint = `${point}:${1 + random.below(people / 2)}`;
    await startAgain(faultPoint);
    const eraseAll = () => Promise.allSettled(ids.map((id) => hub.api('POST', `/records/${id}/erase`, { confirm: true })));
    await eraseAll();
    await untilKilled(worker, faultPoint);
    await restart(`at ${faultPoint} of erasures`, async () => (await mail.effects()).totals.anonymised);
    await eraseAll();
    await hub.untilQuiet();
    expect(ids).toHaveLength(people);
    expect((await mail.effects()).totals.anonymised - before).toBe(people);
    expect((await mail.contacts()).filter(({ email }) => emails.includes(email ?? ''))).toEqual([]);
    expect(await hub.row('select count(*)::int erased from erasure where record_id = any($1) and kind = \'erase\'', [ids])).toEqual({ erased: people });
  }, 90_000);

  it('goes on within ten seconds of each restart', () => {
    expect(recoveries.filter(isLate)).toEqual([]);
  });

  it('has put nothing personal and no secret into a workflow or a log', async () => {
    expect(await leaksOf(world, namesOf(cardsOf('any', 1)), [token])).toEqual([]);
  });

  async function killFirstImport(): Promise<void> {
    const { hub, mail } = world;
    const target = 1 + random.below(imported / 2);
    await mail.setLatency(slowMs);
    const live = addMailplus(hub, mail);
    await killAt(worker, async () => (await readIn(hub)) >= target, `${target} contacts read in`);
    await restart(`with ${target} contacts of the first import read`, () => readIn(hub));
    await live;
  }

  /** A list of new people, in Mail+; resolves with its name there. From then on Coins answers slowly. */
  async function listOf(prefix: string, people: number): Promise<string> {
    const { hub, coins, mail } = world;
    await coins.setLatency(0);
    const cards = cardsOf(prefix, people);
    await coins.put(cards);
    const name = await lists.send(cards.map(({ prospectId }) => prospectId));
    await hub.untilQuiet();
    await coins.setLatency(slowMs);
    return (await mail.lists()).find((one) => one.name.startsWith(name))?.name ?? '';
  }

  async function startAgain(faultPoint: string): Promise<void> {
    await worker.stop();
    worker = await world.hub.start('worker,gateway', faultPoint);
  }

  /** Starts a process in the place of one that was killed, and waits until everything is done; resolves with it. */
  async function restart(what: string, progress = () => outsideProgress(world), roles: HubRoles = 'worker,gateway'): Promise<Program> {
    const started = world.hub.start(roles);
    const recovery = await recover(world.hub, progress, async () => {
      const { spawnedAt, readyAt } = await started;
      return { beganAt: spawnedAt, answeredAt: readyAt };
    });
    recoveries.push({ what, ...recovery });
    tell(what, recovery);
    if (roles !== 'gateway') worker = await started;
    return started;
  }
});
