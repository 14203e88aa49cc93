import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { startCoinsSandbox } from '../../sandbox/coins/index.ts';
import type { CoinsSandbox, ListSyncInput } from '../../sandbox/coins/index.ts';
import { cutIntoPages, sendingOrder } from '../../sandbox/coins/list-sync-pages.ts';
import { generateDataset, prospectAt } from '../../sandbox/dataset/index.ts';
import { acceptAll, asOperator, startFakeHub } from './coins-support.ts';
import type { FakeHub, Script } from './coins-support.ts';

const { prospects } = generateDataset({ seed: 4, prospects: 230, existingContacts: 0 });
const campaign = { id: 'C-9', name: 'Spring 2027', startDate: '2027-03-01', endDate: '2027-04-30' };
const patience = { firstWaitMs: 1, longestWaitMs: 5, giveUpAfterMs: 20_000 };

let coins: CoinsSandbox;
let hub: FakeHub;
beforeEach(async () => { coins = await startCoinsSandbox({ prospects }); });
afterEach(async () => {
  await coins.close();
  await hub.close();
});

async function run(input: Partial<ListSyncInput>, script?: Script) {
  hub = await startFakeHub(script);
  const list = { id: 'L-55', name: 'Oakwold launch', description: '' };
  const sync = coins.startListSync({ hubUrl: hub.url, connectorId: 'coins-1', token: 'secret', list, campaign, pageSize: 50, patience, ...input });
  return { sync, report: await sync.done };
}
const pagesSent = (): number[] => hub.received.map(({ page }) => page?.page ?? 0);

describe('a list sync', () => {
  it('sends every prospect once, page by page, with one key and the token of the connector', async () => {
    const { report, sync } = await run({});
    expect(report).toMatchObject({ state: 'done', pageCount: 5, pagesAccepted: 5, calls: 5, retries: 0, failures: [] });
    expect(pagesSent()).toEqual([1, 2, 3, 4, 5]);
    expect(hub.received.every(({ path, key, authorization }) => path === '/inbound/coins/coins-1/list-syncs' && key === sync.syncId && authorization === 'Bearer secret')).toBe(true);
    expect(hub.received.flatMap(({ page }) => page?.prospects ?? [])).toEqual(prospects);
    expect(hub.received[0]?.page).toMatchObject({ syncId: sync.syncId, cid: '210', list: { id: 'L-55' }, campaign, page: 1, pageCount: 5 });
    expect(report.accepted).toBe(207);
    expect(report.rejected).toHaveLength(23);
  });

  it('has the members that were asked for', async () => {
    const { report } = await run({ prospectIds: ['P100003', 'P100001', 'P7'] });
    expect(report).toMatchObject({ pageCount: 1, accepted: 2 });
    const filtered = await coins.startListSync({ hubUrl: hub.url, connectorId: 'coins-1', token: 't', list: { id: 'L', name: 'n', description: '' }, filter: { developmentCode: 'OAKW' }, pageSize: 1000 }).done;
    expect(filtered.accepted + filtered.rejected.length).toBe(prospects.filter(({ developmentCode }) => developmentCode === 'OAKW').length);
  });

  it('tries again with the same body after 429, 5xx and a broken connection', async () => {
    const refusals: ReturnType<Script>[] = [{ status: 429, headers: { 'retry-after': '1' } }, { status: 503 }, 'reset', { status: 500 }];
    const { report } = await run({}, (received, index) => refusals[index] ?? acceptAll(received));
    expect(report).toMatchObject({ state: 'done', pagesAccepted: 5, calls: 9, retries: 4 });
    expect(new Set(hub.received.slice(0, 5).map(({ text }) => text)).size).toBe(1);
    expect(report.answers.slice(0, 5).map(({ status }) => status)).toEqual([429, 503, 0, 500, 202]);
  });

  it('does not try again what is refused for good, and says so', async () => {
    const { report } = await run({}, (received, index) => (index === 1 ? { status: 409, body: { code: 'x' } } : acceptAll(received)));
    expect(report).toMatchObject({ state: 'failed', pagesAccepted: 4, calls: 5, failures: [{ page: 2, status: 409, text: '{"code":"x"}' }] });
  });

  it('gives up a page when patience ends', async () => {
    const { report } = await run({ prospectIds: ['P100001'], patience: { ...patience, giveUpAfterMs: 30 } }, () => ({ status: 503 }));
    expect(report).toMatchObject({ state: 'failed', pagesAccepted: 0, failures: [{ page: 1, status: 503 }] });
  });

  it('sends pages in another order, some twice, with the same bytes, and counts each once', async () => {
    const { report } = await run({ order: 'with-duplicates', seed: 3, pageSize: 10, parallel: 4 });
    expect(report).toMatchObject({ state: 'done', pageCount: 23, pagesAccepted: 23, differingAnswers: [] });
    expect(report.calls).toBeGreaterThan(23);
    expect(new Set(hub.received.map(({ text }) => text)).size).toBe(23);
    expect(report.accepted + report.rejected.length).toBe(230);
  });

  it('keeps pages back and sends them later, as they were at the start', async () => {
    const { sync, report } = await run({ missingPages: [2, 5] });
    expect(report).toMatchObject({ state: 'done', pagesAccepted: 3 });
    expect(pagesSent()).toEqual([1, 3, 4]);
    coins.state.edit('P100060', { forename: 'Later' });
    expect(await asOperator(coins, 'POST', `/list-syncs/${sync.syncId}/pages`, { pages: [5, 2] })).toMatchObject({ body: { pagesAccepted: 5 } });
    expect(hub.received.at(-1)?.page?.prospects).toEqual(prospects.slice(50, 100));
  });

  it('stops when the sandbox closes', async () => {
    hub = await startFakeHub(() => ({ status: 503 }));
    const list = { id: 'L', name: 'n', description: '' };
    const sync = coins.startListSync({ hubUrl: hub.url, connectorId: 'c', token: 't', list });
    await coins.close();
    expect((await sync.done).state).toBe('stopped');
  });

  it('can take its members from elsewhere', async () => {
    hub = await startFakeHub();
    const members = cutIntoPages(Array.from({ length: 30 }, (_unused, index) => prospectAt(9, index)), 20);
    const sync = coins.startListSync({ hubUrl: hub.url, connectorId: 'c', token: 't', list: { id: 'L', name: 'n', description: '' } }, members);
    expect(await sync.done).toMatchObject({ pageCount: 2, accepted: 27 });
  });
});

