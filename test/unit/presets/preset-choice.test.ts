import { describe, expect, it } from '@jest/globals';
import { checkPreset, presetsFor, stockWarning, type ExistingConnector } from '../../../domain/presets/preset-choice.ts';
import { presetIds } from '../../../domain/presets/presets.ts';

const shop = { title: 'Shop', class: 'sales-channel', presets: ['e-commerce-with-e-fulfilment', 'e-commerce-with-marketing-automation'] } as const;
const warehouse: ExistingConnector = { id: 'warehouse-1', preset: 'fulfilment', active: true };

describe('presetsFor', () => {
  it('offers what the platform lists and its class allows', () => {
    expect(presetsFor({ title: 'CRM', class: 'crm', presets: presetIds })).toEqual(['crm', 'activities']);
    expect(presetsFor({ title: 'MailPro', class: 'analytics', presets: presetIds })).toEqual(['marketing-automation', 'analytics']);
    expect(presetsFor({ title: 'Mail+', class: 'marketing-automation', presets: presetIds })).toEqual(['marketing-automation']);
    expect(presetsFor({ title: 'Own', class: 'crm', classes: ['crm', 'marketplace'], presets: ['crm'] })).toEqual(['marketplace', 'crm', 'activities']);
    expect(presetsFor({ title: 'Warehouse', class: 'e-fulfilment', presets: presetIds })).toEqual(['fulfilment']);
    expect(presetsFor({ title: 'Market', class: 'marketplace', presets: presetIds })).toEqual(['marketplace']);
  });
});

describe('checkPreset', () => {
  it('refuses a preset of another class and names those to choose', () => {
    const check = checkPreset('fulfilment', shop, []);
    expect(check).toMatchObject({ ok: false, instead: shop.presets });
    expect(check.ok ? '' : check.reason).toContain('Choose one of: e-commerce-with-e-fulfilment (E-commerce with e-fulfilment), e-commerce-with-marketing-automation (E-commerce with marketing automation).');
  });

  it('refuses e-commerce with e-fulfilment without an active Fulfilment connector and offers the other preset', () => {
    for (const existing of [[], [{ ...warehouse, active: false }], [{ ...warehouse, preset: 'crm' as const }]]) {
      expect(checkPreset('e-commerce-with-e-fulfilment', shop, existing)).toMatchObject({ ok: false, instead: ['e-commerce-with-marketing-automation'] });
      expect(checkPreset('e-commerce-with-marketing-automation', shop, existing)).toEqual({ ok: true });
    }
    expect(checkPreset('e-commerce-with-e-fulfilment', shop, [warehouse])).toEqual({ ok: true });
  });
});

describe('a warning before a connector is removed', () => {
  const shops: ExistingConnector[] = [
    { id: 'shop-1', preset: 'e-commerce-with-e-fulfilment', active: true }, { id: 'shop-2', preset: 'e-commerce-with-marketing-automation', active: true },
    { id: 'shop-3', preset: 'e-commerce-with-e-fulfilment', active: false },
  ];

  it('names the sales channels that lose their stock with the last Fulfilment connector', () => {
    expect(stockWarning('warehouse-1', [warehouse, ...shops])).toBe('Without it nobody tells the stock for shop-1 (preset E-commerce with e-fulfilment), until another connector with the preset Fulfilment is added.');
  });

  it('names none while another one is left, or when something else is removed', () => {
    expect(stockWarning('warehouse-1', [warehouse, { ...warehouse, id: 'warehouse-2' }, ...shops])).toBe('');
    expect(stockWarning('shop-2', [warehouse, ...shops])).toBe('');
    expect(stockWarning('unknown', shops)).toBe('');
  });
});
