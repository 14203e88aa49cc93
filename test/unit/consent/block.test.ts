import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideAll, everyPermission, isBlocked, type ConsentEvent } from '../../../domain/consent/ledger.ts';
import { planDelivery } from '../../../domain/delivery/plan.ts';
import { emptyMemory } from '../../../domain/model/link-memory.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed(), numRuns: 200 });

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const block: ConsentEvent = { permission: everyPermission, granted: false, at: at(5), receivedAt: at(5), connectorId: '', externalId: '1', mayGrant: false, evidence: 'blocked by an operator, receipt 1' };
const event: fc.Arbitrary<ConsentEvent> = fc.record({
  permission: fc.constantFrom('mail', 'sms'), granted: fc.boolean(), at: fc.option(fc.nat(30).map(at)), receivedAt: fc.nat(30).map(at),
  connectorId: fc.constantFrom('a', 'b'), externalId: fc.constantFrom('1', '2'), mayGrant: fc.boolean(), evidence: fc.constant('form'),
});

describe('a block in the ledger', () => {
  it('withdraws every permission since then, whatever else was and will be said, in whatever order', () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 10 }), fc.nat(10), (events, place) => {
      const decided = decideAll([...events.slice(0, place), block, ...events.slice(place)]);
      expect(isBlocked(decided)).toBe(true);
      expect(new Set(Object.values(decided).map(({ state, at: since }) => `${state} ${since}`))).toEqual(new Set([`withdrawn ${at(5)}`]));
      expect(isBlocked(decideAll(events))).toBe(false);
    }));
  });

  it('switches off also what nobody ever spoke of, tells no field, and makes no contact', () => {
    const asked = {
      projection: { fields: { firstName: 'Ann' }, withheld: [] }, consent: decideAll([block]), permissionKeys: { mail: 'permissions:1' }, optInStrategy: 'both' as const,
      memory: { ...emptyMemory, held: { 'permissions:1': true } }, isNew: false, urgency: 'live' as const,
    };
    expect(planDelivery(asked)).toMatchObject({ kind: 'send', changes: { 'permissions:1': false }, lane: 0 });
    expect(planDelivery({ ...asked, memory: { ...emptyMemory, held: { 'permissions:1': false } } })).toMatchObject({ kind: 'excluded' });
    expect(planDelivery({ ...asked, memory: null, isNew: true })).toMatchObject({ kind: 'excluded', reason: expect.stringContaining('blocked') });
  });
});
