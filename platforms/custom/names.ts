import { contactFieldNames } from '../../domain/model/contact.ts';
import { canonicalSchemas } from '../../domain/model/canonical-schemas.ts';
import { recordTypes, type RecordType } from '../../domain/model/record-fields.ts';

/** Prefix of a permission's key in `held`: `consent:Newsletter`. */
const consentPrefix = 'consent:';

/** The key of a permission in `held`, by the hub's name. */
export function consentKey(permission: string): string {
  return consentPrefix + permission;
}

const asNamed = (names: readonly string[]): Readonly<Record<string, string>> => Object.freeze(Object.fromEntries(names.map((name) => [name, name])));

/**
 * Canonical name to key in `held`, for each type: a custom system speaks in the canonical names, so they are the same. Things that a
 * record names stand under the system's own ids. `extra.<name>` is its own key too and is added where it occurs.
 */
export const heldKeys: Readonly<Record<RecordType, Readonly<Record<string, string>>>> = Object.fromEntries(recordTypes.map((type) =>
  [type, asNamed(type === 'contacts' ? contactFieldNames : Object.keys(canonicalSchemas[type].shape).filter((name) => name !== 'extra'))])) as Record<RecordType, Readonly<Record<string, string>>>;
