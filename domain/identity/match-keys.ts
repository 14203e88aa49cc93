import type { Fields } from '../model/fields.ts';
import type { DataType } from '../presets/data-types.ts';
import { keyValue, type KeyNormaliser } from './key-value.ts';

/** By what an account matches contacts. */
export type MatchStrategy = 'email' | 'phone';

/** One way by which records of a data type are found to be the same thing (design §9). */
export interface KeyKind {
  readonly kind: string;
  /** Canonical fields that may hold it; the first one with a usable value counts. */
  readonly fields: readonly string[];
  readonly normaliser: KeyNormaliser;
  /** `account`: equal across connectors; `connector`: means something at one connector only. */
  readonly scope: 'account' | 'connector';
  /** `merging`: equal values are one record; `look-up`: only finds it, for references and for people. */
  readonly use: 'merging' | 'look-up';
  /** Source records with one value above which the key stops merging and is listed: a shared mailbox is no person. */
  readonly maxGroupSize: number;
}

const kind = (name: string, fields: readonly string[], normaliser: KeyNormaliser, use: KeyKind['use'], rest: Partial<KeyKind> = {}): KeyKind =>
  ({ kind: name, fields, normaliser, use, scope: 'account', maxGroupSize: 100, ...rest });

const byEmail: readonly KeyKind[] = [kind('email', ['email'], 'email', 'merging'), kind('phone', ['mobile', 'phone'], 'phone', 'look-up')];
const byPhone: readonly KeyKind[] = [kind('phone', ['mobile', 'phone'], 'phone', 'merging'), kind('email', ['email'], 'email', 'look-up')];

/**
 * The kinds of keys of each data type but contacts, the deciding one first. At most one of a type merges, so that a record
 * is never torn between two. Activities are facts and have none; stock and shipments belong to what they name.
 */
const otherKinds: Readonly<Record<Exclude<DataType, 'contacts'>, readonly KeyKind[]>> = {
  orders: [kind('number', ['number'], 'text', 'look-up', { scope: 'connector' })],
  products: [kind('sku', ['sku'], 'text', 'merging'), kind('gtin', ['gtin'], 'gtin', 'look-up')],
  stock: [],
  shipments: [],
  organisations: [kind('vatNumber', ['vatNumber'], 'code', 'merging'), kind('chamberOfCommerceNumber', ['chamberOfCommerceNumber'], 'code', 'look-up')],
  checkouts: [],
  activities: [],
};

/** The kinds of keys of a data type, the deciding one first. A contact has exactly one that merges: its e-mail, or its phone where the account matches by phone. */
export function keyKindsOf(dataType: DataType, strategy: MatchStrategy): readonly KeyKind[] {
  if (dataType !== 'contacts') return otherKinds[dataType];
  return strategy === 'email' ? byEmail : byPhone;
}

/** The kind of key that merges records of a data type; empty where nothing does. */
export function mergingKindOf(dataType: DataType, strategy: MatchStrategy): string {
  return keyKindsOf(dataType, strategy).find(({ use }) => use === 'merging')?.kind ?? '';
}

/** The merging key of a record, or null. */
export function mergingKeyOf(dataType: DataType, canonical: Fields, strategy: MatchStrategy): string | null {
  return matchKeysOf(dataType, canonical, strategy).find((key) => key.merging)?.value ?? null;
}

/** A normalised value by which a record is found. */
export interface MatchKey {
  readonly kind: string;
  readonly scope: KeyKind['scope'];
  readonly value: string;
  readonly merging: boolean;
  readonly maxGroupSize: number;
}

/**
 * The keys of one record, the deciding kind first; none for a record without a usable value, which is then its own.
 * At most one of them merges. Phones have to be E.164 already, since only the connector knows the country.
 */
export function matchKeysOf(dataType: DataType, canonical: Fields, strategy: MatchStrategy): readonly MatchKey[] {
  const keys: MatchKey[] = [];
  for (const { kind: name, fields, normaliser, scope, use, maxGroupSize } of keyKindsOf(dataType, strategy)) {
    const value = firstValue(canonical, fields, normaliser);
    if (value !== null) keys.push({ kind: name, scope, value, merging: use === 'merging', maxGroupSize });
  }
  return keys;
}

function firstValue(canonical: Fields, fields: readonly string[], normaliser: KeyNormaliser): string | null {
  for (const field of fields) {
    const stored = canonical[field];
    const value = typeof stored === 'string' ? keyValue(normaliser, stored) : null;
    if (value !== null) return value;
  }
  return null;
}
