import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coins } from '../../platforms/coins/index.ts';
import { prospectStream } from '../../platforms/coins/streams.ts';
import type { SourcePage, Window } from '../../platforms/platform.ts';
import { card, contextFor, failureOf, now, startServer, withList } from './coins-support.ts';
import type { Received, Reply, TestServer } from './coins-support.ts';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const window: Window = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };

/** Reads a window to its end; fails on a repeated token. */
async function readAll(url: string, pageSize: number, over: Window = window): Promise<SourcePage[]> {
  const pages: SourcePage[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    const page = await coins.readPage?.(contextFor(url), { ...prospectStream, pageSize }, over, token);
    if (page === undefined) throw new Error('Coins reads no pages');
    pages.push(page);
    token = page.nextPageToken;
    if (token !== undefined && tokens.has(token)) throw new Error('a page token came twice');
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined);
  return pages;
}

const idsOf = (pages: readonly SourcePage[]): string[] => [...new Set(pages.flatMap(({ rows }) => rows.map((row) => row.externalId)))].sort();

interface Saved { readonly id: string; at: string }

/** What the list answers: the cards saved since, in the order given, cut into pages. */
function listOf(cards: readonly Saved[], request: Received): Reply {
  const since = Date.parse(request.query.get('modifiedSince') ?? '');
  const size = Number(request.query.get('pageSize'));
  const page = Number(request.query.get('page'));
  const found = cards.filter(({ at }) => Date.parse(at) >= since);
  const prospects = found.slice((page - 1) * size, page * size).map(({ id, at }) => card({ prospectId: id, lastModified: at }));
  return { status: 200, json: { page, pageCount: Math.max(1, Math.ceil(found.length / size)), prospects } };
}

const byStamp = (left: Saved, right: Saved): number => Date.parse(left.at) - Date.parse(right.at) || (left.id < right.id ? -1 : 1);
const day = (number: number): string => `2026-11-${String(number).padStart(2, '0')}T08:00:00Z`;

describe('A window of prospects', () => {
  it('is asked for by its beginning, and ends where the rows lie behind it', async () => {
    const cards = [1, 2, 3, 8, 15, 16, 17, 18, 19].map((number) => ({ id: `P${number}`, at: day(number) }));
    server = await startServer((request) => listOf(cards, request));
    const pages = await readAll(server.url, 3, { from: window.from, to: '2026-11-10T00:00:00.000Z' });
    expect(idsOf(pages)).toEqual(['P1', 'P2', 'P3', 'P8']);
    expect(Object.fromEntries(server.received[0]?.query ?? [])).toEqual({ modifiedSince: window.from, page: '1', pageSize: '3' });
    expect(server.received.map(({ query }) => query.get('pageSize'))).toEqual(['3', '1', '3', '1', '1']);
    expect(pages[0]).toMatchObject({ readAt: now, activities: [] });
  });

  it('has each row once when there is one page', async () => {
    server = await startServer((request) => listOf([{ id: 'P1', at: day(1) }], request));
    expect(await readAll(server.url, 500)).toMatchObject([{ rows: [{ externalId: 'P1', sourceTime: '2026-11-01T08:00:00.000Z' }], rejected: [] }]);
    expect(server.received).toHaveLength(1);
  });

  it('may be empty', async () => {
    server = await startServer(() => ({ status: 200, json: { page: 1, pageCount: 0, prospects: [] } }));
    expect(idsOf(await readAll(server.url, 3))).toEqual([]);
  });

  it('goes on over an empty page, since only the source says what the last one is', async () => {
    server = await startServer(({ query }) => {
      const page = Number(query.get('page'));
      return { status: 200, json: { page, pageCount: 3, prospects: page === 2 || query.get('pageSize') === '1' ? [] : [card({ prospectId: `P${page}`, lastModified: window.from })] } };
    });
    expect(idsOf(await readAll(server.url, 3))).toEqual(['P1', 'P3']);
  });

  it('keeps what can not be read as rejected, and a known prospect whom no one can reach any more as a row', async () => {
    const cards = [card({ prospectId: 'P1', email: 5 }), card({ prospectId: 'P2', email: '', mobile: '' }), null, card({ prospectId: 'P3', lastModified: null })];
    server = await startServer(() => ({ status: 200, json: { page: 1, pageCount: 1, prospects: cards } }));
    const pages = await readAll(server.url, 3);
    expect(idsOf(pages)).toEqual(['P2', 'P3']);
    expect(pages[0]?.rejected).toMatchObject([{ externalId: 'P1', path: 'email' }, { externalId: '', reason: expect.stringContaining('prospects[2]') }]);
  });

  it('cleans text that the database can not store', async () => {
    server = await startServer(() => ({ status: 200, json: { page: 1, pageCount: 1, prospects: [card({ forename: 'An\u0000na', lastModified: day(2) })] } }));
    expect(JSON.stringify((await readAll(server.url, 3))[0]?.rows)).not.toContain('u0000');
  });

  it.each<[string, Reply]>([
    ['another page than the one asked for', { status: 200, json: { page: 2, pageCount: 2, prospects: [] } }],
    ['no page number', { status: 200, json: { prospects: [] } }], ['a bare list', { status: 200, json: [] }],
    ['HTML', { status: 200, text: '<html></html>' }], ['nothing', { status: 200, text: '' }],
    ['404', { status: 404, json: { message: 'no' } }], ['400', { status: 400, json: { message: 'no' } }],
  ])('is not read further when the answer is %s', async (_title, reply) => {
    server = await startServer(() => reply);
    expect(await failureOf(() => readAll(server?.url ?? '', 3))).toMatchObject({ code: 'PLATFORM_ANSWER_INVALID' });
  });

  it('refuses a page token that is none of ours', async () => {
    for (const token of ['', '7', '{}', '{"since":"x"}']) {
      expect(await failureOf(() => coins.readPage?.(contextFor('http://coins.example'), prospectStream, window, token))).toMatchObject({ code: 'INTERNAL' });
    }
  });
});

