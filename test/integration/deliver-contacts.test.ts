import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { HubError } from '../../domain/errors.ts';
import { sweepData } from '../../activities/sweep-data.ts';
import { consent, emailBit, emailPermission } from '../support/hub-world.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let scenes = 0;
const scene = () => {
  scenes += 1;
  const number = scenes;
  return { id: (name = 'A') => `${name}${number}`, email: (name = 'a') => `${name}.${number}@example.test` };
};

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(async () => {
  world.calm();
  world.mail.state.clearFaults();
  await world.settle();
});

const db = () => world.pipeline.deps.db;
const calls = () => world.mail.state.counters()['POST /contact/list']?.calls ?? 0;
const deliver = (connectorId = 'mailplus-1') => world.pipeline.deliver(connectorId);
const editCard = async (id: string, change: object): Promise<void> => {
  world.coinsOf('coins-1').state.edit(id, change);
  await world.pull('coins-1');
};

/** An address on Mail+'s blacklist; the contact itself changed so long ago that no read finds it. */
function blocked(address: string): string {
  world.mail.state.seedContacts([{ properties: { email: address }, created: '2001-01-01', lastChanged: '2001-01-01' }]);
  world.mail.state.inactivate({ contact: { email: address }, at: '2001-01-01' });
  return address;
}

async function deliveriesOf(email: string) {
  return db().selectFrom('delivery').innerJoin('record', 'record.id', 'delivery.record_id')
    .select(['delivery.target', 'delivery.state', 'delivery.code', 'delivery.reason', 'delivery.wanted', 'delivery.delivered', 'delivery.failures'])
    .where('record.email', '=', email).where('delivery.connector_id', '=', 'mailplus-1').orderBy('delivery.target').execute();
}

async function linksOf(email: string) {
  return db().selectFrom('link').innerJoin('record', 'record.id', 'link.record_id').select(['link.external_id', 'link.held', 'link.sent', 'link.is_primary'])
    .where('record.email', '=', email).where('link.connector_id', '=', 'mailplus-1').orderBy('link.external_id').execute();
}

const openIntents = async () => (await db().selectFrom('call_intent').select('id').execute()).length;

