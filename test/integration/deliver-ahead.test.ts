import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { consent, emailBit, emailPermission } from '../support/hub-world.ts';
import { waitFor } from '../support/wait-for.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let dieAt = '';
let calls: readonly (readonly string[])[] = [];

beforeAll(async () => {
  world = await openDeliverWorld({ overrides: { faultPoint: async (name) => { if (`${name}:${calls.length}` === dieAt) throw new Error('killed'); } } });
});
afterAll(() => world.close());
afterEach(async () => {
  dieAt = '';
  world.calm();
  world.mail.state.clearFaults();
  await world.settle();
});

const db = () => world.pipeline.deps.db;
const intents = () => db().selectFrom('call_intent').select(['id', 'items']).orderBy('id').execute();
const deliver = () => world.pipeline.deliver('mailplus-1');
const linksOf = (ids: readonly string[]) => db().selectFrom('link').select(['external_id', 'held', 'sent']).where('connector_id', '=', 'mailplus-1').where('external_id', 'in', [...ids]).orderBy('external_id').execute();

/** What `during` does with each call, which `after` follows once the platform has stored it. Counts from 1. */
function watch(during: (call: number) => Promise<void>, after: (call: number) => Promise<void> = () => Promise.resolve()): void {
  calls = [];
  world.hooks.beforeDeliver = async (_, items) => {
    calls = [...calls, items.map((item) => item.externalId)];
    await during(calls.length);
  };
  world.hooks.afterDeliver = () => after(calls.length);
}

const none = () => Promise.resolve();
let scenes = 0;

/** So many are left for the third call. */
const rest = 10;

/** People who are new at Mail+, pending: two full calls and a small one. */
async function people(count = 200 + rest): Promise<readonly string[]> {
  scenes += 1;
  const cards = Array.from({ length: count }, (_, i) => ({ prospectId: `P${scenes}-${i}`, email: `p${i}.${scenes}@example.test`, forename: 'Old', consents: consent(true, at(1)) }));
  await world.sync('coins-1', cards);
  return cards.map((card) => card.email);
}

const effectsOf = (emails: readonly string[]) => emails.map((email) => world.contact(email)).map((c) => [c?.changingUpserts, c?.identicalUpserts]);

