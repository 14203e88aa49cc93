import { describe, expect, it } from '@jest/globals';
import { dataTypes } from '../../../domain/presets/data-types.ts';
import { backfillFrom, firstImportFrom } from '../../../domain/presets/lookback.ts';
import { presetIds, presetOf } from '../../../domain/presets/presets.ts';
import { platformWith } from './platform-facts.ts';

const activatedAt = '2026-11-21T10:00:00.000Z';
const everything = platformWith({});

describe('firstImportFrom', () => {
  it('goes back by the preset\'s days and years', () => {
    expect(firstImportFrom('crm', 'contacts', activatedAt, everything)).toEqual({ kind: 'date', from: '2016-11-21T10:00:00.000Z', whenPossible: false });
    expect(firstImportFrom('marketplace', 'orders', activatedAt, everything)).toEqual({ kind: 'date', from: '2026-11-14T10:00:00.000Z', whenPossible: false });
    expect(firstImportFrom('activities', 'activities', activatedAt, everything)).toEqual({ kind: 'date', from: '2025-11-21T10:00:00.000Z', whenPossible: true });
    expect(firstImportFrom('analytics', 'activities', activatedAt, everything)).toEqual({ kind: 'date', from: '2024-11-21T10:00:00.000Z', whenPossible: true });
  });

  it('is never shorter than the preset says when the day does not exist', () => {
    expect(firstImportFrom('activities', 'activities', '2024-02-29T12:00:00.000Z', everything)).toMatchObject({ from: '2023-02-28T12:00:00.000Z' });
    expect(firstImportFrom('analytics', 'contacts', '2028-02-29T00:00:00.000Z', everything)).toMatchObject({ from: '2018-02-28T00:00:00.000Z' });
  });

  it('starts at activation for an imported type without a lookback', () => {
    const atActivation = { kind: 'from-activation', from: activatedAt };
    expect(firstImportFrom('e-commerce-with-e-fulfilment', 'checkouts', activatedAt, everything)).toEqual(atActivation);
    expect(firstImportFrom('crm', 'activities', activatedAt, everything)).toEqual(atActivation);
    expect(firstImportFrom('fulfilment', 'shipments', activatedAt, everything)).toEqual(atActivation);
    expect(firstImportFrom('marketing-automation', 'activities', activatedAt, everything)).toEqual(atActivation);
  });

  it('reads stock whole once, since it is a state', () => {
    expect(firstImportFrom('fulfilment', 'stock', activatedAt, everything)).toEqual({ kind: 'whole-once' });
  });

  it('starts nothing for a lookback of a type that is not imported', () => {
    for (const [preset, type] of [['fulfilment', 'orders'], ['fulfilment', 'contacts'], ['marketplace', 'contacts']] as const) {
      expect(presetOf(preset).lookbacks.some(({ dataType }) => dataType === type)).toBe(true);
      expect(firstImportFrom(preset, type, activatedAt, everything)).toMatchObject({ kind: 'not-imported' });
    }
  });

  it('starts nothing for a type that the platform lacks, and distils where the preset says so', () => {
    const bare = platformWith({ without: { contacts: ['import'] } });
    expect(firstImportFrom('crm', 'contacts', activatedAt, bare).kind).toBe('not-imported');
    expect(firstImportFrom('activities', 'contacts', activatedAt, bare).kind).toBe('distilled');
  });

  it('never starts after the activation, for any preset and type', () => {
    for (const preset of presetIds) for (const type of dataTypes) {
      const first = firstImportFrom(preset, type, activatedAt, everything);
      if (first.kind === 'date') expect(first.from < activatedAt).toBe(true);
    }
  });
});

describe('backfillFrom', () => {
  const first = (type: 'contacts' | 'activities' | 'orders') => firstImportFrom('crm', type, activatedAt, everything);

  it('takes the date that is asked for, and the preset\'s lookback otherwise', () => {
    expect(backfillFrom(first('contacts'), 'contacts', '2020-01-01T00:00:00.000Z')).toEqual({ ok: true, from: '2020-01-01T00:00:00.000Z' });
    expect(backfillFrom(first('contacts'), 'contacts', undefined)).toEqual({ ok: true, from: '2016-11-21T10:00:00.000Z' });
    expect(backfillFrom({ kind: 'whole-once' }, 'stock', undefined)).toEqual({ ok: true, from: null });
  });

  it('asks for a date where the preset has no lookback', () => {
    expect(backfillFrom(first('activities'), 'activities', undefined)).toMatchObject({ ok: false, code: 'REQUEST_INVALID' });
    expect(backfillFrom(first('activities'), 'activities', '2026-01-01T00:00:00.000Z').ok).toBe(true);
  });

  it('refuses a type that is not imported, whatever the date, with the reason', () => {
    expect(backfillFrom(first('orders'), 'orders', '2026-01-01T00:00:00.000Z')).toEqual({ ok: false, code: 'NOT_IMPORTED', reason: 'The preset CRM does not import orders.' });
    const distilled = firstImportFrom('activities', 'contacts', activatedAt, platformWith({ without: { contacts: ['import'] } }));
    expect(backfillFrom(distilled, 'contacts', undefined)).toMatchObject({ ok: false, code: 'NOT_IMPORTED', reason: expect.stringContaining('backfill of activities') });
  });
});
