import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { sweepBounces } from '../../activities/sweep-bounces.ts';
import { resolveByHand } from '../../db/repositories/bounces/report.ts';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { changeMatching, rematch } from '../support/rematch.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

let world: DeliverWorld;
let scenes = 0;

beforeAll(async () => { world = await openDeliverWorld({ mailplus: { bouncedContactsRefuseWrites: false } }); });
afterAll(() => world.close());
afterEach(() => {
  world.calm();
  world.mail.state.clearFaults();
  coins().clearFaults();
  coins().state.settings = { ...coins().state.settings, tasksLicensed: true };
});

const db = () => world.pipeline.deps.db;
const coins = () => world.coinsOf('coins-1');

interface Person {
  readonly prospectId: string;
  readonly email: string;
  readonly salesAdviser: string;
}

/** People who are in Coins and, after the sync, in Mail+. */
async function people(count: number): Promise<readonly Person[]> {
  scenes += 1;
  const all = Array.from({ length: count }, (_, index) => ({ prospectId: `B${scenes}-${index}`, email: `b${index}.${scenes}@example.test`, salesAdviser: 'JS' }));
  await world.sync('coins-1', all);
  await world.settle();
  return all;
}

async function person(): Promise<Person> {
  const [one] = await people(1);
  if (one === undefined) throw new Error('a person');
  return one;
}

const streams = ['sent', 'opened', 'clicked', 'bounces'] as const;

/** Reads what happened with mails, streams in this order. */
async function read(order: readonly string[] = streams): Promise<void> {
  const window = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() };
  for (const stream of order) await world.pipeline.read('mailplus-1', stream, window);
}

type Bounced = 'HARD' | 'SOFT';

function mail(emails: readonly string[], bounced?: Bounced, opened = false): void {
  const named = { emails: [...emails] };
  world.mail.state.sendMailing({
    name: 'News', type: 'EMAIL', recipients: named,
    ...(bounced === undefined ? {} : { bounced: { ...named, type: bounced } }), ...(opened ? { opened: named } : {}),
  });
}

const tasksOf = (prospectId: string) => coins().state.tasks.of(prospectId);

async function casesOf({ email }: Pick<Person, 'email'>) {
  return db().selectFrom('bounce_case as c').innerJoin('record as r', 'r.id', 'c.record_id').where('r.email', '=', email)
    .select(['c.id', 'c.kind', 'c.bounces', 'c.resolution', 'c.resolved_at']).orderBy('c.id').execute();
}

const actionsOf = (prospectId: string) => db().selectFrom('action').select(['state', 'code', 'reason']).where('kind', '=', 'task.create').where('target', '=', prospectId).orderBy('id').execute();

