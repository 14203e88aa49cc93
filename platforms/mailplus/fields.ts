import type { PlatformContext, PlatformField } from '../platform.ts';
import { callOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';

/** The special set of newsletter permissions (contract §3.2). */
export const permissionsProperty = 'permissions';

/** The key of one switch of a set, in `held` and in mappings. */
export function bitKey(property: string, bit: number | string): string {
  return `${property}:${bit}`;
}

/** The property and the bit of a key made by `bitKey`; `undefined` for a plain property name. */
export function splitBitKey(key: string): { readonly property: string; readonly bit: number } | undefined {
  const match = /^(.+):(\d+)$/.exec(key);
  return match?.[1] === undefined ? undefined : { property: match[1], bit: Number(match[2]) };
}

/** The properties that are visible in this account, in Mail+'s order; each switch of a set is an entry `<property>:<bit>`. */
export async function discoverFields(context: PlatformContext): Promise<readonly PlatformField[]> {
  const properties = await callOperation(context, operations['contact.properties'], {});
  return properties.map(({ name, description, type, entries }) => ({
    name, type, description: description ?? name,
    ...(type === 'set' ? { entries: (entries ?? []).map((entry) => ({ key: bitKey(name, entry.bit), description: entry.description ?? String(entry.bit) })) } : {}),
  }));
}

/** Fields that were discovered for contexts that bring none, by base and key; asked for again after a quarter of an hour. */
const discovered = new Map<string, { readonly atMs: number; readonly fields: readonly PlatformField[] }>();
const freshMs = 15 * 60_000;

/** The fields of the context, or those discovered for its credential. */
export async function fieldsOf(context: PlatformContext): Promise<readonly PlatformField[]> {
  if (context.fields.length > 0) return context.fields;
  const key = JSON.stringify([context.settings.baseUrl, context.credentials['key']]);
  const known = discovered.get(key);
  if (known !== undefined && Date.now() - known.atMs < freshMs) return known.fields;
  const fields = await discoverFields(context);
  discovered.set(key, { atMs: Date.now(), fields });
  return fields;
}
