import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

let world: DeliverWorld;
let scenes = 0;

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(() => {
  world.calm();
  world.mail.state.clearFaults();
  world.coinsOf('coins-1').clearFaults();
});

const db = () => world.pipeline.deps.db;
const coins = () => world.coinsOf('coins-1');

function scene(count: number) {
  scenes += 1;
  const number = scenes;
  const people = Array.from({ length: count }, (_, i) => ({ prospectId: `P${number}-${i}`, email: `p${i}.${number}@example.test` }));
  return { people, list: `L-${number}`, name: `List ${number}` };
}

/** Sends a mailing in Mail+, and reads that it was sent. */
async function mailing(emails: readonly string[], list?: string): Promise<void> {
  world.mail.state.sendMailing({ name: `Mailing ${scenes}`, type: 'EMAIL', recipients: list === undefined ? { emails: [...emails] } : { list } });
  await world.pipeline.read('mailplus-1', 'sent', { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() });
}

const activitiesOf = (prospectId: string) => coins().state.activities.of(prospectId);

async function actionsOf(connectorId: string, targets: readonly string[]) {
  return db().selectFrom('action').select(['id', 'target', 'kind', 'state', 'code', 'reason', 'not_before']).where('connector_id', '=', connectorId).where('target', 'in', [...targets]).orderBy('id').execute();
}

async function until(state: string, connectorId: string, targets: readonly string[], tries = 20): Promise<number> {
  for (let round = 1; round <= tries; round += 1) {
    await world.pipeline.deliver(connectorId).catch(() => undefined);
    await db().updateTable('action').set({ not_before: null }).where('state', '=', 'pending').execute();
    if ((await actionsOf(connectorId, targets)).every((action) => action.state === state)) return round;
  }
  throw new Error('The actions do not come to an end.');
}

