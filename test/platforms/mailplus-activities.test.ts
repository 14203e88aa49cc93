import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalActivitySchema, type CanonicalActivity } from '../../domain/model/activity.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { walkPages } from '../../platforms/pagination.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { accountFields, always, streamOf } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts(['1', '2', '3'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  sandbox.state.seedContacts([{ properties: { email: 'stranger@example.com' } }]);
});
afterEach(() => sandbox.close());

async function read(name: string, settings: Readonly<Record<string, unknown>> = {}): Promise<CanonicalActivity[]> {
  const context = mailplusContext(sandbox.url, { fields: accountFields, settings });
  const found: CanonicalActivity[] = [];
  for await (const page of walkPages((token) => mailplus.readPage(context, { ...streamOf(name), pageSize: 2 }, always, token))) {
    expect(page.rows).toEqual([]);
    expect(page.rejected).toEqual([]);
    found.push(...page.activities.map((activity) => canonicalActivitySchema.parse(activity)));
  }
  return found;
}
const calls = (operation: string): number => sandbox.state.counters()[operation]?.calls ?? 0;

describe('activities from Mail+', () => {
  it('reads what was sent, opened and clicked, once each, and looks a mailing up once', async () => {
    const all = { externalIds: ['1', '2', '3'] };
    const mailing = sandbox.state.sendMailing({ name: 'Spring', recipients: { emails: ['1@example.com', '2@example.com', '3@example.com', 'stranger@example.com'] }, opened: all, clicked: { externalIds: ['2'] }, sentAt: '2026-11-20T10:00:00Z' });
    const sent = await read('sent');
    expect(sent.map(({ contactExternalId }) => contactExternalId).sort()).toEqual(['1', '2', '3']);
    expect(sent[0]).toEqual({
      externalId: expect.stringMatching(/^sent:\d+$/), type: 'email.sent', at: '2026-11-20T10:00:00.000Z', contactExternalId: '1', subjectId: mailing.encryptedId,
      description: 'E-mail «Spring» sent', audienceName: 'Selection', url: expect.stringMatching(/^https:/),
    });
    expect((await read('opened')).map(({ type }) => type)).toEqual(['email.opened', 'email.opened', 'email.opened']);
    expect(await read('clicked')).toMatchObject([{ type: 'email.clicked', contactExternalId: '2', description: 'E-mail «Spring» clicked' }]);
    expect(calls('GET /mailing/{encryptedMailingId}')).toBe(1);
  });

  it('tells SMS apart by the type of the mailing', async () => {
    sandbox.state.sendMailing({ name: 'Text', type: 'SMS', recipients: { externalIds: ['1', '2'] }, bounced: { externalIds: ['2'], type: 'SOFT' } });
    expect((await read('sent')).map(({ type, description }) => [type, description])).toEqual([['sms.sent', 'SMS «Text» sent'], ['sms.sent', 'SMS «Text» sent']]);
    expect(await read('bounces')).toMatchObject([{ type: 'sms.bounced', contactExternalId: '2', bounce: 'soft', description: 'SMS «Text» bounced (soft)' }]);
  });

  it.each([['bounces', 'bounced', 2], ['interactions', 'bounces', 1]])('takes bounces from the feed «%s» only, so that one is not two activities', async (bounceFeed, unread, count) => {
    sandbox.state.sendMailing({ name: 'Spring', recipients: { externalIds: ['1'] }, bounced: { externalIds: ['1'] } });
    sandbox.state.bounce({ contact: { externalId: '2' }, type: 'SOFTBOUNCE' });
    const found = [...await read('bounces', { bounceFeed }), ...await read('bounced', { bounceFeed })];
    expect(found).toHaveLength(count);
    expect(found[0]).toMatchObject({ type: 'email.bounced', bounce: 'hard', contactExternalId: '1' });
    expect(new Set(found.map(({ externalId }) => externalId)).size).toBe(count);
    expect(calls(unread === 'bounces' ? 'GET /contact/bounces/list' : 'GET /mailing-interaction/bounced')).toBe(0);
  });

  it('gives a bounce the same id however often it is read, and names a contact without an external id by its encrypted id', async () => {
    sandbox.state.bounce({ contact: { email: 'stranger@example.com' }, type: 'HARDBOUNCE' });
    const once = await read('bounces');
    expect(once).toMatchObject([{ contactExternalId: expect.stringMatching(/^enc:/) }]);
    expect(await read('bounces')).toEqual(once);
  });

  it('counts a mailing that Mail+ does not tell of as e-mail', async () => {
    sandbox.state.sendMailing({ name: 'Text', type: 'SMS', recipients: { externalIds: ['1'] } });
    sandbox.state.addFault({ action: 'status', status: 403, path: '/mailing/*' });
    sandbox.state.addFault({ action: 'status', status: 403, path: '/campaign-mailing/*' });
    expect(await read('sent')).toMatchObject([{ type: 'email.sent', description: 'E-mail sent' }]);
  });
});