describe('counter and intent', () => {
  it('does not lose a change that arrives during the call', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email(), forename: 'First' }]);
    world.hooks.afterDeliver = async () => {
      world.calm();
      await editCard(id(), { forename: 'Second' });
    };
    await deliver();
    expect(world.contact(email())?.properties['firstName']).toBe('Second');
    await editCard(id(), { forename: 'Third' });
    world.hooks.afterDeliver = async () => {
      world.calm();
      await editCard(id(), { forename: 'Fourth' });
    };
    await deliver();
    expect(world.contact(email())?.properties['firstName']).toBe('Fourth');
    expect((await deliveriesOf(email())).map((d) => d.state)).not.toContain('pending');
  });

  it('makes one call of ten edits during an outage, with the last state', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email(), forename: 'Edit 0' }]);
    await world.settle();
    const before = calls();
    world.mail.state.addFault({ action: 'reset', path: '/contact/list', method: 'POST' });
    for (let edit = 1; edit <= 10; edit += 1) {
      await editCard(id(), { forename: `Edit ${edit}` });
      if (edit === 5) await expect(deliver()).rejects.toThrow();
    }
    world.mail.state.clearFaults();
    const after = calls();
    await deliver();
    expect(calls() - after).toBe(1);
    expect(after - before).toBe(1);
    expect(world.contact(email())?.properties['firstName']).toBe('Edit 10');
  });

  it('plans afresh when the outcome is lost, with no second effect', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email(), forename: 'Ann', consents: consent(true, at(1)) }]);
    world.mail.state.addFault({ action: 'reset', when: 'after', path: '/contact/list', method: 'POST', count: 1 });
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    expect(await openIntents()).toBe(0);
    await deliver();
    const contact = world.contact(email());
    expect(contact).toMatchObject({ permissions: [emailBit] });
    expect([...world.mail.state.contacts()].filter((c) => c.email === email())).toHaveLength(1);
    expect(contact).toMatchObject({ changingUpserts: 1, permissionFlips: { [emailBit]: { on: 1, off: 0 } } });
    expect(contact?.identicalUpserts).toBeLessThanOrEqual(1);
  });

  it('leaves no ghost of a refused new contact, and makes it when it is corrected', async () => {
    const { id, email } = scene();
    const bad = blocked(email('blocked'));
    await world.sync('coins-1', [{ prospectId: id(), email: bad }, { prospectId: id('B'), email: email('fine') }]);
    await deliver();
    expect(await deliveriesOf(bad)).toMatchObject([{ state: 'excluded', code: 'RECORD_OPTED_OUT', target: '' }]);
    expect(await linksOf(bad)).toEqual([]);
    expect(world.contact(email('fine'))).toBeDefined();
    await editCard(id(), { email: email('good') });
    await deliver();
    expect(world.contact(email('good'))).toBeDefined();
    expect((await deliveriesOf(email('good'))).map((d) => d.state)).toEqual(['delivered']);
  });

  it('makes a refused new contact also when it was corrected while it was being refused', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: blocked(email('blocked')) }]);
    world.hooks.afterDeliver = async () => {
      world.calm();
      await editCard(id(), { email: email('good') });
    };
    await deliver();
    expect(world.contact(email('good'))).toBeDefined();
    expect((await deliveriesOf(email('good'))).map((d) => d.state)).not.toContain('failed');
  });

  it('shows a contact that Mail+ has blocked as excluded, and sends it again with its next change', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email() }]);
    await world.settle();
    world.mail.state.inactivate({ contact: { email: email() } });
    await editCard(id(), { forename: 'One' });
    await deliver();
    expect(await deliveriesOf(email())).toContainEqual(expect.objectContaining({ state: 'excluded', code: 'RECORD_OPTED_OUT' }));
    world.mail.state.activate({ contact: { email: email() } });
    await editCard(id(), { forename: 'Two' });
    await deliver();
    expect(world.contact(email())?.properties['firstName']).toBe('Two');
  });
});

describe('the id that a contact gets', () => {
  it('is never one that another contact has already', async () => {
    const { id, email } = scene();
    const { rows: [next] } = { rows: await db().selectFrom('record').select(({ fn }) => fn.max('id').as('id')).execute() };
    const numbers = Array.from({ length: 30 }, (_, i) => Number(next?.id ?? 0) + 1 + i);
    world.mail.state.seedContacts(numbers.map((n) => ({ externalId: String(n), properties: { email: email(`old${n}`), firstName: `Old ${n}` } })));
    await world.pull('mailplus-1');
    await world.sync('coins-1', [1, 2, 3].map((n) => ({ prospectId: id(`N${n}`), email: email(`new${n}`), forename: `New ${n}` })));
    await world.settle();
    for (const n of numbers) expect(world.contact(email(`old${n}`))?.properties['firstName']).toBe(`Old ${n}`);
    for (const n of [1, 2, 3]) expect(world.contact(email(`new${n}`))?.properties['firstName']).toBe(`New ${n}`);
  });
});

