import { createHash } from 'node:crypto';
import type { Fields, Scalar } from '../../domain/model/fields.ts';
import { nestFields, orderedJson, type RecordType } from '../../domain/model/record-fields.ts';
import type { DeliveryItem, FeedEntry, PlatformContext } from '../platform.ts';
import { deletedKey } from './project.ts';

/** One permission of a contact as a system is told it. */
interface ToldConsent {
  readonly permission: string;
  readonly granted: boolean;
  /** When the person said so; null where nobody knows. */
  readonly at: string | null;
}

/**
 * What a system is told of one thing: the names of what differs, and the thing in its canonical shape. The key is the same for the same change, however
 * often it is planned, and another one for the same state after another one. Pure.
 */
export function entryOf(context: Pick<PlatformContext, 'permissionKeys'>, dataType: RecordType, item: DeliveryItem): FeedEntry {
  const { externalId, changes, isNew } = item;
  const isDeleted = changes[deletedKey] === true;
  const consents = consentsOf(context, item);
  const state = without(item.whole ?? changes, new Set([deletedKey, ...Object.keys(item.permissionDates)]));
  const data = isDeleted ? {} : { ...nestFields(dataType, state), ...(consents.length === 0 ? {} : { consents }) };
  const changed = Object.keys(without(changes, new Set([deletedKey, ...Object.keys(item.permissionDates)])));
  const names = [...changed, ...(consents.length === 0 ? [] : ['consents'])].sort();
  return { key: keyOf([dataType, externalId, item.cause ?? null, isNew, changes, data]), dataType, kind: isDeleted ? 'deleted' : 'upserted', externalId, changes: isDeleted ? [] : names, data };
}

function without(fields: Fields, keys: ReadonlySet<string>): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !keys.has(name)));
}

/** By the hub's names of permissions; two of them may be linked to one key. */
function consentsOf({ permissionKeys }: Pick<PlatformContext, 'permissionKeys'>, { changes, permissionDates }: DeliveryItem): ToldConsent[] {
  return Object.entries(permissionKeys)
    .filter(([, key]) => key in permissionDates)
    .map(([permission, key]) => ({ permission, granted: changes[key] === true, at: permissionDates[key] ?? null }))
    .sort((a, b) => (a.permission < b.permission ? -1 : 1));
}

/** A short name of content: 24 characters that are safe everywhere. Pure. */
export function keyOf(content: unknown): string {
  return createHash('sha256').update(orderedJson(content)).digest('base64url').slice(0, 24);
}