describe('activities', () => {
  it('reach every linked prospect exactly once, also when outcomes are lost', async () => {
    const { people } = scene(3);
    const [first] = people;
    if (first === undefined) throw new Error('a person');
    const twin = { prospectId: `${first.prospectId}-twin`, email: first.email };
    await world.sync('coins-1', [...people, twin]);
    await world.settle();
    coins().addFault({ kind: 'reset-after', path: '/api/v1/prospects/*/activities', count: 2 });
    await mailing(people.map((person) => person.email));
    await until('done', 'coins-1', [...people, twin].map((person) => person.prospectId));
    for (const { prospectId } of [...people, twin]) expect(activitiesOf(prospectId)).toHaveLength(1);
    expect(coins().state.journal.counts).toMatchObject({ activitiesDoubled: 0, activitiesConflicting: 0 });
    await mailing([]).catch(() => undefined);
    await world.settle();
    for (const { prospectId } of [...people, twin]) expect(activitiesOf(prospectId)).toHaveLength(1);
  });

  it('follow a prospect that was merged, and fail alone at one that is gone', async () => {
    const { people } = scene(3);
    const [gone, kept, lost] = people;
    if (gone === undefined || kept === undefined || lost === undefined) throw new Error('three people');
    await world.sync('coins-1', [gone, kept]);
    await world.sync('coins-1', [lost], { onlySent: true });
    await world.settle();
    coins().state.merge(gone.prospectId, kept.prospectId);
    await mailing([gone.email, lost.email, kept.email]);
    await world.pipeline.deliver('coins-1');
    expect(activitiesOf(kept.prospectId)).toHaveLength(2);
    expect(await actionsOf('coins-1', [lost.prospectId])).toMatchObject([{ state: 'failed', code: 'RECORD_GONE' }]);
  });

  it('are sent again after a crash between call and outcome, with no second effect', async () => {
    const { people: [person] } = scene(1);
    if (person === undefined) throw new Error('a person');
    await world.sync('coins-1', [person]);
    await world.settle();
    await mailing([person.email]);
    world.hooks.afterAct = () => { throw new Error('killed'); };
    await expect(world.pipeline.deliver('coins-1')).rejects.toThrow();
    world.calm();
    expect(await actionsOf('coins-1', [person.prospectId])).toMatchObject([{ state: 'sending' }]);
    await world.pipeline.deliver('coins-1');
    expect(await actionsOf('coins-1', [person.prospectId])).toMatchObject([{ state: 'done' }]);
    expect(activitiesOf(person.prospectId)).toHaveLength(1);
  });

  it('let calls beside a failed one end before the run ends, and keep the order for one prospect', async () => {
    const { people } = scene(4);
    await world.sync('coins-1', people);
    await world.settle();
    await mailing(people.map((person) => person.email));
    await mailing(people.map((person) => person.email));
    const begun: string[] = [];
    const ended: string[] = [];
    world.hooks.beforeAct = (_, action) => void begun.push(`${action.target} ${action.id}`);
    world.hooks.afterAct = (_, action) => void ended.push(`${action.target} ${action.id}`);
    coins().addFault({ kind: 'status', status: 503, path: `/api/v1/prospects/${people[0]?.prospectId ?? ''}/activities`, count: 1 });
    await expect(world.pipeline.deliver('coins-1')).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    expect(begun.length - ended.length).toBe(1);
    await world.pipeline.deliver('coins-1');
    for (const { prospectId } of people) {
      const ids = ended.filter((text) => text.startsWith(`${prospectId} `)).map((text) => Number(text.split(' ')[1]));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(activitiesOf(prospectId)).toHaveLength(2);
    }
  });

  it('carry the campaign\'s list also when Mail+ gave the list another name', async () => {
    const { people, list, name } = scene(2);
    const today = new Date().toISOString().slice(0, 10);
    world.mail.state.addAccountList({ name: `${name} – ${today}` });
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.settle();
    const ours = world.mail.state.lists().find((found) => found.members.length === 2 && found.name.startsWith(name));
    expect(ours?.name).toBe(`${name} – ${today} (2)`);
    await mailing([], ours?.name);
    await world.settle();
    expect(activitiesOf(people[0]?.prospectId ?? '')).toMatchObject([{ listId: list }]);
  });

  it('carry the list also when it was synced again, under another name, before the mailing was read', async () => {
    const { people, list, name } = scene(2);
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.settle();
    const ours = world.mail.state.lists().find((found) => found.name.startsWith(`${name} `));
    world.mail.state.sendMailing({ name: `Mailing ${scenes}`, type: 'EMAIL', recipients: { list: ours?.name ?? '' } });
    await world.sync('coins-1', people, { listId: list, listName: `${name} of the next day` });
    await world.settle();
    expect(world.mail.state.lists().filter((found) => found.name.startsWith(`${name} `)).map((found) => found.name)).toEqual([expect.stringContaining('of the next day')]);
    await world.pipeline.read('mailplus-1', 'sent', { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() });
    await world.settle();
    expect(activitiesOf(people[0]?.prospectId ?? '')).toMatchObject([{ listId: list }]);
  });
});

