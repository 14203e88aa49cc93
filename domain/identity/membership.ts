/** What decides to which record a source record belongs. Record ids; `null` means none. */
export interface MembershipFacts {
  /** The record it belongs to now, by its source record or its link. */
  readonly current: number | null;
  /** Set by an operator: it stays there whatever its keys say. */
  readonly pinned: number | null;
  readonly oldKey: string | null;
  readonly newKey: string | null;
  /** The record that owns `newKey`. */
  readonly keyOwner: number | null;
  /**
   * True at a platform where contacts are ours by link (Mail+): a changed address there is an edit of the linked contact,
   * never a reason to leave it.
   */
  readonly reflecting: boolean;
  /** Another living source record of the current record, not at a reflecting platform, goes by another key than `newKey`, or by none. */
  readonly othersHaveAnotherKey: boolean;
  /** Whether this read may bring in a thing that is not known yet, be it as a new contact or to an existing one (design §9: Coins only by a list sync). */
  readonly mayCreate: boolean;
}

/** `mergeWith`: another record has the same key; the two are merged later, under the locks of both. */
export type Membership =
  | { readonly kind: 'stay'; readonly record: number; readonly takesKey: boolean; readonly mergeWith?: number }
  | { readonly kind: 'attach'; readonly record: number }
  | { readonly kind: 'create' }
  | { readonly kind: 'leave'; readonly from: number; readonly to: number | null }
  | { readonly kind: 'excluded' };

/**
 * Decides where a source record belongs (design §4.4, §9). Things with the same merging key are one record; a thing without
 * a merging key is its own. A changed address moves the contact: alone in its record it takes the record along, otherwise it leaves.
 */
export function decideMembership(facts: MembershipFacts): Membership {
  if (facts.pinned !== null) return { kind: 'stay', record: facts.pinned, takesKey: false };
  if (facts.current === null) return decideFirst(facts);
  if (facts.newKey === facts.oldKey && facts.keyOwner === facts.current) return { kind: 'stay', record: facts.current, takesKey: false };
  return leavesOthers(facts) ? { kind: 'leave', from: facts.current, to: facts.keyOwner } : stayWithKey(facts.current, facts);
}

/** Its key is not one that its record has, and the others of the record go by other ones. */
function leavesOthers(facts: MembershipFacts): boolean {
  if (facts.reflecting || !facts.othersHaveAnotherKey || facts.keyOwner === facts.current) return false;
  return facts.newKey !== null || facts.oldKey !== null;
}

function decideFirst(facts: MembershipFacts): Membership {
  if (!facts.mayCreate) return { kind: 'excluded' };
  return facts.keyOwner === null ? { kind: 'create' } : { kind: 'attach', record: facts.keyOwner };
}

function stayWithKey(current: number, facts: MembershipFacts): Membership {
  if (facts.newKey === null || facts.keyOwner === current) return { kind: 'stay', record: current, takesKey: false };
  if (facts.keyOwner === null) return { kind: 'stay', record: current, takesKey: true };
  return { kind: 'stay', record: current, takesKey: false, mergeWith: facts.keyOwner };
}
