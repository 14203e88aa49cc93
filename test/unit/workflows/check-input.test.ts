import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkBackfillInput, checkBackfillRequest, checkSelection, checkSourceChanged } from '../../../workflows/check-input.ts';
import { testSeed } from '../../support/test-seed.ts';

const seed = { seed: testSeed() };

describe('the input of a backfill', () => {
  it.each([
    [{ connectorId: 'mailplus-1' }],
    [{ connectorId: 'mailplus-1', dataType: 'contacts' }],
    [{ connectorId: 'mailplus-1', dataType: 'contacts', from: '2020-01-01' }],
    [{ connectorId: 'mailplus-1', from: '2020-01-01T00:00:00Z', who: 'anna' }],
    [{ connectorId: 'mailplus-1', from: '2020-01-01T02:00:00.5+02:00' }],
    [{ connectorId: 'mailplus-1', resume: true }],
  ])('may be %j', (input) => {
    expect(checkBackfillInput(input)).toEqual({ ok: true, value: input });
  });

  it.each([
    [undefined, /JSON as/], [null, /JSON as/], [[], /JSON as/], ['mailplus-1', /JSON as/], [7, /JSON as/],
    [{}, /«connectorId»/], [{ connectorId: 7 }, /«connectorId»/], [{ connectorId: 'Mail Plus' }, /«connectorId»/],
    [{ connectorId: 'm', dataType: 'people' }, /one of orders/], [{ connectorId: 'm', dataType: 7 }, /one of orders/],
    [{ connectorId: 'm', from: '2020' }, /«from»/], [{ connectorId: 'm', from: '2020-13-01' }, /«from»/], [{ connectorId: 'm', from: 20200101 }, /«from»/],
    [{ connectorId: 'm', From: '2020-01-01' }, /There is no «From»/], [{ connectorId: 'm', resume: 'yes' }, /«resume»/], [{ connectorId: 'm', who: 7 }, /«who»/],
  ])('is not %j', (input, sentence) => {
    expect(checkBackfillInput(input)).toMatchObject({ ok: false, code: 'REQUEST_INVALID', message: expect.stringMatching(sentence) });
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (input) => {
      for (const check of [checkBackfillInput, checkBackfillRequest, checkSelection, checkSourceChanged]) expect(typeof check(input).ok).toBe('boolean');
    }), seed);
  });
});

describe('a request and a selection', () => {
  it('mean everything when they are absent, as a signal without input is', () => {
    for (const nothing of [undefined, null, {}]) {
      expect(checkBackfillRequest(nothing)).toEqual({ ok: true, value: {} });
      expect(checkSelection(nothing)).toEqual({ ok: true, value: {} });
    }
  });

  it('name a code or ids', () => {
    expect(checkSelection({ code: 'RECORD_REFUSED', ids: ['call:mailplus-1:7'], who: 'anna' })).toMatchObject({ ok: true });
    expect(checkSelection({ code: 'refused' })).toMatchObject({ ok: false, message: expect.stringContaining('«code»') });
    expect(checkSelection({ ids: 'call:1' })).toMatchObject({ ok: false, message: expect.stringContaining('«ids»') });
  });
});

describe('what a source system says has changed', () => {
  it('may hold up to 1,000 opaque ids', () => {
    const ids = fc.array(fc.oneof(fc.uuid(), fc.nat().map(String), fc.nat().map((n) => `P-${n}`), fc.nat({ max: 999_999 }).map((n) => String(n).padStart(10, '0'))), { maxLength: 1_000 });
    fc.assert(fc.property(ids, (some) => {
      expect(checkSourceChanged({ dataType: 'contacts', ids: some })).toEqual({ ok: true, value: { dataType: 'contacts', ids: some } });
    }), { ...seed, numRuns: 50 });
  });

  it('holds no e-mail address and no phone number', () => {
    const email = fc.emailAddress();
    const phone = fc.nat({ max: 999 }).map((n) => String(n).padStart(3, '0')).chain((end) => fc.constantFrom(`+447700900${end}`, `+44 7700 900${end}`, `07700 900${end}`, `07700900${end}`, `(07700) 900 ${end}`, `+44 (0)7700 900-${end}`));
    fc.assert(fc.property(fc.oneof(email, phone), (personal) => {
      const checked = checkSourceChanged({ dataType: 'contacts', ids: ['P1', personal] });
      expect(checked).toMatchObject({ ok: false, code: 'IDS_LOOK_PERSONAL' });
      expect(JSON.stringify(checked)).not.toContain(personal);
    }), seed);
  });
});
