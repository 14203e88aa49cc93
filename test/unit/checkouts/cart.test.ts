import { describe, expect, it } from '@jest/globals';
import { startOf } from '../../../domain/checkouts/cart.ts';
import { orderValueCents } from '../../../domain/checkouts/order-value.ts';
import type { Fields } from '../../../domain/model/fields.ts';

const lines = '[{"productExternalId":"P-1","quantity":1,"unitPriceCents":100}]';
const cart: Fields = { status: 'open', startedAt: '2026-05-01T08:00:00.000Z', currency: 'EUR', totalCents: 100, contactExternalId: 'C-1', lines };
const open = { deleted: false, hasAutomation: true };

describe('a started cart', () => {
  it('tells the mailing that it came from, whatever became of it', () => {
    const conversion = { kind: 'conversion', mpid: 'abc' };
    expect(startOf({ ...cart, 'extra.mpid': 'abc' }, open)).toEqual(conversion);
    expect(startOf({ ...cart, 'extra.mpid': ' abc ', status: 'completed', lines: '[]', contactExternalId: null }, { deleted: true, hasAutomation: false })).toEqual(conversion);
  });

  it.each([[cart], [{ ...cart, status: 'abandoned' }], [{ ...cart, contactExternalId: null, email: 'ann@example.com' }], [{ ...cart, 'extra.mpid': ' ' }]])('starts the automation for its customer when it came from no mailing: %j', (fields: Fields) => {
    expect(startOf(fields, open)).toEqual({ kind: 'automation' });
  });

  it.each([
    ['no automation is set', cart, { deleted: false, hasAutomation: false }, 'cartAutomation'],
    ['it is bought', { ...cart, status: 'completed' }, open, 'bought'],
    ['nobody can be reminded', { ...cart, contactExternalId: null }, open, 'no customer'],
    ['it is empty', { ...cart, lines: '[]' }, open, 'no products'],
    ['it is gone', cart, { deleted: true, hasAutomation: true }, 'gone'],
  ])('stays out when %s, with the reason', (_, fields: Fields, given, words) => {
    expect(startOf(fields, given)).toEqual({ kind: 'none', reason: expect.stringContaining(words) });
  });
});

describe('the value of an order', () => {
  it.each([
    [{ totalCents: 500, status: 'paid' }, 500], [{ totalCents: 500, status: 'paid', extra: { refundedCents: 120 } }, 380], [{ totalCents: 500, status: 'refunded' }, 0],
    [{ totalCents: 500, status: 'refunded', extra: { refundedCents: 200 } }, 300], [{ totalCents: 500, status: 'paid', extra: { refundedCents: 900 } }, 0],
    [{ totalCents: 500, status: 'paid', extra: { refundedCents: 'much' } }, 500], [{ totalCents: -5, status: 'paid' }, 0],
  ] as const)('of %j is %d cents', (order, cents) => {
    expect(orderValueCents(order)).toBe(cents);
  });
});
