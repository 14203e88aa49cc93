import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packFieldTimes, packProvenance, unpackFieldTimes, unpackProvenance } from '../../../db/stored-forms.ts';
import type { FieldOrigin } from '../../../domain/model/record.ts';
import { testSeed } from '../../support/test-seed.ts';

const instants = fc.constantFrom('2024-01-01T00:00:00.000Z', '2025-06-01T12:00:00.000Z', '2026-11-20T09:12:00.000Z');
const origins: fc.Arbitrary<FieldOrigin> = fc.record({ connectorId: fc.constantFrom('coins-1', 'mailplus-1'), externalId: fc.constantFrom('P1', 'P2'), at: instants, edited: fc.boolean() });
const names = fc.constantFrom('email', 'firstName', 'lastName', 'extra.plot', 'city');
const through = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const valuesOf = (fields: object) => Object.fromEntries(Object.keys(fields).map((name) => [name, 'x']));

describe('the stored form of provenance', () => {
  it('gives back every origin, in the order of the fields', () => {
    fc.assert(fc.property(fc.dictionary(names, origins), (provenance) => {
      const stored = through(packProvenance(provenance));
      expect(JSON.stringify(unpackProvenance(stored, valuesOf(provenance)))).toBe(JSON.stringify({ ...provenance }));
    }), { seed: testSeed() });
  });

  it('names no fields where all have one origin', () => {
    const origin = { connectorId: 'coins-1', externalId: 'P1', at: '2026-11-20T09:12:00.000Z', edited: false };
    expect(packProvenance({ email: origin, firstName: { ...origin } })).toEqual([['coins-1', 'P1', '2026-11-20T09:12:00.000Z', 0]]);
  });
});

describe('the stored form of field times', () => {
  it('gives back every time', () => {
    fc.assert(fc.property(fc.dictionary(names, instants), fc.array(names), (fieldTimes, more) => {
      const canonical = { ...valuesOf(fieldTimes), ...Object.fromEntries(more.map((name) => [name, 'x'])) };
      const given = { ...fieldTimes };
      expect(unpackFieldTimes(through(packFieldTimes(given, canonical)), canonical)).toEqual(given);
    }), { seed: testSeed() });
  });

  it('is one instant where all fields have it', () => {
    const at = '2026-11-20T09:12:00.000Z';
    expect(packFieldTimes({ email: at, city: at }, { email: 'x', city: 'x' })).toBe(at);
  });
});
