import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, decideAll, type ConsentEvent } from '../../../domain/consent/ledger.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed(), numRuns: 500 });

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const event: fc.Arbitrary<ConsentEvent> = fc.record({
  permission: fc.constantFrom('mail', 'sms'), granted: fc.boolean(), at: fc.option(fc.nat(10).map(at)), receivedAt: fc.integer({ min: 5, max: 10 }).map(at),
  connectorId: fc.constantFrom('a', 'b', 'c'), externalId: fc.constantFrom('1', '2'), mayGrant: fc.boolean(), evidence: fc.constant('form'),
});
const events = fc.array(event, { maxLength: 12 });
const effective = (e: ConsentEvent) => (e.at !== null && e.at > e.receivedAt ? e.receivedAt : e.at);

describe('the consent ledger', () => {
  it('decides the same whatever the order, and however often an event comes', () => {
    const shuffled = events.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })));
    fc.assert(fc.property(shuffled, ([list, other]) => {
      expect(decideAll(other)).toEqual(decideAll(list));
    }));
  });

  it('is never undone by anything but a dated grant that is newer and comes from a source that may grant', () => {
    fc.assert(fc.property(events, events, (known, more) => {
      const before = decide(known);
      if (before.state !== 'withdrawn') return;
      const after = decide([...known, ...more]);
      const since = before.at ?? '';
      const mayUndo = more.some((e) => e.granted && e.mayGrant && (effective(e) ?? '') > since);
      if (after.state !== 'withdrawn') expect(mayUndo).toBe(true);
    }));
  });

  it('is withdrawn whenever a newest dated event is a withdrawal', () => {
    fc.assert(fc.property(events, (list) => {
      const counted = list.filter((e) => e.at !== null && (e.mayGrant || !e.granted));
      const newest = counted.map((e) => effective(e) ?? '').sort().at(-1);
      const isOff = counted.some((e) => !e.granted && effective(e) === newest);
      const hasGrant = list.some((e) => e.granted && e.mayGrant);
      const wanted = newest === undefined ? (hasGrant ? 'granted' : 'unknown') : isOff ? 'withdrawn' : 'granted';
      expect(decide(list).state).toBe(wanted);
    }));
  });
});