describe('an intent that is stored beside the call before it', () => {
  it('is committed while that call is under way, for the batch behind it alone, and each is sent once', async () => {
    const emails = await people();
    const seen: number[] = [];
    watch(none, async (call) => {
      if (call === 2) await waitFor(async () => (await intents()).length === 2);
      seen.push((await intents()).length);
    });
    await deliver();
    expect(seen).toEqual([1, 2, 1]);
    expect(await intents()).toEqual([]);
    expect(effectsOf(emails)).toEqual(emails.map(() => [1, 0]));
  });

  it('waits for the outcome where calls are long, so that little is on its way at a time', async () => {
    await people();
    const seen: number[] = [];
    let clock = Date.now();
    const own = world.pipeline.deps.now;
    Object.assign(world.pipeline.deps, { now: () => clock });
    watch(async () => { clock += 250; }, async () => { seen.push((await intents()).length); });
    await deliver().finally(() => { Object.assign(world.pipeline.deps, { now: own }); });
    expect(seen).toEqual([1, 1, 1]);
  });

  it('leaves nothing behind when that call fails: no intent, no link, no value on its way', async () => {
    const emails = await people();
    const ahead: string[] = [];
    watch(async (call) => {
      if (call !== 2) return;
      await waitFor(async () => (await intents()).length === 2);
      ahead.push(...((await intents())[1]?.items ?? []).map((item) => item.link));
      world.mail.state.addFault({ action: 'reset', path: '/contact/list', method: 'POST', count: 1 });
    });
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    expect(ahead).toHaveLength(rest);
    expect(await intents()).toEqual([]);
    expect(await linksOf(ahead)).toEqual([]);
    watch(none);
    await deliver();
    expect(effectsOf(emails)).toEqual(emails.map(() => [1, 0]));
  });

  it('leaves a link that was there before, of which nothing is known yet, and what is addressed to it', async () => {
    const emails = await people();
    const last = await db().selectFrom('delivery').select('record_id').where('connector_id', '=', 'mailplus-1').where('state', '=', 'pending').orderBy('pending_since', 'desc').orderBy('record_id', 'desc').executeTakeFirstOrThrow();
    await db().insertInto('link').values({ account_id: 'default', connector_id: 'mailplus-1', data_type: 'contacts', external_id: 'merged-into', record_id: last.record_id, held: '{}' }).execute();
    await db().updateTable('delivery').set({ target: 'merged-into' }).where('connector_id', '=', 'mailplus-1').where('record_id', '=', last.record_id).execute();
    watch(async (call) => {
      if (call !== 2) return;
      await waitFor(async () => (await intents()).length === 2);
      world.mail.state.addFault({ action: 'reset', path: '/contact/list', method: 'POST', count: 1 });
    });
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    expect(await linksOf(['merged-into'])).toMatchObject([{ held: {}, sent: {} }]);
    watch(none);
    await deliver();
    expect(effectsOf(emails)).toEqual(emails.map(() => [1, 0]));
  });

  it('is taken back for what is more urgent: nothing of it counts as sent', async () => {
    const emails = await people();
    await world.settle();
    const [first = ''] = emails;
    for (const email of emails) world.coinsOf('coins-1').state.edit(cardOf(email), { forename: 'New' });
    await world.pull('coins-1');
    let after: Awaited<ReturnType<typeof linksOf>> = [];
    let ahead: string[] = [];
    watch(async (call) => {
      if (call === 2) {
        await waitFor(async () => (await intents()).length === 2);
        ahead = ((await intents())[1]?.items ?? []).map((item) => item.link);
        world.coinsOf('coins-1').state.edit(cardOf(first), { consents: consent(false, at(2)) });
        await world.pull('coins-1');
      }
      if (call === 3) after = await linksOf(ahead);
    });
    await deliver();
    expect(calls[2]).toHaveLength(1);
    expect(world.contact(first)?.permissions).toEqual([]);
    expect(after).toHaveLength(rest);
    for (const { held, sent } of after) {
      expect(held).toMatchObject({ firstName: 'Old' });
      expect(JSON.stringify(sent)).not.toContain('New');
    }
    expect(effectsOf(emails.slice(1))).toEqual(emails.slice(1).map(() => [2, 0]));
  });

  it.each(['intent-before-call', 'call-before-outcome'])('has no effect of its own after a death at %s: one batch at most is sent twice', async (point) => {
    const emails = await people();
    watch(none);
    dieAt = point === 'intent-before-call' ? `${point}:1` : `${point}:2`;
    await expect(deliver()).rejects.toThrow('killed');
    dieAt = '';
    watch(none);
    await deliver();
    const effects = effectsOf(emails);
    expect(effects.map(([changing]) => changing)).toEqual(emails.map(() => 1));
    expect(effects.filter(([, identical]) => identical !== 0).length).toBeLessThanOrEqual(point === 'intent-before-call' ? 0 : 100);
    expect(await intents()).toEqual([]);
  });

  it('does not undo a no that a person gives there while it waits for its call', async () => {
    const emails = await people();
    await world.settle();
    for (const email of emails) world.coinsOf('coins-1').state.edit(cardOf(email), { forename: 'New' });
    await world.pull('coins-1');
    let person = '';
    watch(async (call) => {
      if (call !== 2) return;
      await waitFor(async () => (await intents()).length === 2);
      const { email } = await db().selectFrom('record').select('email').where('id', '=', (await intents())[1]?.items[0]?.recordId ?? 0).executeTakeFirstOrThrow();
      person = email ?? '';
      world.mail.state.unsubscribe({ contact: { email: person }, bit: emailBit });
    });
    await deliver();
    await world.pull('mailplus-1');
    await world.settle();
    expect(world.contact(person)).toMatchObject({ permissions: [], properties: { firstName: 'New' } });
    const { consent: known } = await db().selectFrom('record').select('consent').where('email', '=', person).executeTakeFirstOrThrow();
    expect(known[emailPermission]).toMatchObject({ state: 'withdrawn' });
  });
});

const cardOf = (email: string) => `P${email.split(/[.@]/)[1]}-${email.slice(1).split('.')[0]}`;
