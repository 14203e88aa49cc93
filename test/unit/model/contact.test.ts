import { describe, expect, it } from '@jest/globals';
import { canonicalSchemas } from '../../../domain/model/canonical-schemas.ts';
import { contactFieldNames } from '../../../domain/model/contact.ts';
import { fromFields, toFields } from '../../../domain/model/contact-fields.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { dataTypes } from '../../../domain/presets/data-types.ts';

const all: Fields = {
  email: 'anna@example.test', mobile: '+447700900123', phone: null, title: 'Ms', firstName: 'Anna', infix: 'van der', lastName: 'Hill', initials: 'A.', gender: 'F',
  birthDate: '1984-02-29', language: 'en-GB', organisation: 'Acme', jobTitle: 'Baker', street: 'High Street', houseNumber: '1a', addressLine1: 'High Street 1a',
  addressLine2: null, city: 'Leeds', region: 'Yorkshire', postalCode: 'LS1 1AA', country: 'GB', owner: 'JS', firstPurchaseAt: '2026-01-01T10:00:00.000Z',
  lastPurchaseAt: null, 'extra.levelOfInterest': 'HOT', 'extra.plot': null,
};

describe('a contact as flat fields', () => {
  it('goes to the nested shape and back without loss', () => {
    expect(Object.keys(all).filter((name) => !name.startsWith('extra.')).sort()).toEqual([...contactFieldNames].sort());
    expect(fromFields(all)).toMatchObject({ name: { firstName: 'Anna' }, address: { city: 'Leeds' }, extra: { levelOfInterest: 'HOT', plot: null } });
    expect(toFields(fromFields(all))).toEqual(all);
    expect(toFields(fromFields({}))).toEqual({});
  });

  it('leaves out names that are not a contact\'s, and refuses values of the wrong kind', () => {
    expect(fromFields({ shoeSize: 44, email: 'a@example.test' })).toEqual({ email: 'a@example.test' });
    for (const wrong of [{ gender: 'X' }, { country: 'gb' }, { birthDate: '29-02-1984' }, { lastPurchaseAt: '2026-01-01' }, { firstName: 1 }]) {
      expect(() => fromFields(wrong)).toThrow();
    }
  });
});

describe('the canonical shapes', () => {
  it('are there for every data type', () => {
    expect(Object.keys(canonicalSchemas).sort()).toEqual([...dataTypes].sort());
  });

  it('take money in whole cents and instants in UTC', () => {
    const order = { number: '1', status: 'paid', placedAt: '2026-01-01T10:00:00.000Z', currency: 'EUR', totalCents: 1999, lines: [{ productExternalId: 'p', quantity: 1, unitPriceCents: 1999 }] };
    expect(canonicalSchemas.orders.safeParse(order).success).toBe(true);
    expect(canonicalSchemas.orders.safeParse({ ...order, totalCents: 19.99 }).success).toBe(false);
    expect(canonicalSchemas.orders.safeParse({ ...order, placedAt: '2026-01-01T10:00:00+01:00' }).success).toBe(false);
    expect(canonicalSchemas.stock.safeParse({ productExternalId: 'p', freeQuantity: -1, extra: { shelf: 'A1' } }).success).toBe(true);
    expect(canonicalSchemas.products.safeParse({ sku: 's', priceCents: 100, currency: 'euro' }).success).toBe(false);
    expect(canonicalSchemas.shipments.safeParse({ orderExternalId: 'o', status: 'shipped', lines: [] }).success).toBe(true);
    expect(canonicalSchemas.organisations.safeParse({ name: 'Acme', unknown: 1 }).success).toBe(false);
    expect(canonicalSchemas.checkouts.safeParse({ status: 'open', startedAt: order.placedAt, currency: 'EUR', totalCents: 0, lines: [] }).success).toBe(true);
  });
});
