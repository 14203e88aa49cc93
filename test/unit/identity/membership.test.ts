import { describe, expect, it } from '@jest/globals';
import { decideMembership, type MembershipFacts } from '../../../domain/identity/membership.ts';

const facts = (more: Partial<MembershipFacts>): MembershipFacts =>
  ({ current: 1, pinned: null, oldKey: 'a', newKey: 'a', keyOwner: 1, reflecting: false, othersHaveAnotherKey: false, mayCreate: true, ...more });

describe('decideMembership', () => {
  it('creates a record for a new key and joins the one that has it, if the read may bring somebody in', () => {
    const first = { current: null, oldKey: null };
    expect(decideMembership(facts({ ...first, keyOwner: null }))).toEqual({ kind: 'create' });
    expect(decideMembership(facts({ ...first, keyOwner: 7 }))).toEqual({ kind: 'attach', record: 7 });
    expect(decideMembership(facts({ ...first, newKey: null, keyOwner: null }))).toEqual({ kind: 'create' });
    for (const keyOwner of [null, 7]) expect(decideMembership(facts({ ...first, keyOwner, mayCreate: false }))).toEqual({ kind: 'excluded' });
  });

  it('takes the record along when it is alone with its old key', () => {
    expect(decideMembership(facts({ newKey: 'b', keyOwner: null }))).toEqual({ kind: 'stay', record: 1, takesKey: true });
    expect(decideMembership(facts({ newKey: null, keyOwner: null }))).toEqual({ kind: 'stay', record: 1, takesKey: false });
  });

  it('asks for a merge when another record has the new key', () => {
    expect(decideMembership(facts({ newKey: 'b', keyOwner: 2 }))).toEqual({ kind: 'stay', record: 1, takesKey: false, mergeWith: 2 });
  });

  it('leaves those who go by another key, for the owner of its own or a record of its own', () => {
    const leaving = { newKey: 'b', othersHaveAnotherKey: true };
    expect(decideMembership(facts({ ...leaving, keyOwner: 2 }))).toEqual({ kind: 'leave', from: 1, to: 2 });
    expect(decideMembership(facts({ ...leaving, keyOwner: null }))).toEqual({ kind: 'leave', from: 1, to: null });
    expect(decideMembership(facts({ ...leaving, newKey: null, keyOwner: null }))).toEqual({ kind: 'leave', from: 1, to: null });
    expect(decideMembership(facts({ othersHaveAnotherKey: true, keyOwner: 2 }))).toEqual({ kind: 'leave', from: 1, to: 2 });
  });

  it('never leaves a record that has its key, nor one that it is in without any key', () => {
    expect(decideMembership(facts({ newKey: 'b', othersHaveAnotherKey: true }))).toEqual({ kind: 'stay', record: 1, takesKey: false });
    expect(decideMembership(facts({ oldKey: null, newKey: null, keyOwner: null, othersHaveAnotherKey: true }))).toEqual({ kind: 'stay', record: 1, takesKey: false });
  });

  it('keeps a contact at a reflecting platform with its record, whoever is there', () => {
    expect(decideMembership(facts({ newKey: 'b', keyOwner: null, othersHaveAnotherKey: true, reflecting: true }))).toEqual({ kind: 'stay', record: 1, takesKey: true });
    expect(decideMembership(facts({ newKey: 'b', keyOwner: 2, othersHaveAnotherKey: true, reflecting: true }))).toEqual({ kind: 'stay', record: 1, takesKey: false, mergeWith: 2 });
  });

  it('keeps what an operator has pinned where it is', () => {
    expect(decideMembership(facts({ pinned: 9, newKey: 'b', keyOwner: 2, othersHaveAnotherKey: true }))).toEqual({ kind: 'stay', record: 9, takesKey: false });
  });
});
