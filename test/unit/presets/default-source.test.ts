import { describe, expect, it } from '@jest/globals';
import { defaultSourceOf } from '../../../domain/presets/default-source.ts';

const at = (day: number) => `2026-11-0${day}T10:00:00.000Z`;
const shop = (id: string, day: number) => ({ id, preset: 'e-commerce-with-marketing-automation', created_at: at(day) });
const warehouse = (id: string, day: number) => ({ id, preset: 'fulfilment', created_at: at(day) });
const crm = { id: 'crm-1', preset: 'crm', created_at: at(1) };
const marketplace = { id: 'market-1', preset: 'marketplace', created_at: at(1) };

describe('whose word on products and stock counts first', () => {
  it('is nobody\'s where there is neither a warehouse nor a shop', () => {
    expect([defaultSourceOf([]), defaultSourceOf([crm, marketplace])]).toEqual([undefined, undefined]);
  });

  it('is that of the shop that was added first, in whatever order the connectors are told', () => {
    const all = [crm, shop('shop-2', 3), marketplace, shop('shop-1', 2)];
    expect([defaultSourceOf(all), defaultSourceOf(all.toReversed())]).toEqual(['shop-1', 'shop-1']);
  });

  it('is the warehouse\'s, also when it was added last', () => {
    expect(defaultSourceOf([shop('shop-1', 1), warehouse('store-2', 4), warehouse('store-1', 3)])).toBe('store-1');
  });

  it('goes by the id of two that were added at the same moment', () => {
    expect([defaultSourceOf([shop('b', 1), shop('a', 1)]), defaultSourceOf([shop('a', 1), shop('b', 1)])]).toEqual(['a', 'a']);
  });
});
