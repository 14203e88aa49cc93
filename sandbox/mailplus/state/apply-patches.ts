import type { PropertyCatalogue } from './catalogue.ts';
import type { Contact, StoredValue } from './contact.ts';
import type { PropertyPatch } from './property-values.ts';

/** The name of the set property that holds newsletter subscriptions in every account (contract 3.2). */
export const permissionsProperty = 'permissions';

/**
 * The properties after these patches. With `purge`, what the request does not name is cleared, bits of a named set
 * included; without it everything not named stays. Returns the same object when nothing changes.
 */
export function applyPatches(
  catalogue: PropertyCatalogue, current: Contact['properties'], patches: readonly PropertyPatch[], purge: boolean,
): Contact['properties'] {
  const next: Contact['properties'] = purge ? {} : { ...current };
  for (const patch of patches) {
    const value = patchedValue(catalogue, purge ? undefined : current[patch.name], patch);
    if (value === undefined) delete next[patch.name];
    else next[patch.name] = value;
  }
  return sameProperties(current, next) ? current : next;
}

/** Counts each permission bit that differs between two states of the contact. */
export function countPermissionFlips(
  contact: Contact, before: Contact['properties'], after: Contact['properties'],
): number {
  const wasOn = bitsOf(before[permissionsProperty]);
  const isOn = bitsOf(after[permissionsProperty]);
  if (wasOn === isOn) return 0;
  const switchedOn = isOn.filter((bit) => !wasOn.includes(bit));
  const switchedOff = wasOn.filter((bit) => !isOn.includes(bit));
  for (const bit of switchedOn) flipsOf(contact, bit).on += 1;
  for (const bit of switchedOff) flipsOf(contact, bit).off += 1;
  return switchedOn.length + switchedOff.length;
}

const noBits: readonly number[] = [];

/** The enabled bits of a stored value; none when it is absent or not a set. */
export function bitsOf(value: StoredValue | undefined): readonly number[] {
  return typeof value === 'object' ? value : noBits;
}

function flipsOf(contact: Contact, bit: number): Contact['permissionFlips'][number] {
  const flips = contact.permissionFlips[bit] ?? { on: 0, off: 0 };
  contact.permissionFlips[bit] = flips;
  return flips;
}

function patchedValue(
  catalogue: PropertyCatalogue, current: StoredValue | undefined, patch: PropertyPatch,
): StoredValue | undefined {
  if (patch.kind === 'clear') return undefined;
  if (patch.kind === 'set') return patch.value;
  const enabled = new Set(bitsOf(current));
  for (const { bit, enabled: on } of patch.bits) {
    if (on) enabled.add(bit);
    else enabled.delete(bit);
  }
  return catalogue.bits(enabled);
}

function sameProperties(left: Contact['properties'], right: Contact['properties']): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
