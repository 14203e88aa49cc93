import { extraPrefix } from '../../domain/model/fields.ts';
import type { PlatformField, PlatformSettings } from '../platform.ts';
import { permissionsProperty } from './fields.ts';
import { mailplusSettings } from './settings.ts';

/** Canonical field to Mail+ property, for the property names seen in real accounts (contract §3.1). */
export const usualProperties = {
  email: 'email', firstName: 'firstName', infix: 'infix', lastName: 'lastName', initials: 'initials', gender: 'gender', birthDate: 'birthday',
  organisation: 'organisation', street: 'street', houseNumber: 'houseNumber', postalCode: 'postalCode', city: 'city', country: 'country',
  phone: 'phoneNumber', mobile: 'mobileNumber', language: 'taal', firstPurchaseDate: 'firstPurchaseDate', lastPurchaseDate: 'lastPurchaseDate',
} as const satisfies Readonly<Record<string, string>>;

/** How one account's properties and the canonical fields belong together. */
export interface PropertyPlan {
  /** Canonical field to property or set switch, whether or not the account has it. */
  readonly targets: ReadonlyMap<string, string>;
  /** Property or set switch to canonical field. */
  readonly canonicalOf: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, PlatformField>;
  /** Keys of the switches of each set of the account. */
  readonly switches: ReadonlyMap<string, readonly string[]>;
  /** From canonical field to key in `held`, for all that a read of this account can show. */
  readonly heldKeyOf: Readonly<Record<string, string>>;
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

/** The canonical field of a property or switch: its mapping, or `extra.<name>`. */
export function canonicalName(plan: PropertyPlan, key: string): string {
  return plan.canonicalOf.get(key) ?? `${extraPrefix}${key}`;
}

function makePlan(fields: readonly PlatformField[], settings: PlatformSettings): PropertyPlan {
  const targets = new Map(Object.entries<string>(usualProperties));
  for (const [canonical, property] of Object.entries(mailplusSettings(settings).properties)) {
    if (property === null) targets.delete(canonical);
    else targets.set(canonical, property);
  }
  const canonicalOf = new Map([...targets].map(([canonical, property]) => [property, canonical]));
  const switches = new Map(fields.filter((field) => field.type === 'set').map((field) => [field.name, (field.entries ?? []).map((entry) => entry.key)]));
  const readable = fields.flatMap((field) => (field.type === 'set' ? switchesToShow(field.name, switches) : [field.name]));
  return {
    targets, canonicalOf, switches, fields: new Map(fields.map((field) => [field.name, field])),
    heldKeyOf: Object.fromEntries(readable.map((key) => [canonicalOf.get(key) ?? `${extraPrefix}${key}`, key])),
  };
}

/** Permissions are no fields: consent has its own way in. */
function switchesToShow(property: string, switches: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return property === permissionsProperty ? [] : switches.get(property) ?? [];
}
