import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parkStaleListSyncs } from '../../db/repositories/lists.ts';
import { createInboxActivities } from '../../activities/drain-inbox.ts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;
let scenes = 0;

beforeAll(async () => { world = await openWorld(); });
afterAll(() => world.close());

/** People of one test; `list` is the id of its list. */
function scene(count: number) {
  scenes += 1;
  const number = scenes;
  const people: CardFacts[] = Array.from({ length: count }, (_, i) => ({ prospectId: `P${number}-${i + 1}`, email: `p${i + 1}.${number}@example.test` }));
  return { people, list: `L-${number}`, name: `List ${number}` };
}

const byText = (a: string, b: string) => (a < b ? -1 : 1);
const listsNamed = (name: string) => world.mail.state.lists().filter((list) => list.name.startsWith(`${name} `));
const membersOf = (name: string) => listsNamed(name).map((list) => list.members.map((member) => member.email ?? '').toSorted(byText));
const emailsOf = (people: readonly CardFacts[]) => people.map((person) => person.email ?? '').toSorted(byText);

async function syncState(syncId: string) {
  return world.pipeline.deps.db.selectFrom('list_sync').select(['state', 'reason']).where('sync_id', '=', syncId).executeTakeFirstOrThrow();
}

describe('a list sync', () => {
  it.each([[[1, 2, 3, 4, 5]], [[5, 4, 3, 2, 1]], [[3, 3, 1, 5, 2, 2, 4]]])('completes when all pages are in, in the order %j', async (pages) => {
    const { people, list, name } = scene(10);
    const syncId = await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 2, pages: pages.slice(0, -1) });
    await world.settle();
    expect(listsNamed(name)).toEqual([]);
    expect(await syncState(syncId)).toMatchObject({ state: 'receiving' });
    await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 2, pages: pages.slice(-1), syncId });
    await world.settle();
    expect(membersOf(name)).toEqual([emailsOf(people)]);
  });

  it('replaces the members when it is repeated, and counts a person with several prospects once', async () => {
    const { people, list, name } = scene(4);
    const [first, second, third, fourth] = people;
    if (!first || !second || !third || !fourth) throw new Error('four people');
    await world.sync('coins-1', [first, second, { ...third, email: first.email ?? '' }], { listId: list, listName: name });
    await world.settle();
    expect(membersOf(name)).toEqual([emailsOf([first, second])]);
    await world.sync('coins-1', [second, fourth], { listId: list, listName: name });
    await world.settle();
    expect(membersOf(name)).toEqual([emailsOf([second, fourth])]);
  });

  it('is superseded when it began before one that is complete, whichever of its pages came first', async () => {
    const { people, list, name } = scene(4);
    const older = await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [1] });
    await world.sync('coins-1', people.slice(0, 2), { listId: list, listName: name });
    await world.settle();
    await world.sync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [2, 3, 4], syncId: older });
    await world.settle();
    expect(await syncState(older)).toMatchObject({ state: 'superseded' });
    expect(membersOf(name)).toEqual([emailsOf(people.slice(0, 2))]);
  });

  it('counts as begun with its first page, although a later one is applied before it', async () => {
    const { people, list, name } = scene(4);
    const { db } = world.pipeline.deps;
    const older = await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 2, pages: [1] });
    await db.updateTable('inbox').set({ state: 'failed' }).where('state', '=', 'new').execute();
    await world.sync('coins-1', people.slice(0, 1), { listId: list, listName: name });
    await world.sync('coins-1', people, { listId: list, listName: name, pageSize: 2, pages: [2], syncId: older });
    await db.updateTable('inbox').set({ state: 'new' }).where('state', '=', 'failed').execute();
    await world.settle();
    expect(await syncState(older)).toMatchObject({ state: 'superseded' });
    expect(membersOf(name)).toEqual([emailsOf(people.slice(0, 1))]);
  });

  it('parks with the numbers of the missing pages, and completes when they come after all', async () => {
    const { people, list, name } = scene(6);
    const syncId = await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [1, 3, 5] });
    await world.settle();
    await parkStaleListSyncs(world.pipeline.deps.db, new Date(Date.now() + 1_000).toISOString());
    expect(await syncState(syncId)).toEqual({ state: 'parked', reason: 'missing pages: 2, 4, 6 of 6' });
    expect(world.contact(people[0]?.email ?? '')).toBeDefined();
    await world.sync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [6, 2, 4], syncId });
    await world.settle();
    expect(await syncState(syncId)).toEqual({ state: 'complete', reason: null });
    expect(membersOf(name)).toEqual([emailsOf(people)]);
  });

  it('goes when Coins removes it, also while pages are missing, and a page that comes late does not bring it back', async () => {
    const { people, list, name } = scene(3);
    await world.sync('coins-1', people, { listId: list, listName: name });
    const late = await world.acceptSync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [1, 2] });
    await world.settle();
    expect(listsNamed(name)).toHaveLength(1);
    await removeList(list);
    await world.sync('coins-1', people, { listId: list, listName: name, pageSize: 1, pages: [3], syncId: late });
    await world.settle();
    expect(listsNamed(name)).toEqual([]);
    expect(await syncState(late)).toMatchObject({ state: 'removed' });
    expect(await world.pipeline.deps.db.selectFrom('list').select('removed_at').where('external_id', '=', list).executeTakeFirst()).not.toEqual({ removed_at: null });
    await world.sync('coins-1', people.slice(1), { listId: list, listName: name });
    await world.settle();
    expect(membersOf(name)).toEqual([emailsOf(people.slice(1))]);
  });

  it('wakes the deliveries when a page without prospects completes it, and when it is removed', async () => {
    const { people, list, name } = scene(1);
    const drain = () => new MockActivityEnvironment().run(createInboxActivities(world.pipeline.deps).drainInbox, { connectorId: 'coins-1' });
    const page = (number: number, prospects: readonly object[]) => world.pipeline.accept('coins-1', { syncId: 'LS-empty', cid: '1', list: { id: list, name, description: '' }, page: number, pageCount: 2, prospects });
    await page(1, people);
    await world.settle();
    await page(2, []);
    expect(await drain()).toMatchObject({ applied: 1, raisedFor: ['mailplus-1'] });
    await world.settle();
    expect(membersOf(name)).toEqual([emailsOf(people)]);
    await acceptRemoval(list);
    expect(await drain()).toMatchObject({ applied: 1, raisedFor: ['mailplus-1'] });
    await world.settle();
    expect(listsNamed(name)).toEqual([]);
  });

  it('may have nobody on it', async () => {
    const { list, name } = scene(0);
    await world.sync('coins-1', [], { listId: list, listName: name });
    await world.settle();
    expect(membersOf(name)).toEqual([[]]);
  });
});

let removals = 0;
async function acceptRemoval(list: string): Promise<void> {
  removals += 1;
  await world.pipeline.deps.db.insertInto('inbox').values({
    account_id: 'default', connector_id: 'coins-1', kind: 'list-removed', key: `removal-${removals}`, body_hash: Buffer.from(''), payload: JSON.stringify({ listId: list }),
  }).execute();
}

async function removeList(list: string): Promise<void> {
  await acceptRemoval(list);
  await world.settle();
}
