import type { Fields } from '../model/fields.ts';

/** How a started cart is told of: to the mailing that it came from, by the `mpid` of its link, or by an automation for its customer. */
export type CartStart = { readonly kind: 'conversion'; readonly mpid: string } | { readonly kind: 'automation' } | { readonly kind: 'none'; readonly reason: string };

/** The `mpid` of the mailing's link that led to the shop, as the source gives it in `extra.mpid` of a checkout or order; absent without one. */
export function mpidOf(fields: Fields): string | undefined {
  const value = fields['extra.mpid'];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/**
 * What a checkout gives at a marketing destination when it is started. The automation is for who can still be reminded: a cart with products
 * and a customer, not bought yet. Reasons are for people and hold no personal data. Pure.
 */
export function startOf(checkout: Fields, given: { readonly deleted: boolean; readonly hasAutomation: boolean }): CartStart {
  const none = (reason: string): CartStart => ({ kind: 'none', reason });
  const mpid = mpidOf(checkout);
  if (mpid !== undefined) return { kind: 'conversion', mpid };
  if (given.deleted) return none('it is gone at its source');
  if (!given.hasAutomation) return none('it came from no mailing (no extra.mpid), and no automation is set for carts (setting cartAutomation)');
  if (checkout['status'] === 'completed') return none('it came from no mailing (no extra.mpid), and it is bought: nobody is to be reminded of it');
  if (isBlank(checkout['contactExternalId']) && isBlank(checkout['email'])) return none('it came from no mailing (no extra.mpid), and names no customer for whom an automation could start');
  if (isBlank(checkout['lines']) || checkout['lines'] === '[]') return none('it came from no mailing (no extra.mpid), and has no products yet');
  return { kind: 'automation' };
}

const isBlank = (value: unknown): boolean => typeof value !== 'string' || value.trim() === '';
