import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sweepBounces } from '../../activities/sweep-bounces.ts';
import { resolveByHand } from '../../db/repositories/bounces/report.ts';
import { bounceScenes } from '../support/bounce-scenes.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

let world: DeliverWorld;
const { scenes, db, coins, people, person, read, mail, tasksOf, casesOf, actionsOf, endScene } = bounceScenes(() => world);

beforeAll(async () => { world = await openDeliverWorld({ mailplus: { bouncedContactsRefuseWrites: false } }); });
afterAll(() => world.close());
afterEach(endScene);

describe('a task', () => {
  it('is made once, whatever call, outcome or process is lost', async () => {
    const all = await people(3);
    mail(all.map(({ email }) => email), 'HARD');
    await read();
    coins().addFault({ kind: 'reset-after', path: '/api/v1/prospects/*/tasks', count: 2 });
    for (let round = 0; round < 6; round += 1) await world.pipeline.deliver('coins-1').catch(() => undefined);
    const later = await person();
    mail([later.email], 'HARD');
    await read();
    world.hooks.afterAct = (_, { kind }) => { if (kind === 'task.create') throw new Error('killed'); };
    for (let round = 0; round < 3; round += 1) await world.pipeline.deliver('coins-1').catch(() => undefined);
    expect(await actionsOf(later.prospectId)).toMatchObject([{ state: 'sending' }]);
    world.calm();
    await world.settle();
    for (const one of [...all, later]) {
      expect(await actionsOf(one.prospectId)).toMatchObject([{ state: 'done' }]);
      expect(tasksOf(one.prospectId)).toHaveLength(1);
    }
    const { tasksDoubled, tasksConflicting, tasksRepeated } = coins().state.journal.counts;
    expect({ tasksDoubled, tasksConflicting, repeated: tasksRepeated > 0 }).toEqual({ tasksDoubled: 0, tasksConflicting: 0, repeated: true });
  });

  it('is raised once when several read the same bounces at once', async () => {
    const all = await people(20);
    mail(all.map(({ email }) => email), 'HARD');
    await Promise.all([read(), read(['bounces', 'sent']), read(['bounces'])]);
    for (const one of all) expect([await casesOf(one), await actionsOf(one.prospectId)]).toMatchObject([[{ kind: 'hard' }], [{ state: 'pending' }]]);
    await world.settle();
    expect(all.map(({ prospectId }) => tasksOf(prospectId).length)).toEqual(all.map(() => 1));
  });

  it('is not made any more when the bounce is resolved before', async () => {
    const one = await person();
    mail([one.email], 'HARD');
    await read();
    const [open] = await casesOf(one);
    expect(await resolveByHand(db(), open?.id ?? 0)).toBe(true);
    await world.settle();
    expect(tasksOf(one.prospectId)).toEqual([]);
    expect(await actionsOf(one.prospectId)).toMatchObject([{ state: 'done', reason: expect.stringContaining('resolved before') }]);
  });

  it('goes to the card with an adviser that was saved last, and names the others', async () => {
    scenes.number += 1;
    const email = `twins.${scenes.number}@example.test`;
    const card = (name: string, salesAdviser: string, day: number) => ({ prospectId: `B${scenes.number}-${name}`, email, salesAdviser, lastModified: `2026-11-0${day}T10:00:00Z` });
    await world.sync('coins-1', [card('old', 'AA', 1), card('new', 'BB', 2), card('nobody', '', 3)]);
    await world.settle();
    mail([email], 'HARD');
    await read();
    await world.settle();
    expect(tasksOf(`B${scenes.number}-new`)).toMatchObject([{ assignee: 'BB', description: expect.stringContaining(`also on: B${scenes.number}-nobody, B${scenes.number}-old.`) }]);
    expect([tasksOf(`B${scenes.number}-old`), tasksOf(`B${scenes.number}-nobody`)]).toEqual([[], []]);
  });

  it('fails with what to do where nobody looks after the contact, and is made once somebody does', async () => {
    scenes.number += 1;
    const one = { prospectId: `B${scenes.number}-0`, email: `nobody.${scenes.number}@example.test`, salesAdviser: '' };
    await world.sync('coins-1', [one]);
    await world.settle();
    mail([one.email], 'HARD');
    await read();
    await world.settle();
    expect(await actionsOf(one.prospectId)).toMatchObject([{ state: 'failed', code: 'RECORD_REFUSED', reason: expect.stringContaining('Name somebody on the card') }]);
    await world.sync('coins-1', [{ ...one, salesAdviser: 'KM', lastModified: new Date().toISOString() }]);
    await db().updateTable('action').set({ state: 'pending' }).where('target', '=', one.prospectId).where('kind', '=', 'task.create').execute();
    await world.settle();
    expect(tasksOf(one.prospectId)).toMatchObject([{ assignee: 'KM' }]);
  });

  it('follows a card that was merged into another one', async () => {
    const [gone, kept] = await people(2);
    if (gone === undefined || kept === undefined) throw new Error('two people');
    coins().state.merge(gone.prospectId, kept.prospectId);
    mail([gone.email], 'HARD');
    await read();
    await world.settle();
    expect(tasksOf(kept.prospectId)).toHaveLength(1);
    expect(await actionsOf(kept.prospectId)).toMatchObject([{ state: 'done', reason: null }]);
  });

  it('is set aside where the licence has none: the activity is there, Coins is asked once, and again when the day is over', async () => {
    coins().state.settings = { ...coins().state.settings, tasksLicensed: false };
    const [first, second] = await people(2);
    if (first === undefined || second === undefined) throw new Error('two people');
    const asked: string[] = [];
    world.hooks.beforeAct = (_, { kind, target }) => { if (kind === 'task.create') asked.push(target); };
    mail([first.email], 'HARD');
    await read();
    await world.settle();
    mail([second.email], 'HARD');
    await read();
    await world.settle();
    expect(asked).toEqual([first.prospectId]);
    for (const { prospectId } of [first, second]) {
      expect(await actionsOf(prospectId)).toMatchObject([{ state: 'skipped', code: 'PLATFORM_NOT_LICENSED', reason: expect.stringContaining('as an activity only') }]);
      expect(coins().state.activities.of(prospectId).map(({ type }) => type)).toContain('email.bounced');
    }
    expect(await db().selectFrom('call_attempt').select('id').where('code', '=', 'PLATFORM_NOT_LICENSED').execute()).toEqual([]);
    await db().updateTable('action').set({ settled_at: new Date(Date.now() - 86_400_000).toISOString() }).where('code', '=', 'PLATFORM_NOT_LICENSED').execute();
    coins().state.settings = { ...coins().state.settings, tasksLicensed: true };
    const third = await person();
    mail([third.email], 'HARD');
    await read();
    await world.settle();
    expect(tasksOf(third.prospectId)).toHaveLength(1);
  });

  it('is made by the sweep for a contact that came to the CRM only after its mail bounced', async () => {
    scenes.number += 1;
    const email = `later.${scenes.number}@example.test`;
    world.mail.state.seedContacts([{ externalId: `own-${scenes.number}`, properties: { email }, permissions: [2], created: '2020-01-01', lastChanged: new Date().toISOString() }]);
    await world.pull('mailplus-1', new Date(Date.now() - 60_000).toISOString());
    mail([email], 'HARD');
    await read();
    expect(await casesOf({ email })).toMatchObject([{ kind: 'hard', resolution: null }]);
    const prospectId = `B${scenes.number}-late`;
    await world.sync('coins-1', [{ prospectId, email, salesAdviser: 'JS' }]);
    const woken: string[] = [];
    await sweepBounces({ ...world.pipeline.deps, waker: { wake: (kind, id) => void woken.push(`${kind} ${id}`) } });
    expect(woken).toEqual(['deliver coins-1']);
    await sweepBounces({ ...world.pipeline.deps, waker: { wake: (kind, id) => void woken.push(`${kind} ${id}`) } });
    await world.settle();
    expect([woken.length, tasksOf(prospectId).length]).toEqual([1, 1]);
  });
});