describe('a contact that Mail+ has without an id of ours', () => {
  it('gets our id once, and keeps its history', async () => {
    const { id, email } = scene();
    world.mail.state.seedContacts([{ properties: { email: email(), firstName: 'Theirs', city: 'Leeds' }, permissions: [emailBit] }]);
    await world.pull('mailplus-1');
    expect((await linksOf(email()))[0]?.external_id).toMatch(/^enc:/);
    const { encryptedId } = world.contact(email()) ?? {};
    await world.sync('coins-1', [{ prospectId: id(), email: email().toUpperCase(), forename: 'Ours' }]);
    await world.settle();
    const contact = world.contact(email());
    const [link] = await linksOf(email());
    expect(contact).toMatchObject({ encryptedId, permissions: [emailBit], properties: { city: 'Leeds' } });
    expect(Object.values(contact?.externalIds ?? {})).toEqual([link?.external_id]);
    expect(link?.external_id).not.toMatch(/^enc:/);
    const before = calls();
    await world.pull('mailplus-1');
    await world.settle();
    expect(calls()).toBe(before);
    expect(await linksOf(email())).toHaveLength(1);
  });

  it('is on the list although nothing of it differs from what Coins says', async () => {
    const { id, email } = scene();
    world.mail.state.seedContacts([{ properties: { email: email(), firstName: 'Same' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id(), email: email(), forename: 'Same', lastModified: '2001-01-01T00:00:00.000Z' }], { listName: id('List') });
    await world.settle();
    const list = world.mail.state.lists().find(({ name }) => name.startsWith(id('List')));
    expect(list?.members.map((member) => member.email)).toEqual([email()]);
  });

  it('may change its address in two rounds', async () => {
    const { id, email } = scene();
    world.mail.state.seedContacts([{ properties: { email: email('old'), city: 'Leeds' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id(), email: email('old') }]);
    await editCard(id(), { email: email('new') });
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    const found = [...world.mail.state.contacts()].filter((c) => [email('old'), email('new')].includes(c.email ?? ''));
    expect(found).toMatchObject([{ email: email('new'), properties: { city: 'Leeds' } }]);
    expect((await deliveriesOf(email('new'))).map((d) => d.state)).not.toContain('pending');
  });

  it('is told right when a read finds the new id before the outcome is stored', async () => {
    const { id, email } = scene();
    world.mail.state.seedContacts([{ properties: { email: email(), city: 'Leeds' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id(), email: email(), forename: 'Ann' }]);
    world.hooks.afterDeliver = async () => {
      world.calm();
      await world.pull('mailplus-1');
    };
    await deliver();
    const [link] = await linksOf(email());
    expect(link?.external_id).not.toMatch(/^enc:/);
    expect(Object.values(link?.sent ?? {}).filter((call) => call.endedAt === null)).toEqual([]);
    expect((await deliveriesOf(email())).map((d) => d.state)).toEqual(['delivered']);
  });
});

describe('the gate', () => {
  it('parks until the first import is complete, then lets go, also what was raised beside the opening', async () => {
    const { id, email } = scene();
    const imports = await db().selectFrom('backfill_run').selectAll().where('connector_id', '=', 'mailplus-1').execute();
    await db().deleteFrom('backfill_run').where('connector_id', '=', 'mailplus-1').execute();
    await world.sync('coins-1', [{ prospectId: id(), email: email() }]);
    expect(await deliver()).toMatchObject({ waiting: 'waiting for its own first import' });
    expect(await deliveriesOf(email())).toMatchObject([{ state: 'parked', reason: 'waiting for its own first import' }]);
    expect(world.contact(email())).toBeUndefined();
    for (const run of imports) await world.pipeline.finishFirstImport(run.connector_id);
    await deliver();
    expect(await deliveriesOf(email())).toMatchObject([{ state: 'parked' }]);
    const swept = await sweepData({ ...world.pipeline.deps, waker: { wake: () => undefined }, intervals: { pullMs: 1, sweepMs: 1 } } as unknown as Parameters<typeof sweepData>[0]);
    expect(swept.deliveriesFreed).toBe(1);
    await deliver();
    expect(world.contact(email())).toBeDefined();
  });
});

describe('the look ahead', () => {
  it('honours an unsubscribe made a moment before an older grant would be delivered', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email(), consents: consent(false, at(1)) }]);
    await world.settle();
    world.mail.state.resubscribe({ contact: { email: email() }, bit: emailBit });
    await world.pull('mailplus-1');
    await world.settle();
    await editCard(id(), { consents: consent(true, new Date(Date.now() - 1_000).toISOString()) });
    world.mail.state.unsubscribe({ contact: { email: email() }, bit: emailBit });
    await world.settle();
    expect(world.contact(email())?.permissions).toEqual([]);
    expect(world.contact(email())?.permissionFlips[emailBit]?.on ?? 0).toBe(0);
  });
});

