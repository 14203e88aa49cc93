import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testSeed } from '../support/test-seed.ts';
import { offsetToRead, readOffsetToken, stepOffset, writeOffsetToken, type OffsetCursor } from '../../platforms/offset-paging.ts';

interface Walk {
  readonly rows: readonly string[];
  readonly calls: number;
}

/** Reads a moving set to its end by pages of `pageSize`; `between` changes it after each page. Tokens go through their text. */
function walk(set: string[], pageSize: number, between: (page: number) => void = () => undefined, maxCalls = 2_000): Walk {
  const rows: string[] = [];
  let token: string | undefined;
  for (let calls = 1; calls <= maxCalls; calls += 1) {
    const cursor: OffsetCursor = readOffsetToken(token);
    const readAt = offsetToRead(cursor);
    const keys = set.slice(readAt, readAt + pageSize);
    const step = stepOffset(cursor, { keys, more: readAt + pageSize < set.length });
    rows.push(...keys.slice(step.skip));
    if (step.next === undefined) return { rows, calls };
    token = writeOffsetToken(step.next);
    between(calls);
  }
  throw new Error('no end');
}

const contacts = (count: number): string[] => Array.from({ length: count }, (_, index) => `contact-${index}`);

describe('paging by offset', () => {
  it.each([[0, 1], [999, 1], [1_000, 1], [1_001, 2], [5_000, 6]])('reads %i resting rows once each, in %i calls', (count, calls) => {
    const result = walk(contacts(count), 1_000);
    expect(result.rows).toEqual(contacts(count));
    expect(result.calls).toBe(calls);
  });

  it('misses no row that stays, whichever rows leave while it reads', () => {
    fc.assert(fc.property(
      fc.integer({ min: 0, max: 400 }), fc.integer({ min: 2, max: 60 }), fc.array(fc.array(fc.nat(399), { maxLength: 30 }), { maxLength: 12 }),
      (count, pageSize, departures) => {
        const set = contacts(count);
        const left = new Set<string>();
        const { rows } = walk(set, pageSize, (page) => {
          for (const index of departures[page - 1] ?? []) {
            const [gone] = set.splice(index, 1);
            if (gone !== undefined) left.add(gone);
          }
        });
        const read = new Set(rows);
        expect(contacts(count).filter((key) => !left.has(key) && !read.has(key))).toEqual([]);
      },
    ), { seed: testSeed(), numRuns: 400 });
  });

  it('finds its place from further back when more rows have left than the pages overlap', () => {
    const set = contacts(3_000);
    const { rows, calls } = walk(set, 1_000, (page) => {
      if (page === 1) set.splice(0, 300);
    });
    expect(new Set(rows)).toEqual(new Set(contacts(3_000)));
    expect(calls).toBeLessThanOrEqual(5);
  });

  it('begins again when the rows that were read last have left, and ends all the same', () => {
    const set = contacts(2_500);
    const { rows } = walk(set, 1_000, (page) => {
      if (page === 1) set.splice(300, 900);
    });
    expect(new Set(rows)).toEqual(new Set([...contacts(1_000), ...contacts(2_500).slice(1_200)]));
  });

  it('reads on over empty pages as long as the source says so, and gives up after a hundred', () => {
    let cursor = readOffsetToken(undefined);
    for (let page = 1; page <= 100; page += 1) {
      const { next } = stepOffset(cursor, { keys: [], more: true, statedNext: page * 10 });
      if (next === undefined) throw new Error('ended');
      cursor = next;
    }
    expect(stepOffset(cursor, { keys: ['last'], more: false })).toEqual({ skip: 0 });
    expect(() => stepOffset(cursor, { keys: [], more: true, statedNext: 2_000 })).toThrow(expect.objectContaining({ code: 'PAGING_LOOP' }));
  });

  it.each([0, -5])('stops with an error when the source sends it back to offset %i', (statedNext) => {
    expect(() => stepOffset(readOffsetToken(undefined), { keys: ['a'], more: true, statedNext })).toThrow(expect.objectContaining({ code: 'PAGING_LOOP' }));
  });

  it('does not go round for ever over a source that always gives the same page', () => {
    let cursor = readOffsetToken(undefined);
    const same = contacts(50);
    const tokens: string[] = [];
    for (let page = 0; page < 100; page += 1) {
      const { next } = stepOffset(cursor, { keys: same, more: true, statedNext: 50 });
      if (next === undefined) throw new Error('ended');
      tokens.push(writeOffsetToken(next));
      if (new Set(tokens).size < tokens.length) return;
      cursor = next;
    }
    throw new Error('no token came twice');
  });

  it.each(['', 'x', '1|2', '1,0,0,0,0', '1,0,0,0|', '-1,0,0,0,0|', '1,0,0,0,0|a|b'])('refuses the token «%s»', (token) => {
    expect(() => readOffsetToken(token)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('shows no key in its tokens', () => {
    const { next } = stepOffset(readOffsetToken(undefined), { keys: ['anna@x.example'], more: true });
    expect(next === undefined ? '' : writeOffsetToken(next)).not.toContain('anna');
  });
});
