import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { resolveByHand } from '../../db/repositories/bounces/report.ts';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { bounceScenes } from '../support/bounce-scenes.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { changeMatching, rematch } from '../support/rematch.ts';

let world: DeliverWorld;
const { scenes, db, coins, people, person, read, mail, tasksOf, casesOf, endScene } = bounceScenes(() => world);

beforeAll(async () => { world = await openDeliverWorld({ mailplus: { bouncedContactsRefuseWrites: false } }); });
afterAll(() => world.close());
afterEach(endScene);

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
    const corrected = { ...one, email: `corrected.${scenes.number}@example.test` };
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
    scenes.number += 1;
    const one = { prospectId: `B${scenes.number}-0`, email: `leaving.${scenes.number}@example.test`, salesAdviser: 'JS' };
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
    scenes.number += 1;
    const mobile = `+4477009009${String(scenes.number).padStart(2, '0')}`;
    const twins = ['a', 'b'].map((name) => ({ prospectId: `B${scenes.number}-${name}`, email: `${name}.${scenes.number}@example.test`, mobile, salesAdviser: 'JS' }));
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