describe('Cards that are saved while the list is read', () => {
  const stamps = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 24 });
  /** Before which list request, by number, which card is saved. */
  const touches = fc.array(fc.tuple(fc.nat(12), fc.nat(23)), { maxLength: 6 });
  let reply: (request: Received) => Reply = () => ({ status: 500 });

  async function missed(numbers: readonly number[], saves: readonly (readonly [number, number])[], pageSize: number, inOrder: (cards: readonly Saved[]) => Saved[]): Promise<string[]> {
    const cards = numbers.map((number, index) => ({ id: `P${index}`, at: day(number) }));
    const touched = new Set<string>();
    let requests = 0;
    server ??= await startServer((request) => reply(request));
    reply = (request) => {
      for (const [at, index] of saves) {
        const found = cards[index];
        if (at !== requests || found === undefined) continue;
        found.at = now;
        touched.add(found.id);
      }
      requests += 1;
      return listOf(inOrder(cards), request);
    };
    const seen = new Set(idsOf(await readAll(server.url, pageSize)));
    return cards.flatMap(({ id }) => (seen.has(id) || touched.has(id) ? [] : [id]));
  }

  it('hide no other card of the window', async () => {
    await fc.assert(fc.asyncProperty(stamps, touches, fc.integer({ min: 1, max: 5 }), async (numbers, saves, pageSize) => {
      expect(await missed(numbers, saves, pageSize, (cards) => [...cards].sort(byStamp))).toEqual([]);
    }), { seed: 20261121, numRuns: 100 });
  });

  it('hide none either where the list is not in order', async () => {
    await fc.assert(fc.asyncProperty(stamps, touches, fc.integer({ min: 2, max: 5 }), async (numbers, saves, pageSize) => {
      expect(await missed(numbers, saves, pageSize, (cards) => [...cards].sort(byStamp).reverse())).toEqual([]);
      expect(await missed(numbers, saves, pageSize, (cards) => [...cards])).toEqual([]);
    }), { seed: 20261121, numRuns: 50 });
  });

  it('do not keep the reading from ending', async () => {
    const cards = Array.from({ length: 12 }, (_unused, index) => ({ id: `P${index}`, at: day(2) }));
    let requests = 0;
    server = await startServer((request) => {
      const found = cards[requests % cards.length];
      if (found) found.at = now;
      requests += 1;
      return listOf([...cards].sort(byStamp), request);
    });
    expect(await readAll(server.url, 3)).not.toHaveLength(0);
  });
});

describe('Prospects by id', () => {
  const replies: Record<string, Reply> = {
    P1: { status: 200, json: card({ prospectId: 'P1' }) },
    P2: { status: 404, json: { message: 'no' } },
    P3: { status: 404, json: { message: 'merged', mergedInto: 'P4' } },
    P4: { status: 404, json: { message: 'merged', mergedInto: 'P1' } },
    P5: { status: 404, json: { message: 'merged', mergedInto: 'P6' } },
    P6: { status: 404, json: { message: 'merged', mergedInto: 'P5' } },
    P7: { status: 404, json: { message: 'merged', mergedInto: 'P2' } },
    P8: { status: 200, json: card({ prospectId: 'P8', consents: 'yes' }) },
  };

  async function read(...ids: string[]) {
    server = await startServer(withList(({ path }) => replies[path.split('/').at(-1) ?? ''] ?? { status: 500 }));
    return coins.readRecords?.(contextFor(server.url), 'contacts', ids);
  }

  it('come back as rows, each once', async () => {
    expect(await read('P1', 'P1')).toMatchObject({ rows: [{ externalId: 'P1', canonical: { firstName: 'Anna' } }], mergedInto: {}, rejected: [] });
    expect(server?.received).toHaveLength(1);
  });

  it('that are gone come back as deleted', async () => {
    expect(await read('P2')).toMatchObject({ rows: [{ externalId: 'P2', deleted: true, canonical: {}, held: {}, consents: [] }] });
  });

  it('that were merged away are followed to the card that they are now', async () => {
    const page = await read('P3', 'P4', 'P1');
    expect(page).toMatchObject({ mergedInto: { P3: 'P1', P4: 'P1' } });
    expect(page?.rows.map((row) => row.externalId)).toEqual(['P1']);
  });

  it('that were merged into one that is gone are gone with it', async () => {
    expect(await read('P7')).toMatchObject({ mergedInto: { P7: 'P2' }, rows: [{ externalId: 'P2', deleted: true }] });
  });

  it('that were merged in a circle are rejected, not deleted', async () => {
    expect(await read('P5')).toMatchObject({ rows: [], mergedInto: {}, rejected: [{ externalId: 'P5', path: 'mergedInto', code: 'RECORD_INVALID' }] });
  });

  it('that can not be read are rejected', async () => {
    expect(await read('P8')).toMatchObject({ rows: [], rejected: [{ externalId: 'P8', path: 'consents' }] });
  });

  it('fail with the connection, and with a 404 that is not about a prospect', async () => {
    expect(await failureOf(() => read('unknown'))).toMatchObject({ code: 'PLATFORM_ERROR' });
    await server?.close();
    server = await startServer(() => ({ status: 404, text: 'Not Found' }));
    expect(await failureOf(() => coins.readRecords?.(contextFor(server?.url ?? ''), 'contacts', ['P1']))).toMatchObject({ code: 'PLATFORM_ANSWER_INVALID' });
  });
});
