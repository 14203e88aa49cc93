import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox, MailingSpec } from '../../sandbox/mailplus/index.ts';
import { call, control, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts([1, 2, 3, 4, 5].map((number) => ({
    externalId: `P${number}`, properties: { email: `p${number}@example.com` }, permissions: [2], created: '2020-01-01',
  })));
});
afterEach(() => sandbox.close());

type Row = Readonly<Record<string, unknown>>;
const day = (number: number): string => `2024-03-${String(number).padStart(2, '0')}T12:00:00.000Z`;
const identifier = (number: number) => ({
  externalId: `P${number}`, encryptedId: sandbox.state.contact({ externalId: `P${number}` }).encryptedId,
});
const links: MailingSpec['links'] = [
  { id: 7, name: 'Shop', url: 'https://shop.example/', type: 'webshop' }, { id: 8, name: 'Buy', url: 'https://shop.example/buy', type: 'conversion' },
];
const send = (spec: Partial<MailingSpec> = {}) => sandbox.state.sendMailing({
  name: 'March', sentAt: day(20), recipients: { bit: 2 }, links,
  bounced: { externalIds: ['P1'], at: day(20) }, opened: { externalIds: ['P2', 'P3'], at: day(21) }, ...spec,
}).encryptedId;
const click = (encryptedId: string, number: number, linkId: number) =>
  control(sandbox, 'POST', `/mailings/${encryptedId}/interactions`, { contact: { externalId: `P${number}` }, kind: 'clicked', linkId, at: day(22) });
const get = async (path: string, query: Record<string, string> = {}) => (await call(sandbox, 'GET', path, { query })).body as Record<string, Row[]>;

