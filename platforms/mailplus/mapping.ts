import type { ContactFieldName } from '../../domain/model/contact.ts';
import { extraPrefix, type Scalar } from '../../domain/model/fields.ts';
import type { PlatformField, PlatformSettings } from '../platform.ts';
import { permissionsProperty, splitBitKey } from './fields.ts';
import { mailplusSettings } from './settings.ts';

/** Canonical field to Mail+ property, for the property names seen in real accounts (contract §3.1). */
export const usualProperties = {
  email: 'email', firstName: 'firstName', infix: 'infix', lastName: 'lastName', initials: 'initials', gender: 'gender', birthDate: 'birthday',
  organisation: 'organisation', street: 'street', houseNumber: 'houseNumber', postalCode: 'postalCode', city: 'city', country: 'country',
  phone: 'phoneNumber', mobile: 'mobileNumber', language: 'taal', firstPurchaseAt: 'firstPurchaseDate', lastPurchaseAt: 'lastPurchaseDate',
} as const satisfies Readonly<Partial<Record<ContactFieldName, string>>>;

/** How one property, or one switch of a set, is read. Names are made once: a new text is slow as the name of a field. */
export interface Reading {
  /** Key in `held`. */
  readonly key: string;
  readonly type: string | undefined;
  readonly canonical: string;
  /** Where a value goes that the canonical field does not take. */
  readonly extra: string;
}

/** How one account's properties and the canonical fields belong together. */
export interface PropertyPlan {
  /** Canonical field to property or set switch, whether or not the account has it. */
  readonly targets: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, PlatformField>;
  /** By property; a property that is not in here gets its reading by `readingOf`. */
  readonly readings: ReadonlyMap<string, Reading>;
  /** By set property and bit. */
  readonly switches: ReadonlyMap<string, ReadonlyMap<number, Reading>>;
  /** Every known switch, off. */
  readonly allOff: Readonly<Record<string, Scalar>>;
  /** From canonical field to key in `held`, for all that a read of this account can show. */
  readonly heldKeyOf: Readonly<Record<string, string>>;
  /** Property or switch to canonical field. */
  readonly canonicalOf: ReadonlyMap<string, string>;
}

const plans = new WeakMap<readonly PlatformField[], WeakMap<PlatformSettings, PropertyPlan>>();

/** The plan for an account's fields under a connector's settings; made once for each pair. */
export function planOf(fields: readonly PlatformField[], settings: PlatformSettings): PropertyPlan {
  const bySettings = plans.get(fields) ?? new WeakMap<PlatformSettings, PropertyPlan>();
  plans.set(fields, bySettings);
  const plan = bySettings.get(settings) ?? makePlan(fields, settings);
  bySettings.set(settings, plan);
  return plan;
}

/** The reading of a property or switch that the account's fields do not show. */
export function readingOf(canonicalOf: ReadonlyMap<string, string>, key: string, type?: string): Reading {
  const extra = `${extraPrefix}${key}`;
  return { key, type, extra, canonical: canonicalOf.get(key) ?? extra };
}

function makePlan(fields: readonly PlatformField[], settings: PlatformSettings): PropertyPlan {
  const targets = targetsOf(mailplusSettings(settings).properties);
  const canonicalOf = new Map([...targets].map(([canonical, property]) => [property, canonical]));
  const plain = fields.filter((field) => field.type !== 'set');
  const sets = fields.filter((field) => field.type === 'set');
  const readings = new Map(plain.map((field) => [field.name, readingOf(canonicalOf, field.name, field.type)]));
  const switches = new Map(sets.map((set) => [set.name, readSwitches(canonicalOf, set)]));
  const shown = [...switches].flatMap(([property, bits]) => (property === permissionsProperty ? [] : [...bits.values()]));
  return {
    targets, canonicalOf, readings, switches,
    fields: new Map(fields.map((field) => [field.name, field])),
    allOff: Object.fromEntries([...switches.values()].flatMap((bits) => [...bits.values()].map(({ key }) => [key, false]))),
    heldKeyOf: Object.fromEntries([...readings.values(), ...shown].map(({ key, canonical }) => [canonical, key])),
  };
}

/** The usual mapping with the connector's own; a property that the connector maps is taken from its usual field. */
function targetsOf(own: Readonly<Record<string, string | null>>): Map<string, string> {
  const taken = new Set(Object.values(own));
  const targets = new Map(Object.entries<string>(usualProperties).filter(([canonical, property]) => !(canonical in own) && !taken.has(property)));
  for (const [canonical, property] of Object.entries(own)) if (property !== null) targets.set(canonical, property);
  return targets;
}

function readSwitches(canonicalOf: ReadonlyMap<string, string>, set: PlatformField): ReadonlyMap<number, Reading> {
  return new Map((set.entries ?? []).flatMap(({ key }) => {
    const bit = splitBitKey(key)?.bit;
    return bit === undefined ? [] : [[bit, readingOf(canonicalOf, key, 'set')] as const];
  }));
}
