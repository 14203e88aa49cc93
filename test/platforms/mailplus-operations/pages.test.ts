import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { operationPages, type WalkedRows } from '../../../platforms/mailplus/pages.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { mailplusContext } from '../mailplus-context.ts';
import { sendJson, startRawServer, type RawServer } from '../raw-server.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** For a million rows, on a machine that is busy with other tests. */
const millionMs = 180_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Recipients = WalkedRows<{ readonly contactIdentifier: { readonly externalId: string | undefined } }>;

/** A Mail+ whose pages are a function of offset and size. */
async function serving(answer: (after: number, pageSize: number, call: number) => unknown): Promise<RawServer> {
  const server = await startRawServer(({ url }, response) => {
    const { searchParams } = new URL(url, 'http://x.example');
    const body = answer(Number(searchParams.get('after')), Number(searchParams.get('pageSize')), server.seen.length);
    if (typeof body === 'string') response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    else sendJson(response, 200, body);
  });
  servers.push(server);
  return server;
}

const row = (index: number): object => ({ contactIdentifier: { externalId: `c${index}`, encryptedId: `hT3kVtTrcMpL${index}` } });
const rows = (after: number, count: number): object[] => Array.from({ length: Math.max(0, count) }, (_, index) => row(after + index));
const walk = (server: RawServer, input: object = {}) => operationPages(mailplusContext(server.url), operations['mailing.recipients'], { encryptedMailingId: 'm1', ...input });
const collect = async (server: RawServer, input: object = {}): Promise<Recipients[]> => {
  const pages: Recipients[] = [];
  for await (const page of walk(server, input)) pages.push(page);
  return pages;
};
const ids = (pages: readonly Recipients[]): (string | undefined)[] => pages.flatMap((page) => page.rows.map((one) => one.contactIdentifier.externalId));
const expectedIds = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);

describe('walking pages', () => {
  it('follows what Mail+ says comes next, to the last page', async () => {
    const server = await serving((after, size) => ({ paging: after + size < 25 ? { next: `https://x.example/?after=${after + size}`, after: after + size } : {}, recipients: rows(after, Math.min(size, 25 - after)) }));
    const pages = await collect(server, { pageSize: 10 });
    expect(pages.map(({ after, rows: found }) => [after, found.length])).toEqual([[0, 10], [10, 10], [20, 5]]);
    expect(ids(pages)).toEqual(expectedIds(25));
    expect(server.seen).toHaveLength(3);
  });

  it('goes on over an empty page, and by bare arrays until one is not full', async () => {
    const gap = await serving((after) => (after === 0 ? { paging: { next: 'https://x.example/?after=5' }, recipients: [] } : { recipients: rows(5, 2) }));
    expect((await collect(gap)).map((page) => page.rows.length)).toEqual([0, 2]);
    const bare = await serving((after, size) => rows(after, Math.min(size, 12 - after)));
    expect(ids(await collect(bare, { pageSize: 5 }))).toEqual(expectedIds(12));
    expect(bare.seen).toHaveLength(3);
  });

  it('begins where it is told to', async () => {
    const server = await serving((after) => rows(after, 3));
    expect(await collect(server, { after: 7 })).toMatchObject([{ after: 7, rows: [{}, {}, {}] }]);
  });

  it('takes fifty rows as a full page where Mail+ sets the size, and never sends one', async () => {
    const mailing = (index: number) => ({ mailing: { encryptedId: `m${index}` }, sentDate: '2026-05-01T10:00:00Z' });
    const server = await serving((after) => ({ paging: { after: after + 50 }, mailingHistories: Array.from({ length: after < 100 ? 50 : 7 }, (_, index) => mailing(after + index)) }));
    let count = 0;
    for await (const page of operationPages(mailplusContext(server.url), operations['contact.mailings'], { externalId: '1' })) count += page.rows.length;
    expect([count, server.seen.map(({ url }) => url)]).toEqual([107, [0, 50, 100].map((after) => `/contact/1/mailings?after=${after}`)]);
  });

  it('leaves out a row that does not fit, and says where', async () => {
    const odd = { contactIdentifier: 'nobody' };
    const [page] = await collect(await serving(() => ({ recipients: [row(1), odd, row(2)] })));
    expect([page?.rows.length, page?.unreadable]).toEqual([2, [{ index: 1, path: 'contactIdentifier', payload: odd }]]);
  });

  it.each([
    ['the same page again', (after: number, size: number) => ({ paging: { next: `https://x.example/?after=${after + size}` }, recipients: rows(0, 10) }), 2],
    ['bare arrays that do not heed the offset', (_: number, size: number) => rows(0, size), 2],
    ['an offset that goes back', () => ({ paging: { next: 'https://x.example/?after=0' }, recipients: rows(0, 10) }), 1],
    ['empty pages without end', () => ({ paging: { next: 'https://x.example/' }, recipients: [] }), 101],
  ] as const)('stops at %s', async (_title, answer, calls) => {
    const server = await serving(answer);
    await expect(collect(server, { pageSize: 10 })).rejects.toMatchObject({ code: 'PAGING_LOOP' });
    expect(server.seen).toHaveLength(calls);
  });

  it('asks for no page that nobody takes', async () => {
    const server = await serving((after, size) => rows(after, size));
    for await (const page of walk(server, { pageSize: 5 })) if (page.after >= 5) break;
    expect(server.seen).toHaveLength(2);
  });
});

describe('memory', () => {
  it('holds one page at a time: the one before can be collected when the next is asked for', async () => {
    const alive: boolean[] = [];
    let last: WeakRef<object> | undefined;
    const server = await serving((after, size) => {
      collectGarbage();
      alive.push(last?.deref() !== undefined);
      return rows(after, after < 40_000 ? size : 1);
    });
    const pages = walk(server, { pageSize: 10_000 });
    const take = async (): Promise<boolean> => {
      const { value, done } = await pages.next();
      if (value !== undefined) last = new WeakRef(value.rows);
      return done !== true;
    };
    while (await take()) await new Promise(setImmediate);
    expect(alive).toEqual([false, false, false, false, false]);
  });

  it('stays flat over a mailing with a million recipients', async () => {
    const total = 1_000_000;
    const server = await serving((after, size) => `{"paging":{"next":${after + size < total ? `"https://x.example/?after=${after + size}"` : null}},"recipients":[${rows(after, size).map((one) => JSON.stringify(one)).join(',')}]}`);
    let [count, most, least] = [0, 0, Number.POSITIVE_INFINITY];
    for await (const page of walk(server, { pageSize: 10_000 })) {
      count += page.rows.length;
      if (page.after % 100_000 !== 0) continue;
      server.seen.length = 0;
      collectGarbage();
      const used = process.memoryUsage().heapUsed;
      [most, least] = [Math.max(most, used), Math.min(least, used)];
    }
    const grownMb = (most - least) / 1024 / 1024;
    process.stdout.write(`a million recipients: the heap after each collection stayed within ${grownMb.toFixed(1)} MB\n`);
    expect(count).toBe(total);
    expect(grownMb).toBeLessThan(24);
  }, millionMs);
});