describe('a hard bounce', () => {
  it('becomes an activity on the card and one task for its sales adviser that names both leads, however many follow', async () => {
    const one = await person();
    mail([one.email], 'HARD');
    await read();
    mail([one.email], 'HARD');
    mail([one.email], 'SOFT');
    await read();
    await read();
    await world.settle();
    expect(tasksOf(one.prospectId)).toEqual([expect.objectContaining({ assignee: 'JS', subject: expect.stringContaining('bounced'), description: expect.stringMatching(/Who follows this person up[^]*new employer/) })]);
    expect(coins().state.activities.of(one.prospectId).filter(({ type }) => type === 'email.bounced')).toHaveLength(3);
    expect(await casesOf(one)).toMatchObject([{ kind: 'hard', bounces: 3, resolution: null }]);
    expect(coins().state.journal.counts).toMatchObject({ tasksDoubled: 0, tasksConflicting: 0 });
  });
});

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
    scenes += 1;
    const email = `twins.${scenes}@example.test`;
    const card = (name: string, salesAdviser: string, day: number) => ({ prospectId: `B${scenes}-${name}`, email, salesAdviser, lastModified: `2026-11-0${day}T10:00:00Z` });
    await world.sync('coins-1', [card('old', 'AA', 1), card('new', 'BB', 2), card('nobody', '', 3)]);
    await world.settle();
    mail([email], 'HARD');
    await read();
    await world.settle();
    expect(tasksOf(`B${scenes}-new`)).toMatchObject([{ assignee: 'BB', description: expect.stringContaining(`also on: B${scenes}-nobody, B${scenes}-old.`) }]);
    expect([tasksOf(`B${scenes}-old`), tasksOf(`B${scenes}-nobody`)]).toEqual([[], []]);
  });

  it('fails with what to do where nobody looks after the contact, and is made once somebody does', async () => {
    scenes += 1;
    const one = { prospectId: `B${scenes}-0`, email: `nobody.${scenes}@example.test`, salesAdviser: '' };
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
    scenes += 1;
    const email = `later.${scenes}@example.test`;
    world.mail.state.seedContacts([{ externalId: `own-${scenes}`, properties: { email }, permissions: [2], created: '2020-01-01', lastChanged: new Date().toISOString() }]);
    await world.pull('mailplus-1', new Date(Date.now() - 60_000).toISOString());
    mail([email], 'HARD');
    await read();
    expect(await casesOf({ email })).toMatchObject([{ kind: 'hard', resolution: null }]);
    const prospectId = `B${scenes}-late`;
    await world.sync('coins-1', [{ prospectId, email, salesAdviser: 'JS' }]);
    const woken: string[] = [];
    await sweepBounces({ ...world.pipeline.deps, waker: { wake: (kind, id) => void woken.push(`${kind} ${id}`) } });
    expect(woken).toEqual(['deliver coins-1']);
    await sweepBounces({ ...world.pipeline.deps, waker: { wake: (kind, id) => void woken.push(`${kind} ${id}`) } });
    await world.settle();
    expect([woken.length, tasksOf(prospectId).length]).toEqual([1, 1]);
  });
});

describe('soft bounces', () => {
  it('make a case and a task when there are four in a row, and none before, whichever feed is read first', async () => {
    const [row, broken] = await people(2);
    if (row === undefined || broken === undefined) throw new Error('two people');
    for (let index = 0; index < 3; index += 1) mail([row.email, broken.email], 'SOFT');
    await read(['bounces', 'sent']);
    expect([await casesOf(row), await casesOf(broken)]).toEqual([[], []]);
    mail([broken.email], undefined, true);
    await read(['opened']);
    mail([row.email, broken.email], 'SOFT');
    await read(['bounces', 'clicked', 'opened', 'sent']);
    expect(await casesOf(row)).toMatchObject([{ kind: 'soft', bounces: 4 }]);
    expect(await casesOf(broken)).toEqual([]);
    await world.settle();
    expect(tasksOf(row.prospectId)).toMatchObject([{ description: expect.stringContaining('4 times in a row') }]);
  });
});

