import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type HubWorld } from '../support/hub-world.ts';
import { startPoisonFront, type PoisonFront } from '../support/deliver-world.ts';

let world: HubWorld;
let mail: PoisonFront;
let coins: PoisonFront;
let scenes = 0;

beforeAll(async () => {
  world = await openWorld();
  mail = await startPoisonFront(world.mail.url);
  coins = await startPoisonFront(world.coinsOf('coins-1').url);
  await goThrough('mailplus-1', mail.url);
  await goThrough('coins-1', coins.url);
});
afterAll(async () => {
  await mail.close();
  await coins.close();
  await world.close();
});
afterEach(async () => {
  mail.poison.clear();
  coins.poison.clear();
  world.mail.state.clearFaults();
  await world.settle();
});

const db = () => world.pipeline.deps.db;
const deliver = (connectorId = 'mailplus-1') => world.pipeline.deliver(connectorId);

async function goThrough(connectorId: string, baseUrl: string): Promise<void> {
  const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', connectorId).executeTakeFirstOrThrow();
  await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, baseUrl }) }).where('id', '=', connectorId).execute();
}

/** People of one test; the one with the number `bad` has a name that the platform fails on. */
async function people(count: number, bad: readonly number[]): Promise<string[]> {
  scenes += 1;
  const number = scenes;
  const cards = Array.from({ length: count }, (_, i) => ({ prospectId: `P${number}-${i}`, email: `p${i}.${number}@example.test`, forename: bad.includes(i) ? 'Poison' : 'Fine' }));
  await world.sync('coins-1', cards);
  return cards.map((card) => card.email);
}

async function statesOf(emails: readonly string[]) {
  const rows = await db().selectFrom('delivery').innerJoin('record', 'record.id', 'delivery.record_id').select(['record.email', 'delivery.state', 'delivery.code', 'delivery.reason'])
    .where('record.email', 'in', [...emails]).where('delivery.connector_id', '=', 'mailplus-1').execute();
  return new Map(rows.map((row) => [row.email, row]));
}

const sentBatches = () => mail.bodies.filter(({ call }) => call === 'POST /integrationservice/contact/list').length;

describe('a batch with a record that the platform fails on', () => {
  it('throws the first time; the second time that record fails alone and all others arrive, in few calls', async () => {
    mail.poison.add('Poison');
    const emails = await people(100, [37]);
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    expect([...(await statesOf(emails)).values()].every((row) => row.state === 'pending')).toBe(true);
    const before = sentBatches();
    await deliver();
    expect(sentBatches() - before).toBeLessThanOrEqual(20);
    const states = await statesOf(emails);
    expect(states.get(emails[37] ?? '')).toMatchObject({ state: 'failed', code: 'RECORD_REFUSED', reason: expect.stringContaining('fails on this record alone') });
    expect(emails.filter((email) => states.get(email)?.state === 'delivered')).toHaveLength(99);
    expect(emails.filter((email) => world.contact(email) !== undefined)).toHaveLength(99);
  });

  it('finds several of them, and they go out when they change', async () => {
    mail.poison.add('Poison');
    const emails = await people(40, [0, 19, 20, 39]);
    await expect(deliver()).rejects.toThrow();
    await deliver();
    expect([...(await statesOf(emails)).values()].filter((row) => row.state === 'failed')).toHaveLength(4);
    mail.poison.clear();
    const card = world.coinsOf('coins-1').state.cards.require(`P${scenes}-0`);
    world.coinsOf('coins-1').state.edit(card.prospectId, { forename: 'Healed' });
    await world.pull('coins-1');
    await deliver();
    expect(world.contact(emails[0] ?? '')?.properties['firstName']).toBe('Healed');
  });

  it('lets others go first when it stands alone, and fails by that comparison', async () => {
    mail.poison.add('Poison');
    const [bad] = await people(1, [0]);
    await expect(deliver()).rejects.toThrow();
    await expect(deliver()).rejects.toThrow();
    expect((await statesOf([bad ?? ''])).get(bad ?? '')).toMatchObject({ state: 'pending' });
    const [fine] = await people(1, []);
    await deliver();
    expect(world.contact(fine ?? '')).toBeDefined();
    expect((await statesOf([bad ?? ''])).get(bad ?? '')).toMatchObject({ state: 'failed' });
  });
});

describe('a platform that takes nothing although its connection check succeeds', () => {
  it('blames nobody, however often it fails, and calls little', async () => {
    world.mail.state.addFault({ action: 'html500', method: 'POST', path: '/contact/list' });
    const emails = await people(120, []);
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const before = sentBatches();
      await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
      expect(sentBatches() - before).toBeLessThanOrEqual(30);
    }
    expect([...(await statesOf(emails)).values()].every((row) => row.state === 'pending')).toBe(true);
    world.mail.state.clearFaults();
    await deliver();
    expect(emails.every((email) => world.contact(email) !== undefined)).toBe(true);
  });

  it('is not even asked whether it works when it cannot be reached', async () => {
    await goThrough('mailplus-1', 'http://127.0.0.1:9/integrationservice');
    const emails = await people(3, []);
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    expect([...(await statesOf(emails)).values()].every((row) => row.state === 'pending')).toBe(true);
    await goThrough('mailplus-1', mail.url);
  });
});

describe('an action that the platform fails on', () => {
  it('throws the first time and fails alone the second time; the others are carried out', async () => {
    const [first, second, third] = await people(3, []);
    await world.settle();
    if (first === undefined || second === undefined || third === undefined) throw new Error('three people');
    const { encryptedId } = world.mail.state.sendMailing({ name: 'Poisoned mailing', type: 'EMAIL', recipients: { emails: [first, second, third] } });
    expect(encryptedId).not.toBe('');
    const day = 86_400_000;
    await world.pipeline.read('mailplus-1', 'sent', { from: new Date(Date.now() - day).toISOString(), to: new Date(Date.now() + 1_000).toISOString() });
    const actions = await db().selectFrom('action').select(['id', 'cause']).where('connector_id', '=', 'coins-1').where('state', '=', 'pending').orderBy('id').execute();
    expect(actions).toHaveLength(3);
    coins.poison.add(/mailplus-1\/[^@]*/.exec(actions[0]?.cause ?? '')?.[0] ?? 'none');
    await expect(deliver('coins-1')).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    await deliver('coins-1');
    const states = await db().selectFrom('action').select(['id', 'state', 'reason']).where('id', 'in', actions.map((a) => a.id)).orderBy('id').execute();
    expect(states.map((a) => a.state)).toEqual(['failed', 'done', 'done']);
    expect(states[0]?.reason).toContain('fails on this action alone');
  });
});
