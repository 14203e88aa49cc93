import { describe, expect, it } from '@jest/globals';
import { planRematch, type RematchFacts, type RematchThing } from '../../../domain/identity/rematch.ts';

const thing = (name: string, ...keys: string[]): RematchThing => ({ name, keys, pinned: false, deleted: false, reflecting: false, may: 'stand' });
const linked = (name: string, may: RematchThing['may'], ...keys: string[]): RematchThing => ({ ...thing(name, ...keys), reflecting: true, may });

/** Who stays and who leaves, as `name:key`. */
function plan(things: readonly RematchThing[], more: Partial<RematchFacts> = {}): string[] {
  const { stays, leaves } = planRematch({ record: 1, recordKey: null, things, ownerOf: () => null, ...more });
  return [stays, ...leaves].map(({ members }) => [...members].map(([name, key]) => `${name}:${key ?? '-'}`).join(' '));
}

describe('a record under another matching', () => {
  it('stays whole when all go by one key, and comes apart by key otherwise', () => {
    expect(plan([thing('a', 'k'), thing('b', 'k')])).toEqual(['a:k b:k']);
    expect(plan([thing('a', 'k'), thing('b', 'm'), thing('c', 'k')])).toEqual(['a:k c:k', 'b:m']);
  });

  it('is kept by the part whose key it shows, else by the one whose key it owns, else by the first with a key', () => {
    const things = [thing('a'), thing('b', 'k'), thing('c', 'm')];
    expect(plan(things, { recordKey: 'm', ownerOf: (key) => (key === 'k' ? 1 : null) })[0]).toBe('c:m');
    expect(plan(things, { recordKey: 'x', ownerOf: (key) => (key === 'm' ? 1 : 7) })[0]).toBe('c:m');
    expect(plan(things, { recordKey: 'x' })[0]).toBe('b:k');
  });

  it('leaves each that has no key alone', () => {
    expect(plan([thing('a'), thing('b')])).toEqual(['a:-', 'b:-']);
  });

  it('keeps what is pinned, and what is gone and has no key', () => {
    expect(plan([thing('a', 'k'), { ...thing('b', 'm'), pinned: true }, { ...thing('c'), deleted: true }])).toEqual(['a:k b:m c:-']);
  });

  it('is not kept by those that are gone while others live', () => {
    expect(plan([{ ...thing('a', 'k'), deleted: true }, thing('b', 'm')], { recordKey: 'k' })).toEqual(['b:m', 'a:k']);
  });

  it('keeps its own contact at a platform where contacts are ours by link; its word is a key only while it counts', () => {
    expect(plan([thing('a', 'k'), linked('z', 'stay', 'old')])).toEqual(['a:k z:-']);
    expect(plan([thing('a', 'k'), linked('z', 'stay', 'new')], { recordKey: 'new' })).toEqual(['a:k z:new']);
    expect(plan([linked('z', 'stay', 'k')], { recordKey: 'k' })).toEqual(['z:k']);
    expect(plan([thing('a', 'k'), thing('b', 'm'), linked('z', 'stay', 'm')], { recordKey: 'k' })).toEqual(['a:k z:-', 'b:m']);
  });

  it('gives a contact that is left over from an earlier merge to the part that has its key, or to itself where it may stand', () => {
    expect(plan([thing('a', 'k'), thing('b', 'm'), linked('y', 'follow', 'x', 'm')], { recordKey: 'k' })).toEqual(['a:k', 'b:m y:m']);
    expect(plan([thing('a', 'k'), linked('y', 'follow', 'm'), linked('z', 'stay', 'k')])).toEqual(['a:k y:- z:k']);
    expect(plan([thing('a', 'k'), linked('y', 'stand', 'm'), linked('z', 'stay', 'k')])).toEqual(['a:k z:k', 'y:m']);
  });

  it('does not come apart again', () => {
    const things = [thing('a', 'k'), thing('b', 'm'), thing('c'), linked('y', 'stand', 'n'), linked('z', 'stay', 'k')];
    const parts = planRematch({ record: 1, recordKey: 'k', things, ownerOf: () => null });
    for (const part of [parts.stays, ...parts.leaves]) {
      expect(planRematch({ record: 1, recordKey: part.key, things: things.filter(({ name }) => part.members.has(name)), ownerOf: () => 1 }).leaves).toEqual([]);
    }
  });
});