describe('the report of a mailing', () => {
  it('lists recipients, opens, clicks and bounces, each with its contact', async () => {
    const id = send();
    await click(id, 4, 8);
    expect((await get(`/mailing/${id}/recipients`))['recipients']).toEqual([1, 2, 3, 4, 5].map((number) => ({ contactIdentifier: identifier(number) })));
    expect(await get(`/mailing/${id}/opens`)).toEqual({ paging: {}, opens: [2, 3].map((number) => ({ contactIdentifier: identifier(number), openDate: day(21) })) });
    expect(await get(`/mailing/${id}/clicks`)).toEqual({ paging: {}, clicks: [{ contactIdentifier: identifier(4), clickDate: day(22), linkId: 8 }] });
    expect(await get(`/mailing/${id}/bounces`)).toEqual({ paging: {}, bounces: [{ contactIdentifier: identifier(1), bounceDate: day(20), type: 'HARDBOUNCE' }] });
  });

  it('is read page by page', async () => {
    const id = send();
    const first = await get(`/mailing/${id}/recipients`, { pageSize: '2', after: '1' });
    expect([first['recipients']?.map(({ contactIdentifier }) => contactIdentifier), first['paging']])
      .toEqual([[identifier(2), identifier(3)], { after: 3, next: expect.stringContaining('after=3') }]);
    expect(await get(`/mailing/${id}/recipients`, { after: '5' })).toEqual({ paging: {}, recipients: [] });
  });

  it('tells what one contact did', async () => {
    const id = send();
    await click(id, 2, 7);
    await click(id, 2, 8);
    expect(await get(`/mailing/${id}/opens/P2`)).toEqual({ paging: {}, opens: [{ openDate: day(21) }] });
    expect(await get(`/mailing/${id}/clicks/P2`, { pageSize: '1' })).toEqual({ paging: { after: 1, next: expect.any(String) }, clicks: [{ clickDate: day(22), linkId: 7 }] });
    expect(await get(`/mailing/${id}/clicks/P5`)).toEqual({ paging: {}, clicks: [] });
    for (const what of ['opens', 'clicks']) {
      const answer = await call(sandbox, 'GET', `/mailing/${id}/${what}/nobody`);
      expect([answer.status, answer.body]).toEqual([400, { errorType: 'INVALID_PARAMS', message: 'Invalid param: Contact not found' }]);
    }
  });

  it('counts each contact once, and clicks as opens', async () => {
    const id = send();
    for (const [number, linkId] of [[2, 7], [2, 8], [4, 7], [4, 7]] as const) await click(id, number, linkId);
    sandbox.state.recordInteraction(id, { contact: { externalId: 'P2' }, kind: 'opened' });
    sandbox.state.bounce({ contact: { externalId: 'P5' }, type: 'SOFTBOUNCE', encryptedMailingId: id });
    await control(sandbox, 'POST', '/contacts/unsubscribe', { contact: { externalId: 'P3' }, bit: 2, encryptedMailingId: id });
    expect(await get(`/mailing/${id}/statistics`)).toEqual({
      sentCount: 5, acceptedCount: 3, openCount: 3, openRenderedCount: 2, clickCount: 2, hardbounceCount: 1, softbounceCount: 1,
      notRetainedAfterBounceCount: 1, conversionClickCount: 1, unsubscribeCount: 1, toWebshopCount: 2,
      shoppingcartCreatedCount: 0, shoppingcartConvertedCount: 0, conversionValue: 0,
    });
  });

  it('counts a contact that its fourth soft bounce in a row takes out', async () => {
    for (let round = 0; round < 3; round += 1) send({ bounced: { externalIds: ['P4'], type: 'SOFT' } });
    const id = send({ bounced: { externalIds: ['P4', 'P5'], type: 'SOFT' }, unsubscribed: { externalIds: ['P2'], bit: 2 } });
    expect(await get(`/mailing/${id}/statistics`)).toMatchObject({ softbounceCount: 2, notRetainedAfterBounceCount: 1, unsubscribeCount: 1 });
  });

  it('keeps what an anonymised contact did, without its external id', async () => {
    const id = send();
    const { encryptedId } = identifier(2);
    await call(sandbox, 'PUT', '/contact/anonymize/P2');
    expect((await get(`/mailing/${id}/opens`))['opens']?.[0]).toEqual({ contactIdentifier: { encryptedId }, openDate: day(21) });
    expect((await call(sandbox, 'GET', `/mailing/${id}/opens/P2`)).status).toBe(400);
  });

  it('shows another key its own ids, and none where it has none', async () => {
    const id = send();
    sandbox.state.addCredential({ key: 'other', secret: 'other', externalIdField: 'otherId' });
    const { body } = await call(sandbox, 'GET', `/mailing/${id}/opens`, { key: 'other', secret: 'other' });
    expect(body).toMatchObject({ opens: [{ contactIdentifier: { encryptedId: identifier(2).encryptedId } }, {}] });
    expect(JSON.stringify(body)).not.toContain('externalId');
  });

  const reports = ['', '/statistics', '/recipients', '/opens', '/clicks', '/bounces', '/opens/P1', '/clicks/P1'];

  it.each(reports)('is 404 for an unknown mailing and 400 for the message of a campaign: %s', async (report) => {
    const { mailings } = sandbox.state.starts.addCampaign({ name: 'C' });
    expect(refusal(await call(sandbox, 'GET', `/mailing/nope${report}`))).toEqual([404, 'MAILING_NOTFOUND']);
    expect(refusal(await call(sandbox, 'GET', `/mailing/${mailings[0]?.encryptedId}${report}`))).toEqual([400, 'INVALID_MAILING']);
  });
});

