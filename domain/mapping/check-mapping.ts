import { HubError } from '../errors.ts';
import { contactFieldNames, type ContactFieldName } from '../model/contact.ts';
import { extraPrefix } from '../model/fields.ts';
import type { MappingDirection, MappingEntry, Pairing } from './mapping.ts';
import { resolveMapping } from './mapping.ts';

/** What kind of value a canonical contact field has; that of an `extra` field is not known. */
export type FieldKind = 'text' | 'email' | 'phone' | 'gender' | 'date' | 'instant' | 'postcode' | 'number';

const kinds: Readonly<Partial<Record<ContactFieldName, FieldKind>>> = {
  email: 'email', phone: 'phone', mobile: 'phone', gender: 'gender', birthDate: 'date', firstPurchaseAt: 'instant', lastPurchaseAt: 'instant', postalCode: 'postcode', houseNumber: 'number',
};

/** The kind of a canonical field; `undefined` for an `extra` field. */
export function kindOfField(field: string): FieldKind | undefined {
  return field.startsWith(extraPrefix) ? undefined : (kinds[field as ContactFieldName] ?? 'text');
}

/** One property, or one switch of a set, that a field can be mapped to. */
export interface MappableProperty {
  readonly name: string;
  readonly type: string;
  /** Why it can not be written; absent for one that can. */
  readonly readOnly?: string;
}

/** A field of an account as it was discovered. */
export interface DiscoveredField {
  readonly name: string;
  readonly type: string;
  readonly entries?: readonly { readonly key: string }[];
  readonly readOnly?: string;
}

/** The properties of an account, and the switches of its sets, that a field may be mapped to. */
export function mappableProperties(fields: readonly DiscoveredField[]): readonly MappableProperty[] {
  return fields.flatMap(({ name, type, entries, readOnly }) => {
    const why = readOnly === undefined ? {} : { readOnly };
    return [{ name, type, ...why }, ...(entries ?? []).map(({ key }) => ({ name: key, type: 'switch', ...why }))];
  });
}

/** What mapping has to know of a platform. */
export interface MappingRules {
  /** Whether values of the kind fit the type; `undefined` stands for an `extra` field. A reason for a person otherwise. */
  whyNot(type: string, kind: FieldKind | undefined): string | undefined;
  /** Why something that looks like a property, or is one, is not for mapping; `undefined` for any other name. */
  whyReserved(property: string): string | undefined;
}

/** What entries are checked against. */
export interface MappingCheck {
  readonly rules: MappingRules;
  /** Canonical field to property, before what a person says. */
  readonly defaults: Pairing;
  /** What the account was found to have; empty when nobody has looked yet. */
  readonly properties: readonly MappableProperty[];
  /** All entries as they are to be. */
  readonly entries: readonly MappingEntry[];
  /** Those of them that are new: only they have to fit the account of today. */
  readonly changed: readonly MappingEntry[];
}

/**
 * Checks a mapping before it is saved. Throws MAPPING_INVALID with the field and what is wrong: a field that the hub does not have, a
 * property that the account does not have, a type that does not fit, a property that can not be written, two fields for one property. Pure.
 */
export function checkMapping(check: MappingCheck): void {
  for (const entry of check.changed) checkEntry(check, entry);
  for (const way of ['in', 'out'] as const) checkOnce(check, way);
}

function checkEntry({ rules, properties }: MappingCheck, { field, property, direction }: MappingEntry): void {
  if (!isContactField(field)) throw invalid(field, `The hub has no field «${field}». There are ${contactFieldNames.join(', ')}, and «${extraPrefix}<name>» for anything else.`);
  if (property === null) return;
  const reserved = rules.whyReserved(property);
  if (reserved !== undefined) throw invalid(field, `«${property}» can not be mapped: ${reserved}`);
  if (properties.length === 0) throw invalid(field, 'The account\'s properties are not known yet.', 'Have them read with `hub connector fields <connector> --refresh`, then set the mapping again.');
  const found = properties.find(({ name }) => name === property);
  if (found === undefined) throw invalid(field, `The account has no property «${property}».`, 'Choose one that `hub connector fields <connector>` shows, or make it visible in the account and have the fields read again with --refresh.');
  const misfit = rules.whyNot(found.type, kindOfField(field));
  if (misfit !== undefined) throw invalid(field, `«${field}» does not fit «${property}» of type ${found.type}: ${misfit}`);
  if (found.readOnly !== undefined && direction !== 'in') throw invalid(field, `«${property}» is read-only: ${found.readOnly}`, 'Map it with the direction «in», or choose another property.');
}

function checkOnce({ defaults, entries }: MappingCheck, way: Exclude<MappingDirection, 'both'>): void {
  const owners = new Map<string, string>();
  for (const [field, property] of Object.entries(resolveMapping(defaults, entries)[way])) {
    const other = owners.get(property);
    if (other !== undefined) throw invalid(field, `«${property}» is mapped to «${other}» already (${way}); a property has one field.`, `Leave one of the two out, as with \`hub mapping set <connector> ${other}=\`.`);
    owners.set(property, field);
  }
}

function isContactField(field: string): boolean {
  const extra = field.startsWith(extraPrefix) ? field.slice(extraPrefix.length) : undefined;
  return extra === undefined ? (contactFieldNames as readonly string[]).includes(field) : /^[^\s\p{Cc}](?:[^\p{Cc}]{0,198}[^\s\p{Cc}])?$/u.test(extra);
}

function invalid(field: string, message: string, fix?: string): HubError {
  return new HubError('MAPPING_INVALID', message, { field, ...(fix === undefined ? {} : { fix }) });
}
