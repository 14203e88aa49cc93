import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultSpec } from '../../sandbox/mailplus/index.ts';
import { callJson, type JsonAnswer } from '../support/e2e-control.ts';
import { leaksOf, namesOf } from '../support/e2e-leaks.ts';
import { listSender } from '../support/e2e-lists.ts';
import { cardOf, cardsOf, wrongAbout } from '../support/e2e-people.ts';
import { connectBoth, openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';

const megabyte = 1_048_576;

describe('what is wrong, from end to end', () => {
  let world: E2eWorld;
  let token: string;

  beforeAll(async () => {
    world = await openE2eWorld();
    await world.hub.start('worker,gateway');
    token = (await connectBoth(world)).token;
  }, 120_000);

  afterAll(async () => {
    await world.close();
  });

  it.each([
    ['no token', 'coins-1', {}, 401, 'TOKEN_INVALID'],
    ['a token that there is not', 'coins-1', { authorization: 'Bearer hub_wrong' }, 401, 'TOKEN_INVALID'],
    ['a connector that there is not', 'coins-9', undefined, 404, 'CONNECTOR_UNKNOWN'],
  ] as const)('refuses a page with %s', async (_what, connectorId, headers, status, code) => {
    expectRefusal(await post(page('BAD-1', 1, 1, cardsOf('bad', 3)), { connectorId, ...(headers === undefined ? {} : { headers }) }), status, code);
  });

  it('refuses a page with the token of an administrator', async () => {
    expectRefusal(await post(page('BAD-1', 1, 1, cardsOf('bad', 3)), { headers: { authorization: `Bearer ${await world.hub.adminToken()}` } }), 403, 'TOKEN_NOT_ALLOWED');
  });

  it.each([
    ['broken JSON', '{"syncId":"BAD-1","prospects":[', 'body'],
    ['something else than an object', '[1,2]', 'body'],
    ['pages that are no number', JSON.stringify({ ...page('BAD-1', 1, 1, []), pageCount: 'many' }), 'pageCount'],
    ['a page after the last one', JSON.stringify(page('BAD-1', 5, 2, [])), 'page'],
    ['prospects that are no list', JSON.stringify({ ...page('BAD-1', 1, 1, []), prospects: 'all of them' }), 'prospects'],
  ])('refuses %s and names the part that is wrong', async (_what, body, field) => {
    const answer = await post(body, { key: 'BAD-1' });
    expectRefusal(answer, 400, 'REQUEST_INVALID');
    expect((answer.body as Refusal).error.field).toBe(field);
  });

  it('refuses a page without its Idempotency-Key', async () => {
    expectRefusal(await post(page('BAD-1', 1, 1, cardsOf('bad', 3)), { key: 'BAD-2' }), 400, 'REQUEST_INVALID');
  });

  it('refuses a body of 50 MB before it reads it, and stays as small as it was', async () => {
    const before = await memoryOf();
    const answers = await Promise.all(Array.from({ length: 8 }, () => announce(50 * megabyte)));
    for (const answer of answers) expectRefusal(answer, 413, 'REQUEST_TOO_LARGE');
    for (const sent of await Promise.allSettled([post(' '.repeat(50 * megabyte)), post(' '.repeat(50 * megabyte))])) {
      if (sent.status === 'fulfilled') expectRefusal(sent.value, 413, 'REQUEST_TOO_LARGE');
    }
    expect((await memoryOf()) - before).toBeLessThan(60 * megabyte);
  });

  it('takes the cards of a page that can be used, and says which cannot', async () => {
    const cards = [...cardsOf('part', 4), { ...cardOf('part-typed', 'granted'), email: 7 }, cardOf('part-nobody', 'granted', { email: '' })];
    const answer = await post(page('PART-1', 1, 1, cards), { key: 'PART-1' });
    expect([answer.status, answer.body]).toEqual([202, { syncId: 'PART-1', accepted: 4, rejected: [{ prospectId: 'part-typed', reason: expect.any(String) }, { prospectId: 'part-nobody', reason: 'no email and no phone' }] }]);
    await world.hub.untilQuiet();
    expect(wrongAbout('part', 4, await world.mail.contacts())).toEqual([]);
    expect(await world.hub.row('select count(*)::int rejected from rejected_record where state = \'open\'')).toEqual({ rejected: 2 });
  }, 30_000);

  it('answers a page that comes again as before, and refuses another page under its name', async () => {
    const first = await post(page('TWICE-1', 1, 2, cardsOf('twice', 5)), { key: 'TWICE-1' });
    const again = await post(page('TWICE-1', 1, 2, cardsOf('twice', 5)), { key: 'TWICE-1' });
    expect([first.status, again.status, again.body]).toEqual([202, 202, first.body]);
    expectRefusal(await post(page('TWICE-1', 1, 2, cardsOf('other', 5)), { key: 'TWICE-1' }), 409, 'IDEMPOTENCY_CONFLICT');
    await post(page('TWICE-1', 2, 2, cardsOf('twice-more', 5)), { key: 'TWICE-1' });
    await world.hub.untilQuiet();
    const contacts = await world.mail.contacts();
    expect([...wrongAbout('twice', 5, contacts), ...wrongAbout('twice-more', 5, contacts)]).toEqual([]);
    expect(contacts.filter(({ email }) => email?.startsWith('other') === true)).toEqual([]);
  }, 30_000);

  it('has stored nothing of what it refused', async () => {
    const kept = await world.hub.rows<{ key: string }>('select key from inbox order by id');
    expect(kept.map(({ key }) => key)).toEqual(['PART-1:1', 'TWICE-1:1', 'TWICE-1:2']);
    expect((await world.mail.contacts()).filter(({ email }) => email?.startsWith('bad') === true)).toEqual([]);
  });

  it('takes pages in any order and more than once', async () => {
    const { hub, coins, mail } = world;
    const cards = cardsOf('mixed', 60);
    await coins.put(cards);
    const shape = { prospectIds: cards.map(({ prospectId }) => prospectId), pageSize: 10, seed: testSeed() % 1_000_000, parallel: 3 };
    for (const order of ['shuffled', 'with-duplicates'] as const) {
      const syncId = await coins.startListSync({ hubUrl: hub.gatewayUrl, connectorId: 'coins-1', token, listId: 'MIXED', name: 'In any order', order, ...shape });
      expect(await coins.listSyncDone(syncId)).toMatchObject({ state: 'done', accepted: 60, differingAnswers: [], failures: [] });
    }
    await hub.untilQuiet();
    expect(wrongAbout('mixed', 60, await mail.contacts())).toEqual([]);
    expect((await mail.lists()).filter(({ name }) => name.startsWith('In any order')).map(({ members }) => members.length)).toEqual([60]);
  }, 30_000);

  it('loses and doubles nothing when Mail+ answers with errors, breaks off, or stores without saying so', async () => {
    const upsert = { method: 'POST', path: '/contact/list', count: 1 } as const;
    const faults: readonly FaultSpec[] = [
      { action: 'html500', ...upsert }, { action: 'rateLimit', retryAfterSeconds: 1, ...upsert }, { action: 'reset', when: 'after', ...upsert }, { action: 'halfBody', ...upsert },
      { action: 'reset', when: 'after', method: 'POST', path: '/templist', count: 1 },
    ];
    for (const fault of faults) await world.mail.fault(fault);
    await listSender(world, token).surviving(130, () => Promise.resolve());
    expect(await world.mail.faultsPlayed()).toBe(faults.length);
  }, 120_000);

  it('refuses a connector that is described wrongly, and stores nothing of it', async () => {
    const { hub, mail } = world;
    const good = { platform: 'mailplus', preset: 'marketing-automation', id: 'mailplus-9', test: true, settings: { baseUrl: mail.url }, credentials: mail.credentials };
    expectRefusal(await hub.api('POST', '/connectors', { ...good, platform: 'fax' }), 400, 'REQUEST_INVALID');
    expectRefusal(await hub.api('POST', '/connectors', { ...good, settings: { baseUrl: 'no address' } }), 400, 'CONFIGURATION_INVALID');
    expectRefusal(await hub.api('POST', '/connectors', { ...good, credentials: { key: 'another-key', secret: 'wrong' } }), 502, 'PLATFORM_LOGIN_REFUSED');
    expectRefusal(await hub.api('POST', '/connectors', { ...good, credentials: { key: mail.credentials.key, secret: 'wrong' } }), 409, 'EXTERNAL_ID_SHARED');
    expectRefusal(await hub.api('POST', '/connectors', { ...good, id: 'mailplus-1' }), 409, 'CONNECTOR_EXISTS');
    expect(await hub.rows('select id from connector order by id')).toEqual([{ id: 'coins-1' }, { id: 'mailplus-1' }]);
  }, 30_000);

  it('has put nothing personal and no secret into a workflow or a log', async () => {
    expect(await leaksOf(world, namesOf(cardsOf('any', 1)), [token])).toEqual([]);
  });

  interface Refusal { readonly error: { readonly code: string; readonly fix: string; readonly field?: string } }

  function expectRefusal(answer: JsonAnswer, status: number, code: string): void {
    expect([answer.status, (answer.body as Refusal).error.code]).toEqual([status, code]);
    expect((answer.body as Refusal).error.fix).not.toBe('');
  }

  function page(syncId: string, number: number, pageCount: number, prospects: readonly object[]): object {
    return { syncId, cid: '210', list: { id: `L-${syncId}`, name: `List ${syncId}`, description: '' }, page: number, pageCount, prospects };
  }

  async function post(body: object | string, { connectorId = 'coins-1', key = 'BAD-1', headers = { authorization: `Bearer ${token}` } }: { readonly connectorId?: string; readonly key?: string; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<JsonAnswer> {
    return callJson('POST', `${world.hub.gatewayUrl}/inbound/coins/${connectorId}/list-syncs`, body, { 'idempotency-key': key, ...headers });
  }

  /** Begins to send a body of this size, and waits for the answer before it sends the rest. */
  function announce(bytes: number): Promise<JsonAnswer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': bytes, 'idempotency-key': 'BAD-1', authorization: `Bearer ${token}` };
      const sending = request(`${world.hub.gatewayUrl}/inbound/coins/coins-1/list-syncs`, { method: 'POST', headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          sending.destroy();
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        });
      });
      sending.once('error', reject);
      sending.write(' '.repeat(1_000));
    });
  }

  /** Resident memory of the hub's process by its own metrics, in bytes. */
  async function memoryOf(): Promise<number> {
    const text = await (await fetch(`${world.hub.gatewayUrl}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  }
});