describe('the report of a campaign\'s message', () => {
  const setUp = async () => {
    const { triggers, mailings } = sandbox.state.starts.addCampaign({ name: 'C', mailings: [{ name: 'First', links }, { name: 'Second' }] });
    for (const externalContactId of ['P1', 'P2', 'P3']) await call(sandbox, 'POST', `/campaign/trigger/${triggers[0]?.encryptedId}`, { body: { externalContactId } });
    return mailings.map(({ encryptedId }) => encryptedId) as [string, string];
  };

  it('has its details, recipients, opens, clicks and bounces by participation', async () => {
    const [id, second] = await setUp();
    const sent = await control(sandbox, 'POST', `/campaign-mailings/${id}/send`, {
      sentAt: day(20), bounced: { externalIds: ['P3'], type: 'SOFT' }, opened: { externalIds: ['P1'], at: day(21) },
    });
    expect(sent.body).toEqual({ encryptedId: id, sent: 3, opened: 1, clicked: 0, bounced: 1 });
    await control(sandbox, 'POST', `/campaign-mailings/${id}/interactions`, { contact: { externalId: 'P2' }, kind: 'clicked', at: day(22), linkId: 8 });
    expect(await get(`/campaign-mailing/${id}`)).toEqual({
      encryptedId: id, name: 'First', type: 'EMAIL', links,
      message: { name: 'First', author: 'Sandbox', fromName: 'Sandbox', subject: 'First', fromEmail: 'news@sandbox.example' },
    });
    expect(await get(`/campaign-mailing/${id}/recipients`)).toEqual({ paging: {}, recipients: [1, 2, 3].map((number) => ({
      contactIdentifier: identifier(number), sendDate: day(20), campaignSubscriptionId: number,
    })) });
    expect((await get(`/campaign-mailing/${id}/opens`))['opens']).toEqual([{ contactIdentifier: identifier(1), openDate: day(21), campaignSubscriptionId: 1 }]);
    expect((await get(`/campaign-mailing/${id}/clicks`))['clicks']).toEqual([{ contactIdentifier: identifier(2), clickDate: day(22), linkId: 8, campaignSubscriptionId: 2 }]);
    expect((await get(`/campaign-mailing/${id}/bounces`))['bounces']).toEqual([{ contactIdentifier: identifier(3), bounceDate: day(20), type: 'SOFTBOUNCE', campaignSubscriptionId: 3 }]);
    expect((await get(`/campaign-mailing/${second}/recipients`))['recipients']).toEqual([]);
  });

  it('can be narrowed to a period and to one participation, page by page', async () => {
    const [id] = await setUp();
    sandbox.state.reports.sendCampaignMailing(id, { sentAt: day(20), contact: { externalId: 'P1' } });
    for (const number of [21, 22, 23]) sandbox.state.reports.recordCampaignInteraction(id, { contact: { externalId: 'P1' }, kind: 'opened', at: day(number) });
    const dates = async (path: string, query: Record<string, string>) => (await get(`/campaign-mailing/${id}/${path}`, query))['opens']?.map(({ openDate }) => openDate);
    expect(await dates('opens', { fromDate: day(22), toDate: day(23) })).toEqual([day(22)]);
    expect(await dates('opens', { fromDate: day(22), after: '1', pageSize: '1' })).toEqual([day(23)]);
    expect(await dates('opens/1', { toDate: day(23) })).toEqual([day(21), day(22)]);
    expect(await dates('opens/1', { pageSize: '1' })).toEqual([day(21)]);
    expect((await get(`/campaign-mailing/${id}/clicks/1`))['clicks']).toEqual([]);
    expect((await get(`/campaign-mailing/${id}/opens`, { fromDate: day(22), pageSize: '1' }))['paging']).toMatchObject({ after: 1 });
    expect(refusal(await call(sandbox, 'GET', `/campaign-mailing/${id}/opens`, { query: { fromDate: 'today' } }))).toEqual([400, 'INVALID_PARAMS']);
    expect(refusal(await call(sandbox, 'GET', `/campaign-mailing/${id}/opens/99`))).toEqual([400, 'INVALID_PARAMS']);
  });

  it.each(['', '/recipients', '/opens', '/clicks', '/bounces', '/opens/1', '/clicks/1'])('is 404 for an unknown one and 400 for a mailing: %s', async (report) => {
    const id = send();
    expect(refusal(await call(sandbox, 'GET', `/campaign-mailing/nope${report}`))).toEqual([404, 'MAILING_NOTFOUND']);
    expect(refusal(await call(sandbox, 'GET', `/campaign-mailing/${id}${report}`))).toEqual([400, 'INVALID_MAILING']);
  });

  it('reaches only those who are active in the campaign', async () => {
    const [id] = await setUp();
    const campaign = (await get('/campaign/list')) as unknown as { encryptedId: string }[];
    await call(sandbox, 'POST', `/campaign/${campaign[0]?.encryptedId}/stop`, { body: { externalContactId: 'P2' } });
    expect(sandbox.state.reports.sendCampaignMailing(id).sent).toBe(2);
    expect((await control(sandbox, 'POST', '/campaign-mailings/nope/send', {})).status).toBe(404);
  });
});