describe('lists', () => {
  const ours = (name: string) => world.mail.state.lists().filter((list) => list.name.startsWith(`${name} `));

  it('are made once, whatever call is lost', async () => {
    for (let lost = 0; lost < 5; lost += 1) {
      const { people, list, name } = scene(3);
      await world.sync('coins-1', people, { listId: list, listName: name });
      world.mail.state.addFault({ action: 'reset', when: 'after', path: lost % 2 === 0 ? '/templist/**' : '/templist', skip: Math.floor(lost / 2), count: 1 });
      await until('done', 'mailplus-1', [list]);
      world.mail.state.clearFaults();
      expect(ours(name).map((found) => found.members.length)).toEqual([3]);
      world.mail.state.addFault({ action: 'reset', when: 'after', path: '/templist/**', skip: lost, count: 1 });
      await world.sync('coins-1', people.slice(1), { listId: list, listName: name });
      await until('done', 'mailplus-1', [list]);
      expect(ours(name).map((found) => found.members.length)).toEqual([2]);
      world.mail.state.clearFaults();
    }
  });

  it('wait while Mail+ uses the earlier one, without holding up others or being asked all the time', async () => {
    const { people, list, name } = scene(2);
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.settle();
    const [used] = ours(name);
    world.mail.state.setListInUse(used?.name ?? '', true);
    await world.sync('coins-1', people.slice(1), { listId: list, listName: name });
    const other = scene(1);
    await world.sync('coins-1', other.people, { listId: other.list, listName: other.name });
    const asked: string[] = [];
    world.hooks.beforeAct = (_, action) => void asked.push(action.target);
    await world.pipeline.deliver('mailplus-1');
    await world.pipeline.deliver('mailplus-1');
    expect(asked).toEqual(expect.arrayContaining([list, other.list]));
    expect(asked).toHaveLength(2);
    expect(ours(other.name)).toHaveLength(1);
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.pipeline.deliver('mailplus-1');
    expect(asked).toHaveLength(2);
    world.mail.state.setListInUse(used?.name ?? '', false);
    await until('done', 'mailplus-1', [list]);
    expect(ours(name).map((found) => found.members.length)).toEqual([2]);
    expect((await actionsOf('mailplus-1', [list])).map((action) => action.reason)).toContain('a newer sync of the list took its place');
  });

  it('that wait for their members hold up nobody, however many they are', async () => {
    const { people } = scene(70);
    for (const [index, person] of people.entries()) await world.acceptSync('coins-1', [person], { listId: `W-${index}`, listName: `Waiting ${index}` });
    await world.pipeline.drain('coins-1');
    await db().updateTable('delivery').set({ state: 'parked', reason: 'waiting for its own first import' }).where('connector_id', '=', 'mailplus-1').where('state', '=', 'pending').execute();
    const ready = scene(2);
    await world.sync('coins-1', ready.people, { listId: ready.list, listName: ready.name });
    expect(await world.pipeline.deliver('mailplus-1')).toMatchObject({ more: false });
    expect(ours(ready.name).map((found) => found.members.length)).toEqual([2]);
    const waiting = people.map((_, index) => `W-${index}`);
    expect((await actionsOf('mailplus-1', waiting)).every((action) => action.state === 'pending')).toBe(true);
    await db().updateTable('action').set({ state: 'skipped' }).where('target', 'in', waiting).execute();
    await db().updateTable('delivery').set({ state: 'pending', reason: null }).where('state', '=', 'parked').execute();
    await world.settle();
  });

  it('say that there is no room, and let the oldest of ours go only if the setting says so', async () => {
    const { people, list, name } = scene(1);
    const present = world.mail.state.lists().length;
    for (let index = present; index < 30; index += 1) world.mail.state.addAccountList({ name: `Theirs ${index}` });
    const theirs = () => world.mail.state.lists().filter((found) => found.name.startsWith('Theirs')).length;
    const before = theirs();
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.settle();
    expect(await actionsOf('mailplus-1', [list])).toMatchObject([{ state: 'failed', code: 'PLATFORM_LIMIT_REACHED' }]);
    const oldest = world.mail.state.lists().filter((found) => found.owner !== undefined).toSorted((a, b) => (a.created < b.created ? -1 : 1))[0];
    const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
    await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, removeOldestList: true }) }).where('id', '=', 'mailplus-1').execute();
    await world.sync('coins-1', people, { listId: list, listName: name });
    await world.settle();
    expect(ours(name)).toHaveLength(1);
    expect(theirs()).toBe(before);
    expect(world.mail.state.lists().some((found) => found.name === oldest?.name)).toBe(false);
  });
});

describe('one login', () => {
  it('has one bucket of calls, whichever of its connectors makes them', async () => {
    const rows = await db().selectFrom('rate_bucket').select('credential_key').execute();
    expect(rows).toHaveLength(2);
    const { credential_key: key, ...row } = await db().selectFrom('connector').selectAll().where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
    await db().insertInto('connector').values({ ...row, id: 'mailplus-2', name: 'second', credential_key: key, settings: JSON.stringify(row.settings), credentials: world.pipeline.deps.secrets.seal(JSON.stringify({ key: 'sandbox-key', secret: 'sandbox-secret' }), 'connector/mailplus-2') }).execute();
    await world.pipeline.finishFirstImport('mailplus-2');
    const { people } = scene(1);
    await world.sync('coins-1', people);
    await world.pipeline.deliver('mailplus-2');
    expect(await db().selectFrom('rate_bucket').select('credential_key').execute()).toHaveLength(2);
  });
});
