import { permissionsProperty } from '../state/apply-patches.ts';
import { isBitState } from '../state/property-values.ts';
import type { BitState } from '../state/property-values.ts';
import type { ContactInput } from '../state/upsert.ts';
import type { ContactNote } from './journal.ts';

const maxShared = 10_000;
const sharedNames = new Map<string, readonly string[]>();
const sharedBits = new Map<string, readonly BitState[]>();

/** Notes which properties and permission bits a write sent. Equal lists are kept once. */
export function noteWrite(input: ContactInput, outcome: string): ContactNote {
  const names = Object.keys(input.properties);
  const permissions: unknown = input.properties[permissionsProperty];
  const elements: unknown[] = Array.isArray(permissions) ? permissions : [];
  const bits = elements.filter(isBitState).map(({ bit, enabled }) => ({ bit, enabled }));
  return {
    externalId: input.externalId ?? '',
    outcome,
    properties: share(sharedNames, names.join('\n'), names),
    bits: share(sharedBits, JSON.stringify(bits), bits),
  };
}

/** Notes that an operation touched a contact without sending properties. */
export function noteContact(externalId: string, outcome: string): ContactNote {
  return { externalId, outcome, properties: [], bits: [] };
}

function share<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const shared = known.get(key);
  if (shared !== undefined) return shared;
  if (known.size < maxShared) known.set(key, value);
  return value;
}
