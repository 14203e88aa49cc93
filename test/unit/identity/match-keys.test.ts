import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyKindsOf, matchKeysOf } from '../../../domain/identity/match-keys.ts';
import { dataTypes } from '../../../domain/presets/data-types.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const strategies = ['email', 'phone'] as const;
const merging = (keys: ReturnType<typeof matchKeysOf>) => keys.filter((key) => key.merging).map(({ kind, value }) => ({ kind, value }));

describe('matchKeysOf', () => {
  const anna = { email: ' Anna@Example.TEST', mobile: '+447700900123', phone: '+447700900124' };

  it('merges contacts by e-mail, and finds them by phone', () => {
    expect(matchKeysOf('contacts', anna, 'email')).toEqual([
      { kind: 'email', scope: 'account', value: 'anna@example.test', merging: true, maxGroupSize: 100 },
      { kind: 'phone', scope: 'account', value: '+447700900123', merging: false, maxGroupSize: 100 },
    ]);
  });

  it('merges contacts by phone where the account matches by phone', () => {
    expect(merging(matchKeysOf('contacts', anna, 'phone'))).toEqual([{ kind: 'phone', value: '+447700900123' }]);
    expect(merging(matchKeysOf('contacts', { ...anna, mobile: null }, 'phone'))).toEqual([{ kind: 'phone', value: '+447700900124' }]);
  });

  it('leaves a contact without a usable value of the strategy on its own', () => {
    expect(merging(matchKeysOf('contacts', { email: 'not an address', mobile: '+447700900123' }, 'email'))).toEqual([]);
    expect(merging(matchKeysOf('contacts', { email: 'anna@example.test', mobile: '07700 900123' }, 'phone'))).toEqual([]);
    expect(matchKeysOf('contacts', { email: null }, 'email')).toEqual([]);
  });

  it('finds a product by its SKU, and by its GTIN in any length with the right check digit', () => {
    expect(merging(matchKeysOf('products', { sku: ' AB-1 ', gtin: '4006381333931' }, 'email'))).toEqual([{ kind: 'sku', value: 'AB-1' }]);
    const gtins = ['4006381333931', '04006381333931', '400-6381-333931'].map((gtin) => matchKeysOf('products', { gtin }, 'email')[0]?.value);
    expect(new Set(gtins)).toEqual(new Set(['04006381333931']));
    expect(matchKeysOf('products', { gtin: '4006381333932' }, 'email')).toEqual([]);
    expect(matchKeysOf('products', { gtin: '00000000' }, 'email')).toEqual([]);
  });

  it('finds an organisation by its VAT number, however it is written, and an order at its own connector only', () => {
    expect(merging(matchKeysOf('organisations', { vatNumber: 'nl 0000.00.000.b01' }, 'email'))).toEqual([{ kind: 'vatNumber', value: 'NL000000000B01' }]);
    expect(matchKeysOf('orders', { number: '1001' }, 'email')[0]?.scope).toBe('connector');
  });

  it.each(dataTypes)('has at most one merging kind for %s, and it is the first', (dataType) => {
    for (const strategy of strategies) {
      const uses = keyKindsOf(dataType, strategy).map(({ use }) => use);
      expect(uses.slice(1)).not.toContain('merging');
    }
  });

  it('gives the same keys whatever else the record holds, and at most one that merges', () => {
    const values = fc.option(fc.oneof(fc.emailAddress(), fc.constant('+447700900123'), fc.string()), { nil: null });
    fc.assert(fc.property(values, values, values, fc.dictionary(fc.string(), fc.string()), fc.constantFrom(...strategies), (email, mobile, phone, rest, strategy) => {
      const keys = matchKeysOf('contacts', { email, mobile, phone }, strategy);
      expect(matchKeysOf('contacts', { ...rest, email, mobile, phone }, strategy)).toEqual(keys);
      expect(merging(keys).length).toBeLessThanOrEqual(1);
    }));
  });
});
