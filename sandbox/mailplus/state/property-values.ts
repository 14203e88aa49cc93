import { hasTimeAndOffset, isCalendarDate, parseIsoInstant } from '../dates.ts';
import type { PropertyDefinition } from '../options.ts';
import type { PropertyCatalogue } from './catalogue.ts';
import type { StoredValue } from './contact.ts';

/** What a request wants done with one property. `bits` switches single bits and leaves the others alone. */
export type PropertyPatch =
  | { readonly kind: 'set'; readonly name: string; readonly value: StoredValue }
  | { readonly kind: 'clear'; readonly name: string }
  | { readonly kind: 'bits'; readonly name: string; readonly bits: readonly BitState[] };

/** One bit of a set property as a request names it. */
export interface BitState {
  readonly bit: number;
  readonly enabled: boolean;
}

/** Why a property was not accepted, in words for the caller. */
export interface PropertyProblem {
  readonly problem: string;
}

const dutchPostcode = /^[1-9][0-9]{3}\s?[A-Za-z]{2}$/;
const mobileNumber = /^\+?[0-9](?:[0-9 ()-]{4,18})[0-9]$/;
const emailLocalPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const emailDomain = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;

/**
 * Checks the `properties` of a request against the account's definitions (contract 3.2). `null` clears a property, and
 * so does an empty text, except for an e-mail address, where it is invalid. The first problem ends it.
 */
export function parseProperties(
  catalogue: PropertyCatalogue, properties: Readonly<Record<string, unknown>>,
): PropertyPatch[] | PropertyProblem {
  const patches: PropertyPatch[] = [];
  for (const [name, value] of Object.entries(properties)) {
    const definition = catalogue.find(name);
    if (definition === undefined) return { problem: `Property is invalid: ${name}` };
    const patch = parseProperty(definition, value);
    if ('problem' in patch) return patch;
    patches.push(patch);
  }
  return patches;
}

function parseProperty(definition: PropertyDefinition, value: unknown): PropertyPatch | PropertyProblem {
  const { name, type } = definition;
  if (value === null || (value === '' && type !== 'email')) return { kind: 'clear', name };
  if (type === 'set') return parseBits(definition, value);
  const stored = storedValue(type, value);
  if (stored !== undefined) return { kind: 'set', name, value: stored };
  return { problem: type === 'email' ? 'Email is invalid' : `Property is invalid: ${name} is not of type ${type}` };
}

function parseBits(definition: PropertyDefinition, value: unknown): PropertyPatch | PropertyProblem {
  const problem = { problem: `Property is invalid: ${definition.name} takes a list of {bit, enabled} with bits of this account` };
  if (!Array.isArray(value)) return problem;
  const bits: BitState[] = [];
  for (const element of value as unknown[]) {
    if (!isBitState(element) || !definition.entries?.some((entry) => entry.bit === element.bit)) return problem;
    bits.push({ bit: element.bit, enabled: element.enabled });
  }
  return { kind: 'bits', name: definition.name, bits };
}

/** Whether this is one element of a set value as requests carry it. */
export function isBitState(value: unknown): value is BitState {
  return typeof value === 'object' && value !== null
    && 'bit' in value && typeof value.bit === 'number' && 'enabled' in value && typeof value.enabled === 'boolean';
}

/** The value as it is kept; `undefined` when it does not fit the type. A `dateTime` is kept as its instant in UTC. */
function storedValue(type: PropertyDefinition['type'], value: unknown): StoredValue | undefined {
  if (type === 'int' || type === 'money') return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  switch (type) {
    case 'email': return isEmail(value) ? value : undefined;
    case 'gender': return value === 'M' || value === 'F' ? value : undefined;
    case 'birthdate':
    case 'date': return isCalendarDate(value) ? value : undefined;
    case 'dateTime': return instantText(value);
    case 'postcode': return dutchPostcode.test(value) ? value : undefined;
    case 'mobNr': return mobileNumber.test(value) ? value : undefined;
    default: return value;
  }
}

function instantText(value: string): string | undefined {
  const instantMs = hasTimeAndOffset(value) ? parseIsoInstant(value) : undefined;
  return instantMs === undefined ? undefined : new Date(instantMs).toISOString();
}

function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  return at > 0 && value.length <= 254 && local.length <= 64
    && emailLocalPart.test(local) && emailDomain.test(value.slice(at + 1));
}
