import type { DefaultJson, DefaultTime, Generated } from './columns.ts';

/** What was done to a contact for good; `inactivate` and `anonymise` are about one that was deleted at its last source. */
export type ErasureKind = 'block' | 'unblock' | 'erase' | 'inactivate' | 'anonymise';

/** One thing to be done in another system. */
export interface ErasureStep {
  readonly connectorId: string;
  /** `by-hand`: the hub has no way to do it there. */
  readonly kind: 'anonymise' | 'inactivate' | 'by-hand';
  /** Of the action that does it. */
  readonly cause?: string;
  /** Ids of the things there, sealed, for what is left to be done by hand. */
  readonly sealed?: string;
  readonly things: number;
  /** Why, or what to do, for a person. */
  readonly note?: string;
}

/** A receipt: never with personal data. */
export interface ErasureTable {
  id: Generated<number>;
  account_id: string;
  record_id: number;
  kind: ErasureKind;
  who: string;
  at: DefaultTime;
  /** Rows that were deleted or blanked, by table. */
  counts: DefaultJson<Record<string, number>>;
  steps: DefaultJson<ErasureStep[]>;
}

/** A keyed hash by which an erased person is known again. */
export interface SuppressedKeyTable {
  account_id: string;
  kind: 'email' | 'phone' | 'thing';
  value: string;
  /** The record that was erased. */
  record_id: number;
}
