import { orderedJson, fromRecordFields } from '../../domain/model/record-fields.ts';
import { guestOf, namedThings, nameOfThing } from '../../domain/model/named-things.ts';
import { orderValueCents } from '../../domain/checkouts/order-value.ts';
import type { DesiredRecord, Projection } from '../platform.ts';

/**
 * An order in Mail+'s terms (contract §3.15): whose it is and what was bought, by the ids that they have in Mail+, and what is left of its
 * amount after refunds. One that is cancelled or gone is taken away, and never made. Excluded without a contact in Mail+ and without
 * products. Pure.
 */
export function projectOrder({ canonical, deleted, linked = {} }: DesiredRecord): Projection {
  if (deleted === true || canonical['status'] === 'cancelled') {
    return { fields: { deleted: true }, withheld: [], onlyTakesAway: deleted === true ? 'it is gone at its source, and was never sent' : 'it was cancelled before it was sent' };
  }
  const order = fromRecordFields('orders', canonical);
  const things = namedThings('orders', canonical);
  const products = new Set(things.filter(({ dataType }) => dataType === 'products').flatMap((thing) => linked[nameOfThing(thing)] ?? []));
  const who = things.find(({ dataType }) => dataType === 'contacts') ?? guestOf('orders', canonical);
  const contact = who === undefined ? undefined : linked[nameOfThing(who)];
  const fields = { contact: contact ?? null, date: order.placedAt, value: orderValueCents(order), products: orderedJson([...products]), deleted: false };
  const excluded = contact === undefined ? whyNobody(canonical) : products.size === 0 ? 'it has no products, and Mail+ takes no order without' : undefined;
  return { fields, withheld: [], ...(excluded === undefined ? {} : { excluded }) };
}

function whyNobody({ contactExternalId, email }: DesiredRecord['canonical']): string {
  if (typeof contactExternalId === 'string' && contactExternalId !== '') return 'its customer does not go to Mail+: the connector that it comes from brings no contacts (a marketplace keeps its buyers to itself)';
  if (typeof email === 'string' && email !== '') return 'a guest ordered it, and no contact with that address is in Mail+; it goes on by itself when there is one';
  return 'it names no customer: neither a contact nor an e-mail address';
}
