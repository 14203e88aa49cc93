import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, control, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
let mailing: string;
let mpid: string;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts(['P1', 'P2'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  sandbox.state.shop.addProduct({ externalId: '1-42', name: 'Mug', link: 'l', price: 1295, imageUrl: 'i', imageLargeUrl: 'l' });
  const links = [{ id: 3, name: 'Shop', url: 'https://shop.example/' }];
  mailing = sandbox.state.sendMailing({ name: 'M', recipients: { externalIds: ['P1'] }, links }).encryptedId;
  mpid = ((await control(sandbox, 'POST', `/mailings/${mailing}/mpid`, { contact: { externalId: 'P1' } })).body as { mailplusId: string }).mailplusId;
});
afterEach(() => sandbox.close());

const interactionDate = '2024-05-01T10:00:00+02:00';
type Fields = Readonly<Record<string, unknown>>;
const convert = (fields: Fields = {}) =>
  call(sandbox, 'POST', '/conversion', { body: { mailplusId: mpid, type: 'CREATE_SHOPPINGCART', interactionDate, ...fields } });
const statistics = async () => (await call(sandbox, 'GET', `/mailing/${mailing}/statistics`)).body;

describe('conversions', () => {
  it('are taken, also with the blank of the vendor\'s own list, and counted in the mailing', async () => {
    expect(mpid).toMatch(/^[A-Za-z0-9_-]{48}$/);
    const created = await convert();
    expect([created.status, created.text]).toEqual([204, '']);
    await convert({ type: ' CONVERT_SHOPPINGCART', value: 4590, products: ['1-42'] });
    await convert({ type: 'CONVERT_SHOPPINGCART', value: '10' });
    expect(await statistics()).toMatchObject({ shoppingcartCreatedCount: 1, shoppingcartConvertedCount: 2, conversionValue: 4600 });
  });

  it('are not told apart when they come twice, so that the control side can count them', async () => {
    await convert();
    await convert();
    await convert({ type: 'CONVERT_SHOPPINGCART' });
    expect(sandbox.state.starts.counts()).toMatchObject({
      byKind: { cartCreated: 2, cartConverted: 1 }, repeated: [{ kind: 'cartCreated', target: mpid, email: 'p1@example.com', count: 2 }],
    });
  });

  it('follow messages of campaigns, too', async () => {
    const { triggers, mailings } = sandbox.state.starts.addCampaign({ name: 'C', mailings: [{ name: 'M', links: [{ id: 1, name: 'Shop', url: 'u' }] }] });
    await call(sandbox, 'POST', `/campaign/trigger/${triggers[0]?.encryptedId}`, { body: { externalContactId: 'P2' } });
    const id = mailings[0]?.encryptedId ?? '';
    const mailplusId = sandbox.state.reports.mpid(id, { contact: { externalId: 'P2' } });
    expect(refusal(await convert({ mailplusId }))).toEqual([400, 'RESOURCE_NOT_FOUND']);
    sandbox.state.reports.sendCampaignMailing(id);
    expect((await convert({ mailplusId })).status).toBe(204);
    expect(sandbox.state.starts.started()).toMatchObject([{ kind: 'campaign' }, { kind: 'cartCreated', email: 'p2@example.com' }]);
  });

  it.each<[string, Fields, string]>([
    ['no id', { mailplusId: '' }, 'INVALID_PARAMS'],
    ['an id in another format', { mailplusId: 'abc' }, 'INVALID_PARAMS'],
    ['an id that is nobody\'s', { mailplusId: 'A'.repeat(48) }, 'RESOURCE_NOT_FOUND'],
    ['another type', { type: 'ABANDON_SHOPPINGCART' }, 'INVALID_PARAMS'],
    ['a value in euros', { value: '45.90' }, 'INVALID_PARAMS'],
    ['a date in words', { interactionDate: 'today' }, 'INVALID_PARAMS'],
    ['no date', { interactionDate: null }, 'INVALID_PARAMS'],
    ['an unknown product', { products: ['1-42', '1-43'] }, 'PRODUCT_NOTFOUND'],
  ])('are refused with %s', async (_what, fields, errorType) => {
    expect(refusal(await convert(fields))).toEqual([400, errorType]);
    expect(await statistics()).toMatchObject({ shoppingcartCreatedCount: 0 });
    expect(sandbox.state.starts.counts().total).toBe(0);
  });

  it('are refused for a link that is not in the mailing, somebody who did not get it, and somebody anonymised', async () => {
    expect(refusal(await convert({ mailplusId: sandbox.state.reports.mpid(mailing, { contact: { externalId: 'P1' }, linkId: 4 }) }))).toEqual([400, 'RESOURCE_NOT_FOUND']);
    expect(refusal(await convert({ mailplusId: sandbox.state.reports.mpid(mailing, { contact: { externalId: 'P2' } }) }))).toEqual([400, 'RESOURCE_NOT_FOUND']);
    await call(sandbox, 'PUT', '/contact/anonymize/P1');
    expect(refusal(await convert())).toEqual([400, 'CONTACT_NOT_FOUND']);
  });
});
