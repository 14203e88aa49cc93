import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConnector, platformContext } from '../../activities/connector-context.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

let world: DeliverWorld;
let scenes = 0;

beforeAll(async () => {
  world = await openDeliverWorld();
  await become('audiences');
});
afterAll(() => world.close());
afterEach(async () => {
  world.calm();
  world.mail.state.clearFaults();
  world.mail.state.groups.setAudiencesLicensed(true);
  await become('audiences');
});

const db = () => world.pipeline.deps.db;

async function become(selections: string): Promise<void> {
  const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
  await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, selections }) }).where('id', '=', 'mailplus-1').execute();
}

function scene(count: number) {
  scenes += 1;
  const number = scenes;
  const people = Array.from({ length: count }, (_, i) => ({ prospectId: `P${number}-${i}`, email: `p${i}.${number}@example.test` }));
  return { people, list: { listId: `L-${number}`, listName: `List ${number}`, pageSize: 50 } };
}

const audiences = (name: string) => world.mail.state.groups.audiences().filter((one) => one.name === name).map(({ externalId, members }) => ({ externalId, members: members.length }));
const membersOf = (name: string) => world.mail.state.groups.audiences().filter((one) => one.name === name).flatMap(({ members }) => members.map(({ email }) => email ?? '')).toSorted((a, b) => (a < b ? -1 : 1));

/** Calls to audiences since the last time, by operation. */
let counted: Readonly<Record<string, number>> = {};
function audienceCalls(): Record<string, number> {
  const now = Object.fromEntries(Object.entries(world.mail.state.counters()).flatMap(([name, { calls }]) => (name.includes('/audience') ? [[name, calls]] : [])));
  const since = Object.fromEntries(Object.entries(now).map(([name, calls]) => [name, calls - (counted[name] ?? 0)] as const).filter(([, calls]) => calls > 0));
  counted = now;
  return since;
}

const actionsOf = (listId: string) => db().selectFrom('action').select(['kind', 'state', 'code', 'reason']).where('connector_id', '=', 'mailplus-1').where('target', 'in', [listId, `audience:${listId}`]).orderBy('id').execute();

async function removeAtSource(listId: string): Promise<void> {
  await db().insertInto('inbox').values({
    account_id: 'default', connector_id: 'coins-1', kind: 'list-removed', key: `removal-${listId}`, body_hash: Buffer.from(''), payload: JSON.stringify({ listId }),
  }).execute();
  await world.settle();
}

/** Delivers until the actions for a list are done, however often that breaks off; what waits is due at once. */
async function until(listId: string, tries = 20): Promise<void> {
  for (let round = 0; round < tries; round += 1) {
    await world.pipeline.deliver('mailplus-1').catch(() => undefined);
    await db().updateTable('action').set({ not_before: null }).where('state', '=', 'pending').execute();
    if ((await actionsOf(listId)).every(({ state }) => state === 'done' || state === 'skipped')) return;
  }
  throw new Error('The actions do not come to an end.');
}

