import type { Fields } from '../../domain/model/fields.ts';

/** The address among what a platform holds of a thing, in one spelling; null where there is none, or where things are not found by an address (no `key`). */
export function heldAddress(held: Fields, key: string | undefined): string | null {
  const value = key === undefined ? undefined : held[key];
  const address = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return address === '' ? null : address;
}
