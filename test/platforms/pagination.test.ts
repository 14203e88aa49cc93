import { describe, expect, it } from '@jest/globals';
import { walkPages } from '../../platforms/pagination.ts';

/** A source of pages by token; asked tokens are noted. */
const source = (pages: Readonly<Record<string, { rows: number[]; nextPageToken?: string }>>) => {
  const asked: (string | undefined)[] = [];
  const readPage = (token: string | undefined) => {
    asked.push(token);
    return Promise.resolve(pages[token ?? 'first'] ?? { rows: [] });
  };
  return { asked, readPage };
};

describe('walking pages', () => {
  it('goes on over an empty page and ends where no token comes', async () => {
    const { asked, readPage } = source({ first: { rows: [1], nextPageToken: 'b' }, b: { rows: [], nextPageToken: 'c' }, c: { rows: [2] } });
    const rows: number[] = [];
    for await (const page of walkPages(readPage)) rows.push(...page.rows);
    expect(rows).toEqual([1, 2]);
    expect(asked).toEqual([undefined, 'b', 'c']);
  });

  it('goes on from a token', async () => {
    const { asked, readPage } = source({ c: { rows: [2] } });
    for await (const page of walkPages(readPage, 'c')) expect(page.rows).toEqual([2]);
    expect(asked).toEqual(['c']);
  });

  it.each([['the token that was asked for', 'b'], ['an earlier token', 'a']])('stops with an error at %s', async (_, repeated) => {
    const { readPage } = source({ a: { rows: [1], nextPageToken: 'b' }, b: { rows: [2], nextPageToken: repeated } });
    const walk = async (): Promise<void> => {
      for await (const page of walkPages(readPage, 'a')) expect(page.rows).toHaveLength(1);
    };
    await expect(walk()).rejects.toMatchObject({ code: 'PAGING_LOOP' });
  });
});
