/** Enabled bits of a set property, ascending. Equal sets of one catalogue are the same array. */
export type SetBits = readonly number[];

/** A stored property value: text for most types, a number for `int` and `money`, bits for `set`. */
export type StoredValue = string | number | SetBits;

/** Why a contact cannot be mailed any more. */
export type InactiveReason = 'api' | 'hardBounce' | 'softBounces' | 'optOut' | 'complaint' | 'anonymised';

/** How often a bit was switched on and off through the API. Setting it at creation counts as switching it on. */
export interface BitFlips {
  on: number;
  off: number;
}

/** A contact of the account. `lastChanged` may only be moved by the store, which keeps an index on it. */
export interface Contact {
  readonly id: number;
  readonly encryptedId: string;
  /** Per external-id field: the id that contact has there. */
  externalIds: Record<string, string>;
  properties: Record<string, StoredValue>;
  readonly createdMs: number;
  lastChangedMs: number;
  testGroup: boolean;
  inactive: InactiveReason | undefined;
  softBouncesInARow: number;
  /** Exact counts of what the API's upserts did to this contact. */
  changingUpserts: number;
  identicalUpserts: number;
  refusedUpserts: number;
  permissionFlips: Record<number, BitFlips>;
}

/** Matching form of an e-mail address: no outer spaces, no capitals. */
export function normaliseEmail(address: string): string {
  return address.trim().toLowerCase();
}
