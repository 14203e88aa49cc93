import type { ContactFieldName } from '../../domain/model/contact.ts';
import { extraPrefix, type Scalar } from '../../domain/model/fields.ts';
import type { PlatformContext, PlatformField, PlatformSettings } from '../platform.ts';
import { permissionsProperty, splitBitKey } from './fields.ts';
import { mailplusSettings } from './settings.ts';
import { resolveMapping, type Mapping, type Pairing } from '../../domain/mapping/mapping.ts';

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
  /** Canonical field to the property or set switch that it is written to, whether or not the account has it. */
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
  /** Properties and switches that the account shows; undefined when they are not known. */
  readonly visible: Readonly<Record<string, true>> | undefined;
  /** Property or switch to the canonical field that it is read into. */
  readonly canonicalOf: ReadonlyMap<string, string>;
}

const plans = new WeakMap<readonly PlatformField[], WeakMap<object, PropertyPlan>>();

/** The plan for an account's fields under a connector's mapping, or its settings alone; made once for each pair. */
export function planOf(fields: readonly PlatformField[], { settings, mapping }: Pick<PlatformContext, 'settings' | 'mapping'>): PropertyPlan {
  const known = plans.get(fields) ?? new WeakMap<object, PropertyPlan>();
  plans.set(fields, known);
  const plan = known.get(mapping ?? settings) ?? makePlan(fields, mapping ?? resolveMapping(defaultMapping(settings), []));
  known.set(mapping ?? settings, plan);
  return plan;
}

/** The usual names with those of the setting `properties` over them; a property that the setting maps is taken from its usual field. */
export function defaultMapping(settings: PlatformSettings): Pairing {
  const own = Object.entries(mailplusSettings(settings).properties);
  return resolveMapping(usualProperties, own.map(([field, property]) => ({ field, property, direction: 'both' }))).out;
}

/** The reading of a property or switch that the account's fields do not show. */
export function readingOf(canonicalOf: ReadonlyMap<string, string>, key: string, type?: string): Reading {
  const extra = `${extraPrefix}${key}`;
  return { key, type, extra, canonical: canonicalOf.get(key) ?? extra };
}

function makePlan(fields: readonly PlatformField[], mapping: Mapping): PropertyPlan {
  const canonicalOf = new Map(Object.entries(mapping.in).map(([canonical, property]) => [property, canonical]));
  const plain = fields.filter((field) => field.type !== 'set');
  const sets = fields.filter((field) => field.type === 'set');
  const readings = new Map(plain.map((field) => [field.name, readingOf(canonicalOf, field.name, field.type)]));
  const switches = new Map(sets.map((set) => [set.name, readSwitches(canonicalOf, set)]));
  const shown = [...switches].flatMap(([property, bits]) => (property === permissionsProperty ? [] : [...bits.values()]));
  return {
    targets: new Map(Object.entries(mapping.out)), canonicalOf, readings, switches,
    visible: fields.length === 0 ? undefined : Object.fromEntries(fields.flatMap(({ name, entries }) => [name, ...(entries ?? []).map(({ key }) => key)]).map((key): [string, true] => [key, true])),
    fields: new Map(fields.map((field) => [field.name, field])),
    allOff: Object.fromEntries([...switches.values()].flatMap((bits) => [...bits.values()].map(({ key }) => [key, false]))),
    heldKeyOf: Object.fromEntries([...readings.values(), ...shown].map(({ key, canonical }) => [canonical, key])),
  };
}

function readSwitches(canonicalOf: ReadonlyMap<string, string>, set: PlatformField): ReadonlyMap<number, Reading> {
  return new Map((set.entries ?? []).flatMap(({ key }) => {
    const bit = splitBitKey(key)?.bit;
    return bit === undefined ? [] : [[bit, readingOf(canonicalOf, key, 'set')] as const];
  }));
}
