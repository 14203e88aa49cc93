import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PageGuard } from '../../../domain/sync/paging.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

describe('PageGuard', () => {
  it('ends only when the source names no further page', () => {
    const guard = new PageGuard();
    expect(guard.after('2')).toEqual({ kind: 'more', token: '2' });
    expect(guard.after('')).toEqual({ kind: 'more', token: '' });
    expect(guard.after(undefined)).toEqual({ kind: 'end' });
  });

  it('finds a token that comes again, also the one that the read went on from', () => {
    const guard = new PageGuard('5');
    expect(guard.after('6').kind).toBe('more');
    expect(guard.after('5')).toEqual({ kind: 'loop', token: '5' });
  });

  it('reads a source without repeats to its end, and stops at the first repeat of any other', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 2 })), (tokens) => {
      const guard = new PageGuard();
      const firstRepeat = tokens.findIndex((token, index) => tokens.indexOf(token) < index);
      const kinds = [...tokens, undefined].map((token) => guard.after(token).kind);
      expect(kinds.indexOf(firstRepeat === -1 ? 'end' : 'loop')).toBe(firstRepeat === -1 ? tokens.length : firstRepeat);
    }));
  });
});
