import { describe, expect, it } from '@jest/globals';
import { decideMembership, type MembershipFacts } from '../../../domain/identity/membership.ts';

const facts: MembershipFacts = { current: null, pinned: null, oldKey: null, newKey: 'a@x.example', keyOwner: null, reflecting: false, othersShareOldKey: false, mayCreate: true };

describe('who belongs together', () => {
  it('a thing with an address that nobody has is a contact of its own', () => {
    expect(decideMembership(facts)).toEqual({ kind: 'create' });
  });

  it('a thing with an address that a contact has joins it', () => {
    expect(decideMembership({ ...facts, keyOwner: 7 })).toEqual({ kind: 'attach', record: 7 });
  });

  it('an unknown prospect that no list sync brought stays out, also where a contact has its address', () => {
    expect(decideMembership({ ...facts, mayCreate: false })).toEqual({ kind: 'excluded' });
    expect(decideMembership({ ...facts, mayCreate: false, keyOwner: 7 })).toEqual({ kind: 'excluded' });
  });

  it('a known thing is updated whoever reads it', () => {
    expect(decideMembership({ ...facts, mayCreate: false, current: 7, oldKey: 'a@x.example', keyOwner: 7 })).toMatchObject({ kind: 'stay', record: 7 });
  });

  it('an operator\'s pin is stronger than any key', () => {
    expect(decideMembership({ ...facts, pinned: 3, current: 3, keyOwner: 7 })).toMatchObject({ kind: 'stay', record: 3 });
  });
});
