import type { FoundContactsView } from '../../gateway/routes/contact-search.ts';
import { facts } from './table.ts';

/** Contacts of Mail+ with their properties, a line each. */
export function foundContactsText({ contacts, more }: FoundContactsView): string {
  if (contacts.length === 0) return 'Mail+ has no contact with these values.';
  const blocks = contacts.map(({ externalId, alternateId, fields }) => facts([
    ['external id', externalId ?? 'none for this connector'], ['encrypted id', alternateId], ...Object.entries(fields).map(([name, value]): [string, string] => [name, valueText(value)]),
  ]));
  return [...blocks, ...(more ? ['There are more: raise --limit, or give another property.'] : [])].join('\n\n');
}

/** The switches of a set that are on, by name; anything else as it is. */
function valueText(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const on = value.flatMap((one: unknown) => (isSwitch(one) && one.enabled ? [one.description ?? String(one.bit)] : []));
  return on.length === 0 ? 'all off' : on.join(', ');
}

function isSwitch(value: unknown): value is { readonly bit: number; readonly enabled: boolean; readonly description?: string } {
  return typeof value === 'object' && value !== null && 'bit' in value && 'enabled' in value && typeof value.enabled === 'boolean' && (!('description' in value) || typeof value.description === 'string');
}
