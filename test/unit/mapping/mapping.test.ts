import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeEntries, isSamePairing, resolveMapping, type MappingEntry } from '../../../domain/mapping/mapping.ts';

const defaults = { city: 'city', firstName: 'firstName', street: 'street' };
const entry = (field: string, property: string | null, direction: MappingEntry['direction'] = 'both'): MappingEntry => ({ field, property, direction });

const anyEntry = fc.record({
  field: fc.constantFrom('city', 'firstName', 'street', 'extra.a', 'extra.b'), property: fc.option(fc.constantFrom('city', 'street', 'free1', 'free2', 'free3'), { nil: null }),
  direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
});

describe('the mapping in force', () => {
  it('is that of the defaults with what a person says over it, in its direction', () => {
    expect(resolveMapping(defaults, [])).toEqual({ in: defaults, out: defaults });
    expect(resolveMapping(defaults, [entry('city', 'town'), entry('firstName', null, 'out'), entry('extra.a', 'free1', 'in')])).toEqual({
      in: { city: 'town', firstName: 'firstName', street: 'street', 'extra.a': 'free1' }, out: { city: 'town', street: 'street' },
    });
  });

  it('takes a property from the field that has it by default', () => {
    expect(resolveMapping(defaults, [entry('extra.a', 'street', 'out')])).toEqual({ in: defaults, out: { city: 'city', firstName: 'firstName', 'extra.a': 'street' } });
  });

  it('has a property once where what a person says names each once, whatever that is', () => {
    fc.assert(fc.property(fc.uniqueArray(anyEntry, { selector: ({ property }) => property ?? Symbol('none') }), (said) => {
      const { in: read, out } = resolveMapping(defaults, changeEntries([], { set: said, reset: [] }));
      for (const pairing of [read, out]) expect(new Set(Object.values(pairing)).size).toBe(Object.keys(pairing).length);
    }));
  });
});

describe('a change of what a person says', () => {
  it('replaces a field in its direction and leaves the other', () => {
    const before = changeEntries([], { set: [entry('city', 'free1')], reset: [] });
    expect(changeEntries(before, { set: [entry('city', 'free2', 'out')], reset: [] })).toEqual([entry('city', 'free1', 'in'), entry('city', 'free2', 'out')]);
    expect(changeEntries(before, { set: [entry('city', null)], reset: [] })).toEqual([entry('city', null)]);
  });

  it('goes back to the defaults field by field, or altogether, before it sets anything', () => {
    const before = [entry('city', 'free1'), entry('street', 'free2')];
    expect(changeEntries(before, { set: [], reset: ['city'] })).toEqual([entry('street', 'free2')]);
    expect(changeEntries(before, { set: [entry('city', 'free3', 'in')], reset: 'all' })).toEqual([entry('city', 'free3', 'in')]);
  });

  it('says the same in whatever order fields are named, and nothing more when it is made twice', () => {
    fc.assert(fc.property(fc.uniqueArray(anyEntry, { selector: ({ field }) => field }), fc.array(anyEntry), (set, before) => {
      const known = changeEntries(before, { set: [], reset: [] });
      const once = changeEntries(known, { set, reset: [] });
      expect(changeEntries(known, { set: set.toReversed(), reset: [] })).toEqual(once);
      expect(changeEntries(once, { set, reset: [] })).toEqual(once);
      for (const { field, property, direction } of set) {
        for (const way of ['in', 'out'] as const) {
          if (direction === 'both' || direction === way) expect(resolveMapping({}, once)[way][field] ?? null).toBe(property);
        }
      }
    }));
  });
});

it('two pairings are the same in whatever order', () => {
  expect(isSamePairing({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true);
  expect([isSamePairing({ a: '1' }, { a: '2' }), isSamePairing({ a: '1' }, { a: '1', b: '2' }), isSamePairing({ a: '1' }, { b: '1' })]).toEqual([false, false, false]);
});