describe('the history of a contact', () => {
  it('has 50 mailings a page, whatever page size is asked for', async () => {
    for (let number = 1; number <= 51; number += 1) send({ name: `M${number}`, opened: { externalIds: number === 1 ? ['P2'] : [] }, clicked: { externalIds: number === 2 ? ['P2'] : [] } });
    const first = await get('/contact/P2/mailings', { pageSize: '10' });
    expect([first['mailingHistories']?.length, first['paging']]).toEqual([50, { after: 50, next: expect.any(String) }]);
    expect(first['mailingHistories']?.slice(0, 3)).toMatchObject([
      { mailing: { name: 'M1' }, opened: true, clicked: false }, { mailing: { name: 'M2' }, opened: true, clicked: true }, { mailing: { name: 'M3' }, opened: false },
    ]);
    expect(await get('/contact/P2/mailings', { after: '50' })).toMatchObject({ paging: {}, mailingHistories: [{ mailing: { name: 'M51' } }] });
    expect(refusal(await call(sandbox, 'GET', '/contact/nobody/mailings'))).toEqual([404, 'CONTACT_NOT_FOUND']);
  });

  it('tells of bounces, and what a mailing was', async () => {
    const id = send();
    expect((await get('/contact/P1/mailings'))['mailingHistories']).toEqual([{
      mailing: {
        encryptedId: id, name: 'March', scheduledStartDate: day(20), type: 'EMAIL', archiveLink: expect.stringContaining(id), sentCount: 5,
      }, sentDate: day(20), opened: false, clicked: false, bounce: 'HARDBOUNCE',
    }]);
  });

  it('has the messages of campaigns by participation', async () => {
    const { triggers, mailings } = sandbox.state.starts.addCampaign({ name: 'C', repeat: 'always' });
    const id = mailings[0]?.encryptedId ?? '';
    for (let round = 0; round < 2; round += 1) {
      await call(sandbox, 'POST', `/campaign/trigger/${triggers[0]?.encryptedId}`, { body: { externalContactId: 'P2' } });
      sandbox.state.reports.sendCampaignMailing(id, { contact: { externalId: 'P2' }, sentAt: day(20), clicked: { ratio: round } });
    }
    expect(await get('/contact/P2/campaign-mailings')).toEqual({ paging: {}, campaignMailingHistories: [false, true].map((clicked, index) => ({
      campaignMailing: { encryptedId: id, name: 'Message', type: 'EMAIL' }, campaignSubscriptionId: index + 1, sentDate: day(20), opened: clicked, clicked,
    })) });
    expect(refusal(await call(sandbox, 'GET', '/contact/nobody/campaign-mailings'))).toEqual([404, 'CONTACT_NOT_FOUND']);
  });
});

describe('trend reports', () => {
  it('are listed, page by page, enabled ones or not', async () => {
    await control(sandbox, 'POST', '/trend-reports', { id: 9, name: 'Newsletter', reportEmails: ['a@example.com'] });
    sandbox.state.reports.addTrendReport({ name: 'Old', enabled: false, target: 'B2C', contentType: 'INFO' });
    send({ trendReportId: 9 });
    const all = await get('/trend-report');
    expect(all).toEqual({ paging: {}, trendReports: [
      {
        id: 9, name: 'Newsletter', enabled: true, target: 'B2B', createDate: expect.any(String), folderId: expect.any(String), contentType: 'MARKETING',
        reportingEnabled: false, sendDays: 7, sendHours: 0, sendMinutes: 0, reportEmail1: 'a@example.com', author: 'Sandbox', mailingCount: 1,
      },
      expect.objectContaining({ id: 10, name: 'Old', mailingCount: 0 }),
    ] });
    const names = async (query: Record<string, string>) => (await get('/trend-report', query))['trendReports']?.map(({ name }) => name);
    expect([await names({ enabled: 'true' }), await names({ enabled: 'false' }), await names({ pageSize: '1', after: '1' })]).toEqual([['Newsletter'], ['Old'], ['Old']]);
    expect(refusal(await call(sandbox, 'GET', '/trend-report', { query: { enabled: 'yes' } }))).toEqual([400, 'INVALID_PARAMS']);
    expect((await control(sandbox, 'POST', '/trend-reports', { id: 9, name: 'Again' })).status).toBe(400);
  });
});
