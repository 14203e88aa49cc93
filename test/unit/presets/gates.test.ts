import { describe, expect, it } from '@jest/globals';
import { dataTypes, isDataType } from '../../../domain/presets/data-types.ts';
import { isExported, isImported } from '../../../domain/presets/gates.ts';
import { importOrder, inImportOrder, references } from '../../../domain/presets/import-order.ts';
import { isPresetId, presetIds } from '../../../domain/presets/presets.ts';
import { platformWith } from './platform-facts.ts';

const everything = platformWith({});

describe('gates', () => {
  it('let through exactly what the preset names, on a platform that has everything', () => {
    const imported = (preset: 'crm' | 'marketplace') => dataTypes.filter((type) => isImported(preset, type, everything).allowed);
    const exported = (preset: 'crm' | 'marketplace') => dataTypes.filter((type) => isExported(preset, type, everything).allowed);
    expect(imported('marketplace')).toEqual(['orders', 'products']);
    expect(exported('marketplace')).toEqual(['stock', 'shipments']);
    expect(imported('crm')).toEqual(['organisations', 'contacts', 'activities']);
    expect(exported('crm')).toEqual(['organisations', 'contacts', 'activities']);
  });

  it('name the preset in the reason of a refusal', () => {
    expect(isImported('fulfilment', 'orders', everything)).toEqual({ allowed: false, how: 'not-in-preset', reason: 'The preset Fulfilment does not import orders.' });
    expect(isExported('fulfilment', 'orders', everything).how).toBe('not-in-preset');
  });

  it('say that a platform does not offer a direction, with the platform\'s own note where it has one', () => {
    const mailplus = platformWith({ title: 'Mail+', without: { activities: ['export'] } });
    expect(isImported('marketing-automation', 'activities', mailplus).allowed).toBe(true);
    expect(isExported('marketing-automation', 'activities', mailplus)).toEqual({ allowed: false, how: 'not-offered', reason: 'Mail+ has no export of activities.' });
    const coins = platformWith({ title: 'Coins', without: { organisations: ['import', 'export'] }, note: 'Coins knows people only.' });
    expect(isImported('crm', 'organisations', coins)).toEqual({ allowed: false, how: 'not-offered', reason: 'Coins has no import of organisations: Coins knows people only.' });
  });

  it('switch both directions of activities off for Tribe CRM alone', () => {
    const tribe = platformWith({ id: 'tribe', title: 'Tribe CRM' });
    const reason = 'Activities are not available in the Tribe CRM preset.';
    expect(isImported('crm', 'activities', tribe)).toEqual({ allowed: false, how: 'excepted', reason });
    expect(isExported('crm', 'activities', tribe)).toEqual({ allowed: false, how: 'excepted', reason });
    expect(isImported('crm', 'contacts', tribe).allowed).toBe(true);
    expect(isImported('activities', 'activities', tribe).allowed).toBe(true);
  });

  it('distil contacts and organisations from activities, each where the platform lacks it', () => {
    const leads = platformWith({ title: 'Spotler Leads', without: { contacts: ['import'] } });
    expect(isImported('activities', 'contacts', leads)).toMatchObject({ allowed: true, how: 'distilled' });
    expect(isImported('activities', 'organisations', leads)).toMatchObject({ allowed: true, how: 'stream' });
    expect(isImported('crm', 'contacts', leads)).toMatchObject({ allowed: false, how: 'not-offered' });
  });

  it('distil nothing where there are no activities either', () => {
    const silent = platformWith({ without: { contacts: ['import'], activities: ['import'] } });
    expect(isImported('analytics', 'contacts', silent)).toMatchObject({ allowed: false, how: 'not-offered' });
  });
});

describe('the import order', () => {
  it('has each data type once, after everything that it refers to', () => {
    expect([...importOrder].sort()).toEqual([...dataTypes].sort());
    for (const type of dataTypes) for (const needed of references[type]) expect(importOrder.indexOf(needed)).toBeLessThan(importOrder.indexOf(type));
  });

  it('sorts what is asked for, each once', () => {
    expect(inImportOrder(['activities', 'orders', 'contacts', 'products', 'orders'])).toEqual(['products', 'contacts', 'orders', 'activities']);
  });
});

describe('names of data types and presets', () => {
  it('are known from words of people, and nothing else is', () => {
    expect(dataTypes.every(isDataType)).toBe(true);
    expect(presetIds.every(isPresetId)).toBe(true);
    expect(['Contacts', '', 'toString', 'constructor'].some((word) => isDataType(word) || isPresetId(word))).toBe(false);
  });
});