describe('a selection that becomes an audience', () => {
  it('is made after its members were delivered; then only the difference is sent, and nothing when nothing differs', async () => {
    const { people, list } = scene(60);
    audienceCalls();
    await world.sync('coins-1', people, list);
    await world.settle();
    expect(audiences(list.listName)).toEqual([{ externalId: `hub.mailplus-1.coins-1~2e${list.listId}`, members: 60 }]);
    expect(audienceCalls()).toEqual({ 'POST /audience': 1, 'POST /audience/{externalId}/contact': 1 });
    await world.sync('coins-1', people, list);
    await world.settle();
    expect(audienceCalls()).toEqual({});
    const newcomer = { prospectId: 'new', email: 'newcomer@example.test' };
    await world.sync('coins-1', [...people.slice(3), newcomer], list);
    await world.settle();
    expect(audienceCalls()).toEqual({ 'POST /audience/{externalId}/contact': 1, 'DELETE /audience/{externalId}/contact': 1 });
    expect(membersOf(list.listName)).toEqual([...people.slice(3), newcomer].map(({ email }) => email).toSorted((a, b) => (a < b ? -1 : 1)));
    await world.sync('coins-1', [], list);
    await world.settle();
    expect(audienceCalls()).toEqual({ 'DELETE /audience/{externalId}/contact': 1 });
    expect(audiences(list.listName)).toMatchObject([{ members: 0 }]);
    expect(world.mail.state.lists()).toEqual([]);
    expect(world.mail.state.effects().totals).toMatchObject({ audienceMembersRepeated: 0 });
  });

  it.each(['before', 'after'] as const)('ends with the right members when each of its calls in turn broke off %s the change was stored', async (when) => {
    const { people, list } = scene(40);
    await world.sync('coins-1', people.slice(0, 30), list);
    const breakOff = async (path: string, method: string) => {
      world.mail.state.addFault({ action: 'reset', when, path, method, count: 1 });
      await expect(world.pipeline.deliver('mailplus-1')).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    };
    await breakOff('/audience', 'POST');
    await breakOff('/audience/*/contact', 'POST');
    await until(list.listId);
    expect(audiences(list.listName)).toMatchObject([{ members: 30 }]);
    await world.sync('coins-1', people.slice(5), list);
    await breakOff('/audience/*/contact', 'DELETE');
    await breakOff('/audience/*/contact', 'POST');
    await until(list.listId);
    expect(membersOf(list.listName)).toEqual(people.slice(5).map(({ email }) => email).toSorted((a, b) => (a < b ? -1 : 1)));
    expect(world.mail.state.groups.audiences().filter(({ name }) => name.startsWith(list.listName))).toHaveLength(1);
  });

  it('takes out again who was added by a call that broke off, when the next sync leaves them out', async () => {
    const { people, list } = scene(4);
    await world.sync('coins-1', people.slice(0, 2), list);
    await until(list.listId);
    await world.sync('coins-1', people, list);
    world.mail.state.addFault({ action: 'reset', when: 'after', path: '/audience/*/contact', count: 1 });
    await expect(world.pipeline.deliver('mailplus-1')).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    expect(audiences(list.listName)).toMatchObject([{ members: 4 }]);
    await world.sync('coins-1', people.slice(0, 1), list);
    await until(list.listId);
    expect(membersOf(list.listName)).toEqual([people[0]?.email]);
  });

  it('is asked for once a day where the licence has no audiences, said once, and goes on the next day', async () => {
    const first = scene(2);
    const second = scene(2);
    audienceCalls();
    world.mail.state.groups.setAudiencesLicensed(false);
    for (const { people, list } of [first, second, first]) {
      await world.sync('coins-1', people, list);
      await world.settle();
    }
    expect(audienceCalls()).toEqual({ 'POST /audience': 1 });
    for (const { list } of [first, second]) expect((await actionsOf(list.listId)).at(-1)).toMatchObject({ state: 'skipped', code: 'PLATFORM_NOT_LICENSED', reason: expect.stringContaining('selections=lists') });
    world.mail.state.groups.setAudiencesLicensed(true);
    await db().updateTable('action').set({ settled_at: new Date(Date.now() - 86_400_000).toISOString() }).where('code', '=', 'PLATFORM_NOT_LICENSED').execute();
    await world.sync('coins-1', first.people, first.list);
    await world.settle();
    expect(audiences(first.list.listName)).toMatchObject([{ members: 2 }]);
  });

  it('is deleted when the source removes the selection, later while Mail+ uses it', async () => {
    const { people, list } = scene(2);
    await world.sync('coins-1', people, list);
    await world.settle();
    const [{ externalId } = { externalId: '' }] = audiences(list.listName);
    world.mail.state.groups.setAudienceInUse(externalId, true);
    await removeAtSource(list.listId);
    expect((await actionsOf(list.listId)).at(-1)).toMatchObject({ kind: 'audience.remove', state: 'pending', reason: 'Mail+ is using the audience' });
    world.mail.state.groups.setAudienceInUse(externalId, false);
    audienceCalls();
    await until(list.listId);
    expect(audiences(list.listName)).toEqual([]);
    expect(audienceCalls()).toEqual({ 'DELETE /audience/{externalId}': 1 });
    expect(await db().selectFrom('audience_member').select('external_id').where('list_id', '=', list.listId).execute()).toEqual([]);
  });

  it('is made anew when a person deleted it in Mail+, and gets another name when somebody else has its', async () => {
    const { people, list } = scene(3);
    await world.sync('coins-1', people, list);
    await world.settle();
    const [{ externalId } = { externalId: '' }] = audiences(list.listName);
    await world.pipeline.deps.platforms['mailplus']?.act?.(await contextOf(), { id: 0, kind: 'audience.remove', target: '', cause: '', payload: { listId: `coins-1.${list.listId}`, isMade: true } });
    expect(audiences(list.listName)).toEqual([]);
    await world.sync('coins-1', people.slice(1), list);
    await until(list.listId);
    expect(audiences(list.listName)).toEqual([{ externalId, members: 2 }]);
    const twin = { ...scene(0).list, listName: list.listName };
    await world.sync('coins-1', people, twin);
    await until(twin.listId);
    expect(audiences(`${list.listName} (2)`)).toMatchObject([{ members: 3 }]);
  });

  it('follows the setting: what a selection was before goes with its next sync', async () => {
    const { people, list } = scene(2);
    await become('both');
    await world.sync('coins-1', people, list);
    await world.settle();
    expect(audiences(list.listName)).toMatchObject([{ members: 2 }]);
    expect(world.mail.state.lists().filter(({ name }) => name.startsWith(list.listName))).toMatchObject([{ members: [{}, {}] }]);
    await become('lists');
    await world.sync('coins-1', people.slice(1), list);
    await until(list.listId);
    expect(audiences(list.listName)).toEqual([]);
    expect(world.mail.state.lists().filter(({ name }) => name.startsWith(list.listName))).toMatchObject([{ members: [{}] }]);
  });
});

async function contextOf() {
  const { deps } = world.pipeline;
  return platformContext(deps, await loadConnector(deps, 'mailplus-1'), new AbortController().signal);
}