describe('permissions', () => {
  it('are left out for a connector with the strategy none, and when they are unlinked', async () => {
    const { id, email } = scene();
    const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
    const set = (optInStrategy: string) => db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, optInStrategy }) }).where('id', '=', 'mailplus-1').execute();
    await set('none');
    await world.sync('coins-1', [{ prospectId: id('N'), email: email('none'), consents: consent(true, at(1)) }]);
    await world.settle();
    expect(world.contact(email('none'))?.permissions).toEqual([]);
    await set('only-subscriptions');
    await world.sync('coins-1', [{ prospectId: id('S'), email: email('subs'), consents: consent(true, at(1)) }]);
    await world.settle();
    expect(world.contact(email('subs'))?.permissions).toEqual([emailBit]);
    await editCard(id('S'), { consents: consent(false, at(2)) });
    await world.settle();
    expect(world.contact(email('subs'))?.permissions).toEqual([emailBit]);
    await set('both');
    await editCard(id('S'), { forename: 'Now' });
    await world.settle();
    expect(world.contact(email('subs'))?.permissions).toEqual([]);
    await db().deleteFrom('permission_link').where('connector_id', '=', 'mailplus-1').execute();
    await world.sync('coins-1', [{ prospectId: id('U'), email: email('unlinked'), consents: consent(true, at(1)) }]);
    await world.settle();
    expect(world.contact(email('unlinked'))?.permissions).toEqual([]);
    await db().insertInto('permission_link').values({ account_id: 'default', connector_id: 'mailplus-1', permission: emailPermission, platform_key: `permissions:${emailBit}` }).execute();
  });
});

describe('one sender', () => {
  it('refuses a second one', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email() }]);
    let second: unknown;
    world.hooks.beforeDeliver = async () => {
      world.calm();
      second = await deliver().catch((error: unknown) => error);
    };
    await deliver();
    expect(second).toBeInstanceOf(HubError);
    expect(second).toMatchObject({ code: 'SENDER_BUSY' });
  });

  it('stops its call when the connection with its lock dies, and its outcome does not count', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email() }]);
    world.mail.state.addFault({ action: 'slow', latencyMs: 4_000, path: '/contact/list', method: 'POST', count: 1 });
    const startedMs = Date.now();
    world.hooks.beforeDeliver = async () => {
      world.calm();
      await killLockHolders();
    };
    await expect(deliver()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(Date.now() - startedMs).toBeLessThan(3_500);
    expect((await deliveriesOf(email()))[0]).toMatchObject({ state: 'pending', failures: 0 });
    await deliver();
    expect(world.contact(email())).toBeDefined();
  });

  it('refuses the outcome of an older sender', async () => {
    const { id, email } = scene();
    await world.sync('coins-1', [{ prospectId: id(), email: email() }]);
    world.hooks.afterDeliver = async () => {
      world.calm();
      await db().updateTable('connector').set((eb) => ({ sender_epoch: eb('sender_epoch', '+', 1) })).where('id', '=', 'mailplus-1').execute();
    };
    await expect(deliver()).rejects.toMatchObject({ code: 'SENDER_BUSY' });
    expect((await deliveriesOf(email()))[0]).toMatchObject({ state: 'pending', failures: 0 });
    await deliver();
    expect(await openIntents()).toBe(0);
    expect((await deliveriesOf(email())).map((d) => d.state)).toEqual(['delivered']);
  });
});

async function killLockHolders(): Promise<void> {
  const client = new pg.Client({ connectionString: world.database.url });
  await client.connect();
  await client.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");
  await client.end();
}
