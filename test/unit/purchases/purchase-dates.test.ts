import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { purchaseDates, type PurchaseFacts, type ShopOrders } from '../../../domain/purchases/purchase-dates.ts';

const day = (text: string): string => `${text}T00:00:00.000Z`;
const base: PurchaseFacts = { destinations: new Set(['mailplus-1']), shops: [] };
const shop = (more: Partial<ShopOrders> = {}): ShopOrders => ({ connectorId: 'shop-1', isComplete: true, ...more });
const ordered = (first: string, last = first): Partial<ShopOrders> => ({ firstAt: day(first), lastAt: day(last) });

describe('purchase dates', () => {
  it('are left as they are for who never bought anything', () => {
    expect(purchaseDates(base)).toEqual({});
    expect(purchaseDates({ ...base, shops: [shop()] })).toEqual({});
  });

  it('come from the orders of a customer who is known to have no earlier one', () => {
    expect(purchaseDates({ ...base, shops: [shop(ordered('2026-05-01', '2026-05-09'))] })).toEqual({ first: day('2026-05-01'), last: day('2026-05-09') });
  });

  it('give an old customer no first date out of last week, but a last one', () => {
    expect(purchaseDates({ ...base, shops: [shop({ ...ordered('2026-05-01'), isComplete: false })] })).toEqual({ last: day('2026-05-01') });
  });

  it('give no first date while another shop may have an earlier order', () => {
    expect(purchaseDates({ ...base, shops: [shop(ordered('2026-05-01')), shop({ connectorId: 'shop-2', isComplete: false })] }).first).toBeUndefined();
  });

  it('are the shop\'s own where it has them, whatever its orders say', () => {
    const own = { first: { at: day('2020-01-01'), connectorId: 'shop-1' }, last: { at: day('2026-04-01'), connectorId: 'shop-1' } };
    expect(purchaseDates({ ...base, ...own, heldFirst: day('2021-01-01'), heldLast: day('2026-03-01'), shops: [shop(ordered('2026-05-01'))] })).toEqual({ first: day('2020-01-01'), last: day('2026-04-01') });
  });

  it('move on from a shop\'s own date with an order at another shop', () => {
    const own = { last: { at: day('2026-04-01'), connectorId: 'shop-1' } };
    expect(purchaseDates({ ...base, ...own, shops: [shop(ordered('2026-06-01')), shop({ connectorId: 'shop-2', ...ordered('2026-05-01') })] }).last).toBe(day('2026-05-01'));
  });

  it('keep the first date that Mail+ holds, and only move the last one on', () => {
    const held = { heldFirst: day('2019-03-01'), heldLast: day('2026-05-05') };
    expect(purchaseDates({ ...base, ...held, shops: [shop(ordered('2026-05-01'))] })).toEqual({ first: day('2019-03-01'), last: day('2026-05-05') });
    expect(purchaseDates({ ...base, ...held, shops: [shop(ordered('2026-05-01', '2026-05-09'))] })).toEqual({ first: day('2019-03-01'), last: day('2026-05-09') });
  });

  it('take what was imported from Mail+ for what it holds', () => {
    const read = { first: { at: day('2019-03-01'), connectorId: 'mailplus-1' }, last: { at: day('2020-01-01'), connectorId: 'mailplus-1' } };
    expect(purchaseDates({ ...base, ...read, shops: [shop(ordered('2026-05-01'))] })).toEqual({ first: day('2019-03-01'), last: day('2026-05-01') });
  });

  it('never go back, and the first is never set anew, in whatever order the orders of any number of shops come', () => {
    const at = fc.integer({ min: 0, max: 3_000 }).map((days) => new Date(Date.UTC(2018, 0, 1 + days)).toISOString());
    fc.assert(fc.property(fc.array(fc.record({ shop: fc.integer({ min: 1, max: 3 }), at }), { minLength: 1, maxLength: 12 }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (orders, complete) => {
      let held: { heldFirst?: string; heldLast?: string } = {};
      for (let count = 1; count <= orders.length; count += 1) {
        const shops = [1, 2, 3].map((number) => {
          const times = orders.slice(0, count).filter((order) => order.shop === number).map((order) => order.at).toSorted();
          const [first] = times;
          return shop({ connectorId: `shop-${number}`, isComplete: complete[number - 1] === true, ...(first === undefined ? {} : { firstAt: first, lastAt: times.at(-1) ?? first }) });
        });
        const dates = purchaseDates({ ...base, ...held, shops });
        if (held.heldFirst !== undefined) expect(dates.first).toBe(held.heldFirst);
        if (held.heldLast !== undefined) expect((dates.last ?? '') >= held.heldLast).toBe(true);
        if (complete.includes(false)) expect(dates.first).toBeUndefined();
        held = { ...(dates.first === undefined ? {} : { heldFirst: dates.first }), ...(dates.last === undefined ? {} : { heldLast: dates.last }) };
      }
      expect(held.heldLast).toBe(orders.map((order) => order.at).toSorted().at(-1));
    }), { seed: 20260501 });
  });
});
