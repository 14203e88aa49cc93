import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../domain/model/fields.ts';
import type { FieldOrigin } from '../../domain/model/record.ts';
import { coins } from '../../platforms/coins/index.ts';
import { consentPatchesOf, prospectPatchOf } from '../../platforms/coins/payload.ts';
import { contextFor, now } from './coins-support.ts';

const context = { ...contextFor('http://coins.example'), samePlatform: new Set(['coins-1', 'coins-2']) };

function origin(connectorId: string, edited: boolean): FieldOrigin {
  return { connectorId, externalId: 'x', at: now, edited };
}

function project(canonical: Fields, provenance: Record<string, FieldOrigin>) {
  const projection = coins.project?.(context, 'contacts', { canonical, provenance, consent: {} });
  if (projection === undefined) throw new Error('Coins projects nothing');
  return projection;
}

describe('What a prospect should hold', () => {
  it('is only what was edited outside Coins, in the words of Coins', () => {
    const canonical = { title: 'Ms', firstName: 'Ann', lastName: 'Hill', email: 'ann@hill.example', city: 'Leeds', 'extra.status': 'ACTIVE', owner: 'JS' };
    const provenance = {
      title: origin('mailplus-1', false), firstName: origin('mailplus-1', true), lastName: origin('coins-1', true), email: origin('mailplus-1', true),
      city: origin('coins-1', false), 'extra.status': origin('mailplus-1', true), owner: origin('mailplus-1', true),
    };
    expect(project(canonical, provenance)).toEqual({ fields: { forename: 'Ann', email: 'ann@hill.example' }, withheld: [] });
  });

  it('never takes the name of one prospect to another who shares the address', () => {
    const provenance = { firstName: origin('coins-1', true), lastName: origin('coins-1', false) };
    expect(project({ firstName: 'Bob', lastName: 'Hill', email: 'hill@hill.example' }, provenance).fields).toEqual({});
  });

  it('never takes it to a prospect of another Coins of the account either', () => {
    expect(project({ firstName: 'Bob' }, { firstName: origin('coins-2', true) }).fields).toEqual({});
  });

  it('empties a field that was emptied elsewhere, but never the e-mail address', () => {
    const provenance = { mobile: origin('mailplus-1', true), email: origin('mailplus-1', true) };
    expect(project({ mobile: null, email: null }, provenance)).toEqual({ fields: { mobile: '' }, withheld: [{ key: 'email', reason: expect.any(String) }] });
  });

  it('holds back a country that is no code, and sends the rest', () => {
    const provenance = { country: origin('mailplus-1', true), city: origin('mailplus-1', true) };
    expect(project({ country: 'Netherlands', city: 'Delft' }, provenance)).toEqual({
      fields: { 'address.town': 'Delft' }, withheld: [{ key: 'address.country', reason: expect.stringContaining('two letters') }],
    });
  });
});

describe('A difference as bodies', () => {
  it('puts the parts of the address into one object', () => {
    expect(prospectPatchOf({ forename: 'Ann', 'address.town': 'Leeds', 'address.line2': null, 'consent:EMAIL_MKT': true }))
      .toEqual({ forename: 'Ann', address: { town: 'Leeds', line2: '' }, origin: 'spotler' });
  });

  it('has no profile body when only permissions differ', () => {
    expect(prospectPatchOf({ 'consent:EMAIL_MKT': false })).toBeUndefined();
  });

  it('sends withdrawals before grants, with their dates', () => {
    const changes = { 'consent:A': true, 'consent:B': false, forename: 'Ann' };
    expect(consentPatchesOf({ changes, permissionDates: { 'consent:A': '2026-01-01T00:00:00.000Z', 'consent:B': '2026-02-01T00:00:00.000Z' } }, now)).toEqual({
      patches: [
        { code: 'B', value: false, date: '2026-02-01T00:00:00.000Z', origin: 'spotler' }, { code: 'A', value: true, date: '2026-01-01T00:00:00.000Z', origin: 'spotler' },
      ],
      undatedGrants: [],
    });
  });

  it('dates a withdrawal without a date now, and does not send a grant without one', () => {
    expect(consentPatchesOf({ changes: { 'consent:A': true, 'consent:B': false, 'consent:C': null }, permissionDates: { 'consent:A': null } }, now)).toEqual({
      patches: [{ code: 'B', value: false, date: now, origin: 'spotler' }, { code: 'C', value: false, date: now, origin: 'spotler' }],
      undatedGrants: ['A'],
    });
  });
});
