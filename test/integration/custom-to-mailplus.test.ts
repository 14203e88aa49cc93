import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { custom } from '../../platforms/custom/index.ts';
import { customContext, customRequest } from '../support/custom-requests.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;
const shop = 'shop-1';
const settings = { class: 'sales-channel', languageFrom: 'structure' };

beforeAll(async () => {
  world = await openWorld({ coins: 0 });
  await world.pipeline.addConnector({ id: shop, platform: 'custom', preset: 'e-commerce-with-marketing-automation', settings, credentials: {}, permissions: {} });
});
afterAll(() => world.close());

let count = 0;

/** Sends something as the shop does, and lets it go all the way. */
async function sendTo(path: string, body: object | undefined, method = 'PUT'): Promise<void> {
  count += 1;
  const request = customRequest(path, body, { id: `r-${count}`, method });
  const event = custom.receive?.(customContext(settings), request);
  if (event === undefined) throw new Error('a custom system sends');
  await acceptInbound(world.pipeline.deps.db, {
    accountId: 'default', connectorId: shop, kind: event.kind, key: event.key, payload: event.payload, rejected: event.rejected, answer: event.answer,
    bodyHash: createHash('sha256').update(request.rawBody).digest(), receivedAt: new Date().toISOString(),
  });
  await world.pipeline.drain(shop);
  await world.settle();
}

const send = (contact: object): Promise<void> => sendTo('/contacts/C-1', { email: 'ann@example.test', ...contact });
const inMail = () => world.contact('ann@example.test')?.properties;

describe('the language of a contact of a shop with a multilingual structure', () => {
  it('is the whole structure in Mail+, and is never blanked', async () => {
    await send({ language: 'nl', shopStructure: ['Acme', 'Acme Europe', 'Dutch'], name: { firstName: 'Ann' } });
    expect(inMail()).toMatchObject({ taal: 'Acme - Acme Europe - Dutch', firstName: 'Ann' });
    await send({ name: { firstName: 'Anna' } });
    expect(inMail()).toMatchObject({ taal: 'Acme - Acme Europe - Dutch', firstName: 'Anna' });
    await send({ language: null, shopStructure: [], name: { firstName: 'Anne' } });
    expect(inMail()).toMatchObject({ taal: 'Acme - Acme Europe - Dutch', firstName: 'Anne' });
    await send({ shopStructure: ['Acme', 'Acme UK', 'English'], name: { firstName: 'Anne' } });
    expect(inMail()).toMatchObject({ taal: 'Acme - Acme UK - English' });
  });

  it('stays as it is when Mail+ is read: nothing is sent again', async () => {
    const before = world.writes();
    await world.pull('mailplus-1');
    await world.settle();
    expect([world.writes() - before, inMail()?.['taal']]).toEqual([0, 'Acme - Acme UK - English']);
  });

  it('is the tag where a contact has no structure', async () => {
    await send({ language: 'en-GB', name: { firstName: 'Anne' } });
    expect(inMail()).toMatchObject({ taal: 'en-GB' });
  });
});

describe('a selection of a custom system', () => {
  const lists = () => world.mail.state.lists().map(({ name, members }) => [name, members.map(({ email }) => email ?? '').toSorted((a, b) => (a < b ? -1 : 1))] as const);
  const campaign = { externalId: 'K-1', name: 'Spring 2027' };
  const contact = (name: string) => sendTo(`/contacts/${name}`, { email: `${name}@example.test` });

  it('becomes a list in Mail+, is replaced by the next, in pages too, and goes when it is taken back', async () => {
    for (const name of ['bob', 'cas', 'dee']) await contact(name);
    await sendTo('/lists/L-1', { name: 'Kettles', campaign, members: ['bob', 'cas'] });
    expect(lists()).toEqual([[expect.stringMatching(/^Kettles – Spring 2027 – /), ['bob@example.test', 'cas@example.test']]]);
    for (const page of [2, 1]) await sendTo('/lists/L-1', { name: 'Kettles', campaign, syncId: 'S-2', page, pageCount: 2, members: [page === 1 ? 'cas' : 'dee'] });
    expect(lists().map(([, members]) => members)).toEqual([['cas@example.test', 'dee@example.test']]);
    await sendTo('/lists/L-1', undefined, 'DELETE');
    expect(lists()).toEqual([]);
  });
});

describe('what a shop sells', () => {
  it('goes from its requests to Mail+: product, cart and order, conversions of the mailing, and the dates of the purchase', async () => {
    await world.pipeline.deps.db.updateTable('connector').set({ activated_at: '2026-01-01T00:00:00Z' }).execute();
    const { state } = world.mail;
    await sendTo('/contacts/C-9', { email: 'eve@example.test', createdTime: '2026-02-01T10:00:00Z' });
    const mailing = state.sendMailing({ name: 'May', recipients: { emails: ['eve@example.test'] }, links: [{ id: 1, name: 'shop', url: 'https://shop.example' }] });
    const mpid = state.reports.mpid(mailing.encryptedId, { contact: { email: 'eve@example.test' } });
    const lines = [{ productExternalId: 'P-9', quantity: 1, unitPriceCents: 1295 }];
    await sendTo('/checkouts/K-9', { status: 'open', startedAt: '2026-05-01T09:00:00Z', currency: 'EUR', totalCents: 1295, contactExternalId: 'C-9', lines, mpid });
    await sendTo('/orders/O-9', { number: '1009', status: 'paid', placedAt: '2026-05-01T10:00:00Z', currency: 'EUR', totalCents: 1295, refundedCents: 95, contactExternalId: 'C-9', lines, checkoutId: 'K-9' });
    expect(state.shop.orders()).toEqual([]);
    await sendTo('/products/P-9', { sku: 'MUG', name: 'Mug', url: 'https://shop.example/mug', imageUrl: 'https://shop.example/mug.jpg', priceCents: 1295, currency: 'EUR', colour: 'blue' });
    expect(state.shop.products()).toMatchObject([{ content: { name: 'Mug', priceCents: 1295, customProperties: { colour: 'blue' } } }]);
    expect(state.shop.orders()).toMatchObject([{ valueCents: 1200, email: 'eve@example.test', externalProductIds: [state.shop.products()[0]?.externalId] }]);
    expect(state.starts.started().map(({ kind, email }) => [kind, email])).toEqual([['cartCreated', 'eve@example.test'], ['cartConverted', 'eve@example.test']]);
    const { firstPurchaseDate, lastPurchaseDate } = world.contact('eve@example.test')?.properties ?? {};
    expect([firstPurchaseDate, lastPurchaseDate].map((at) => new Date(String(at)).toISOString())).toEqual(['2026-05-01T10:00:00.000Z', '2026-05-01T10:00:00.000Z']);
  });
});