describe('a case', () => {
  it('ends when the address changes, and a bounce of the new address opens another', async () => {
    const one = await person();
    mail([one.email], 'HARD');
    await read();
    const corrected = { ...one, email: `corrected.${scenes}@example.test` };
    await world.sync('coins-1', [{ ...corrected, lastModified: new Date().toISOString() }]);
    expect(await casesOf(corrected)).toMatchObject([{ resolution: 'address-changed', resolved_at: expect.any(String) }]);
    await world.settle();
    await read();
    expect(await casesOf(corrected)).toHaveLength(1);
    mail([corrected.email], 'HARD');
    await read();
    expect(await casesOf(corrected)).toMatchObject([{ resolution: 'address-changed' }, { resolution: null, bounces: 1 }]);
  });

  it('ends when a later mail is opened, not when one is only sent or an old one is opened', async () => {
    const one = await person();
    world.mail.state.sendMailing({ name: 'Old', type: 'EMAIL', recipients: { emails: [one.email] }, sentAt: new Date(Date.now() - 3_600_000).toISOString(), opened: { emails: [one.email], at: new Date().toISOString() } });
    mail([one.email], 'HARD');
    await read(['sent', 'bounces', 'opened']);
    expect(await casesOf(one)).toMatchObject([{ resolution: null }]);
    mail([one.email]);
    await read();
    expect(await casesOf(one)).toMatchObject([{ resolution: null }]);
    mail([one.email], undefined, true);
    await read();
    expect(await casesOf(one)).toMatchObject([{ resolution: 'mail-arrived' }]);
    await read();
    expect(await casesOf(one)).toHaveLength(1);
  });

  it('ends when no other system has the contact any more', async () => {
    scenes += 1;
    const one = { prospectId: `B${scenes}-0`, email: `leaving.${scenes}@example.test`, salesAdviser: 'JS' };
    await world.sync('coins-1', [one], { onlySent: true });
    await world.settle();
    mail([one.email], 'HARD');
    await read();
    const [open] = await casesOf(one);
    expect(open).toMatchObject({ resolution: null });
    const payload = { dataType: 'contacts', ids: [one.prospectId] };
    await acceptInbound(db(), {
      accountId: 'default', connectorId: 'coins-1', kind: 'source-changed', key: one.prospectId, bodyHash: createHash('sha256').update(one.prospectId).digest(), payload, rejected: [], answer: { status: 202, body: {} }, receivedAt: new Date().toISOString(),
    });
    await world.pipeline.drain('coins-1');
    expect(await db().selectFrom('bounce_case').select('resolution').where('id', '=', open?.id ?? 0).execute()).toEqual([{ resolution: 'contact-gone' }]);
  });

  it('that was ended by hand is not opened again by what is known, only by a later bounce', async () => {
    const one = await person();
    mail([one.email], 'HARD');
    await read();
    const [open] = await casesOf(one);
    expect(await resolveByHand(db(), open?.id ?? 0)).toBe(true);
    expect(await resolveByHand(db(), open?.id ?? 0)).toBe(false);
    await read();
    mail([one.email], undefined);
    await read();
    expect(await casesOf(one)).toMatchObject([{ resolution: 'by-hand' }]);
    mail([one.email], 'HARD');
    await read();
    await world.settle();
    expect(await casesOf(one)).toMatchObject([{ resolution: 'by-hand' }, { resolution: null, bounces: 1 }]);
    expect(tasksOf(one.prospectId)).toHaveLength(1);
  });

  it('is one when two records turn out to be one person, and two again are told apart by what bounced', async () => {
    scenes += 1;
    const mobile = `+4477009009${String(scenes).padStart(2, '0')}`;
    const twins = ['a', 'b'].map((name) => ({ prospectId: `B${scenes}-${name}`, email: `${name}.${scenes}@example.test`, mobile, salesAdviser: 'JS' }));
    await world.sync('coins-1', twins);
    await world.settle();
    mail(twins.map(({ email }) => email), 'HARD');
    await read();
    const records = () => db().selectFrom('bounce_case as c').innerJoin('link as l', (join) => join.onRef('l.external_id', '=', 'c.contact_external_id').onRef('l.connector_id', '=', 'c.connector_id'))
      .innerJoin('link as p', 'p.record_id', 'l.record_id').where('p.external_id', 'in', twins.map(({ prospectId }) => prospectId))
      .select(['c.id', 'c.record_id as of', 'l.record_id as at', 'c.resolution']).distinct().orderBy('c.id').execute();
    expect(await records()).toMatchObject([{ resolution: null }, { resolution: null }]);
    await changeMatching(world, 'phone');
    await rematch(world);
    await world.pipeline.merge();
    const joined = await records();
    expect(joined).toMatchObject([{ resolution: null }, { resolution: 'joined' }]);
    expect(new Set(joined.map((one) => one.of)).size).toBe(1);
    expect(joined.every((one) => one.of === one.at)).toBe(true);
    await changeMatching(world, 'email');
    await rematch(world);
    await world.pipeline.merge();
    expect((await records()).every((one) => one.of === one.at)).toBe(true);
  });
});
