import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { applyActivities } from '../../db/repositories/apply/apply-activities.ts';
import type { CanonicalActivity } from '../../domain/model/activity.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';
import { setMailplus } from '../support/report-world.ts';
import { withServer } from '../support/with-server.ts';
import { mailplusContext } from '../platforms/mailplus-context.ts';

let world: HubWorld;
beforeEach(async () => {
  world = await openWorld();
  world.mail.state.seedContacts(['1', '2', '3'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  world.mail.state.seedContacts([{ properties: { email: 'stranger@example.com' } }]);
});
afterEach(() => world.close());

const always = { from: '2020-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };
const feeds = { bounces: 'bounces', interactions: 'bounced' } as const;
type Feed = keyof typeof feeds;

/** Reads all that there is of a feed, as after the setting was switched to it. */
async function read(bounceFeed: Feed): Promise<void> {
  await setMailplus(world.pipeline.deps.db, { bounceFeed });
  await world.pipeline.read('mailplus-1', feeds[bounceFeed], always);
}
const activities = () => world.pipeline.deps.db.selectFrom('activity').select(['type', 'contact_external_id as contact', 'at']).orderBy('at').orderBy('contact_external_id').execute();
const store = (...bounces: readonly Partial<CanonicalActivity>[]) => applyActivities(world.pipeline.deps.db, {
  accountId: 'default', connectorId: 'mailplus-1', activityExports: ['coins-1'],
  activities: bounces.map((bounce, index) => ({ externalId: `b${index}`, type: 'email.bounced', at: '2026-11-20T10:00:00.000Z', contactExternalId: '1', description: 'bounced', subjectId: 'm1', ...bounce })),
});

describe('a bounce that both feeds tell', () => {
  it.each<[Feed, Feed]>([['bounces', 'interactions'], ['interactions', 'bounces']])('is one activity when the setting is switched from «%s» to «%s», and back', async (first, second) => {
    world.mail.state.sendMailing({ name: 'Spring', recipients: { externalIds: ['1', '2', '3'] }, bounced: { externalIds: ['1', '2'] }, sentAt: '2026-11-20T10:00:00.250Z' });
    world.mail.state.sendMailing({ name: 'Text', type: 'SMS', recipients: { externalIds: ['3'] }, bounced: { externalIds: ['3'], type: 'SOFT' }, sentAt: '2026-11-20T11:00:00Z' });
    await read(first);
    const once = await activities();
    expect(once.map(({ type, contact }) => [type, contact])).toEqual([['email.bounced', '1'], ['email.bounced', '2'], ['sms.bounced', '3']]);
    await read(second);
    await read(first);
    expect(await activities()).toEqual(once);
  });

  it('is told of contacts without an external id by the bounce list alone, and stays one when they get one', async () => {
    world.mail.state.sendMailing({ name: 'Spring', recipients: { emails: ['stranger@example.com'] }, bounced: { emails: ['stranger@example.com'], type: 'SOFT' }, sentAt: '2026-11-20T10:00:00Z' });
    await world.pull('mailplus-1');
    await read('bounces');
    expect(await activities()).toMatchObject([{ contact: expect.stringMatching(/^enc:/) }]);
    const named = await mailplus.runOperation(mailplusContext(world.mail.url), 'contact.insert', { body: { update: true, contact: { externalId: '77', properties: { email: 'stranger@example.com' } } } });
    expect(named.status).toBe(204);
    await world.pull('mailplus-1');
    await read('interactions');
    await read('bounces');
    expect(await activities()).toHaveLength(1);
  });
});

describe('bounces', () => {
  it('are the same within a second, also where one feed does not name the mailing', async () => {
    await store({ at: '2026-11-20T10:00:00.750Z' });
    expect(await store({ externalId: 'x', at: '2026-11-20T10:00:00.000Z' })).toEqual({ stored: 0 });
    const { subjectId: _subject, ...unnamed } = { subjectId: '', externalId: 'y', at: '2026-11-20T10:00:00.900Z', type: 'sms.bounced' as const };
    expect(await applyActivities(world.pipeline.deps.db, { accountId: 'default', connectorId: 'mailplus-1', activityExports: [], activities: [{ ...unnamed, contactExternalId: '1', description: 'bounced' }] })).toEqual({ stored: 0 });
  });

  it('of another second, mailing or contact are others, and so is anything that is no bounce', async () => {
    await store({});
    expect(await store({ externalId: 'w', at: '2026-11-20T10:00:01.000Z' }, { externalId: 'x', subjectId: 'm2' }, { externalId: 'y', contactExternalId: '2' }, { externalId: 'z', type: 'email.sent' })).toEqual({ stored: 4 });
  });
});

describe('an interaction that is told again because it changed', () => {
  it('stays one activity, also where Mail+ names no time but that of the change', async () => {
    let changeDate = '2026-11-20T10:00:00Z';
    const server = await withServer(({ url }, response) => {
      const interactions = url?.includes('/opened') === true ? [{ id: 7, externalContactId: '1', changeDate }, { id: 8, externalContactId: '1', date: '2026-11-20T09:00:00Z', changeDate }] : [];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ interactions }));
    });
    await setMailplus(world.pipeline.deps.db, { baseUrl: server.url });
    await world.pipeline.read('mailplus-1', 'opened', always);
    changeDate = '2026-11-20T15:00:00Z';
    await world.pipeline.read('mailplus-1', 'opened', always);
    await server.close();
    expect((await activities()).map(({ type, at }) => [type, at])).toEqual([['email.opened', '2026-11-20T09:00:00.000Z'], ['email.opened', '2026-11-20T10:00:00.000Z']]);
  });
});
