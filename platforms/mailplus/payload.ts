import type { Fields, Scalar } from '../../domain/model/fields.ts';
import type { DeliveryItem } from '../platform.ts';
import { splitBitKey } from './fields.ts';
import type { PropertyPlan } from './mapping.ts';

/** One contact of `POST /contact/list`. */
export interface ContactPayload {
  readonly externalId: string;
  readonly properties: Readonly<Record<string, Scalar | readonly { readonly bit: number; readonly enabled: boolean }[]>>;
}

/**
 * The body of `POST /contact/list`: insert or update, and clear nothing that is not named (contract §4.4, §4.5).
 * At most 100 contacts.
 */
export function batchBody(contacts: readonly ContactPayload[]): { readonly update: true; readonly purge: false; readonly contacts: readonly ContactPayload[] } {
  return { update: true, purge: false, contacts };
}

/**
 * One contact with only what changed, and what finds it (`identity`): Mail+ looks for the same e-mail address where it does not
 * know the id. The caller gives no identity for a contact that carries our id: an address that the person changed there since our
 * last read must not be overwritten with an older one.
 */
export function contactPayload(plan: PropertyPlan, item: DeliveryItem): ContactPayload {
  const values: Fields = { ...item.identity, ...item.changes };
  const properties: Record<string, Scalar | { bit: number; enabled: boolean }[]> = {};
  for (const [key, value] of Object.entries(values)) {
    const target = plan.fields.has(key) ? undefined : splitBitKey(key);
    if (target === undefined) {
      properties[key] = value;
      continue;
    }
    const list = properties[target.property];
    const change = { bit: target.bit, enabled: value === true };
    if (Array.isArray(list)) list.push(change);
    else properties[target.property] = [change];
  }
  return { externalId: item.externalId, properties };
}