describe('the order of the pages', () => {
  it('is a permutation when shuffled, the same for the same seed', () => {
    const order = sendingOrder(40, { order: 'shuffled', seed: 8 });
    expect(order).not.toEqual(order.toSorted((left, right) => left - right));
    expect(new Set(order).size).toBe(40);
    expect(sendingOrder(40, { order: 'shuffled', seed: 8 })).toEqual(order);
  });

  it('has every page but the missing ones, and a repeated page comes after its first time', () => {
    const order = sendingOrder(40, { order: 'with-duplicates', seed: 8, missingPages: [3, 4] });
    expect(new Set(order).size).toBe(38);
    expect(order.length).toBeGreaterThan(42);
    const firsts = order.filter((page, index) => order.indexOf(page) === index);
    expect(firsts).toEqual(firsts.toSorted((left, right) => left - right));
  });
});

describe('the control side of list syncs', () => {
  const body = () => ({ hubUrl: `${hub.url}/`, connectorId: 'coins-1', token: 'secret', listId: 'L-1', name: 'Launch', campaign, pageSize: 100 });

  it('starts one, waits for it, and lists them', async () => {
    hub = await startFakeHub();
    expect(await asOperator(coins, 'POST', '/list-syncs', { ...body(), wait: true })).toMatchObject({ status: 200, body: { state: 'done', pagesAccepted: 3 } });
    const started = await asOperator(coins, 'POST', '/list-syncs', { ...body(), order: 'shuffled', parallel: 2 });
    expect(started).toMatchObject({ status: 202, body: { syncId: 'LS-000002' } });
    expect(await asOperator(coins, 'GET', '/list-syncs/LS-000002?wait=true')).toMatchObject({ body: { state: 'done', answers: expect.any(Array) } });
    const { body: all } = await asOperator(coins, 'GET', '/list-syncs');
    expect(all).toMatchObject([{ syncId: 'LS-000001' }, { syncId: 'LS-000002' }]);
    expect(coins.state.campaigns.has('C-9')).toBe(true);
  });

  it('refuses an input that is wrong, by the name of the field', async () => {
    hub = await startFakeHub();
    expect(await asOperator(coins, 'POST', '/list-syncs', { ...body(), order: 'random' })).toMatchObject({ status: 400, body: { field: 'order' } });
    expect(await asOperator(coins, 'POST', '/list-syncs', { ...body(), hubUrl: 'x' })).toMatchObject({ status: 400, body: { field: 'hubUrl' } });
    expect(await asOperator(coins, 'POST', '/list-syncs', { ...body(), pageSize: 0 })).toMatchObject({ status: 400, body: { field: 'pageSize' } });
  });

  it('removes a list at the hub', async () => {
    hub = await startFakeHub((received, index) => (index === 0 ? { status: 503 } : acceptAll(received)));
    const deletion = { hubUrl: hub.url, connectorId: 'coins-1', token: 'secret', listId: 'L/1' };
    expect(await asOperator(coins, 'POST', '/list-deletions', deletion)).toMatchObject({ body: { status: 204, attempts: 2 } });
    expect(hub.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/inbound/coins/coins-1/lists/L%2F1', authorization: 'Bearer secret' });
  });
});
