import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { addStatement, expectOutcome, mostSwitches, NO_STATEMENTS, oracleEmail, oracleIsPhone, permissionAfter } from '../../sandbox/dataset/index.ts';
import type { Statement } from '../../sandbox/dataset/index.ts';
import { IDN_DOMAINS } from '../../sandbox/dataset/names.ts';

const decide = (statements: Statement[], onBefore = false): boolean =>
  permissionAfter(statements.reduce(addStatement, NO_STATEMENTS), onBefore);

describe('the oracle on addresses', () => {
  it('makes spellings of one mailbox equal', () => {
    expect(oracleEmail('  Anna.HILL@Post.Example\u00a0')).toBe('anna.hill@post.example');
    for (const { unicode, ascii } of IDN_DOMAINS) {
      const spellings = [unicode, unicode.normalize('NFD'), unicode.toUpperCase(), ascii];
      expect(spellings.map((domain) => oracleEmail(`a@${domain}`))).toEqual(spellings.map(() => `a@${ascii}`));
    }
    expect(oracleEmail('zoe\u0308@post.example')).toBe('zo\u00eb@post.example');
  });

  it('keeps plus parts and dots apart', () => {
    const spellings = ['a.b@post.example', 'ab@post.example', 'a.b+home@post.example'];
    expect(new Set(spellings.map(oracleEmail)).size).toBe(3);
  });

  it.each(['', '   ', 'anna.post.example', 'anna@home@post.example', 'anna hill@post.example', 'anna@post.example.', '@post.example', 'anna@', 'anna@post', 'anna.@post.example'])(
    'takes %j for no address', (text) => {
      expect(oracleEmail(text)).toBeUndefined();
    });
});

describe('the oracle on phones', () => {
  it.each(['+447700900123', '(07700) 900 123', '0044 7700 900123', '+44 7700 900-123'])('takes %j', (text) => {
    expect(oracleIsPhone(text)).toBe(true);
  });

  it.each(['', 'n/a', 'none', '-', 'ask office', '12345'])('refuses %j', (text) => {
    expect(oracleIsPhone(text)).toBe(false);
  });
});

describe('the oracle on consent', () => {
  const granted: Statement = { value: true, date: '2024-01-01T10:00:00Z' };
  const withdrawn: Statement = { value: false, date: '2024-01-01T11:00:00+01:00' };

  it('lets the newest dated statement decide, and the withdrawal at the same instant', () => {
    expect(decide([granted])).toBe(true);
    expect(decide([granted, withdrawn])).toBe(false);
    expect(decide([withdrawn, { value: true, date: '2024-01-01T10:00:01Z' }])).toBe(true);
    expect(decide([{ value: false, date: '2023-05-05T00:00:00Z' }, granted], true)).toBe(true);
  });

  it('takes false without a date for never asked', () => {
    const neverAsked: Statement = { value: false, date: null };
    expect(decide([neverAsked], true)).toBe(true);
    expect(decide([neverAsked])).toBe(false);
    expect(decide([granted, neverAsked])).toBe(true);
  });

  it('never lets a grant without a date beat a withdrawal', () => {
    expect(decide([withdrawn, { value: true, date: null }], true)).toBe(false);
    expect(decide([{ value: true, date: null }])).toBe(true);
  });

  it('comes to the same answer in every order', () => {
    const date = fc.option(fc.integer({ min: 0, max: 4 }).map((day) => `2024-01-0${day + 1}T00:00:00Z`), { nil: null });
    const statements = fc.array(fc.record({ value: fc.boolean(), date }), { maxLength: 8 });
    fc.assert(fc.property(statements, fc.boolean(), (list, onBefore) => {
      expect(decide(list.toReversed(), onBefore)).toBe(decide(list, onBefore));
    }));
  });
});

describe('how often a permission may be switched', () => {
  const said = (value: boolean, day: number | null): Statement => ({ value, date: day === null ? null : `2024-01-0${day}T00:00:00Z` });

  it('is once for each time that what people said turns', () => {
    expect(mostSwitches([])).toEqual({ on: 0, off: 0 });
    expect(mostSwitches([said(true, 3), said(true, 1), said(false, null)])).toEqual({ on: 1, off: 0 });
    expect(mostSwitches([said(true, 3), said(false, 2), said(true, 1)])).toEqual({ on: 2, off: 1 });
    expect(mostSwitches([said(false, 1), said(true, 1), said(true, null)])).toEqual({ on: 1, off: 1 });
  });

  it('is never less than what happens when every statement is delivered before the next one comes', () => {
    const day = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
    const statements = fc.array(fc.tuple(fc.boolean(), day).map(([value, at]) => said(value, at)), { maxLength: 8 });
    fc.assert(fc.property(statements, (list) => {
      const values = list.map((_, index) => decide(list.slice(0, index + 1), false));
      const turns = values.filter((value, index) => value !== (values[index - 1] ?? false));
      const most = mostSwitches(list);
      expect(turns.filter(Boolean).length).toBeLessThanOrEqual(most.on);
      expect(turns.filter((value) => !value).length).toBeLessThanOrEqual(most.off);
    }));
  });
});

describe('the oracle on a small case worked out by hand', () => {
  const address = { line1: '', line2: '', town: '', county: '', postcode: '', country: 'GB' };
  const card = (prospectId: string, email: unknown, mobile: string, consents: Statement[] = []) => ({
    prospectId, title: '', forename: 'F', surname: 'S', email, mobile, telephone: '', address, lastModified: '2025-01-01T00:00:00Z',
    consents: consents.map((consent) => ({ code: 'EMAIL_MKT', description: '', ...consent })),
  });
  const existing = (email: string, enabled: boolean) => ({
    properties: { email }, permissions: enabled ? [1, 2] : [1],
  });

  it('counts what is plain to see', () => {
    const outcome = expectOutcome({
      permission: { code: 'EMAIL_MKT', bit: 2 },
      existingContacts: [existing('ANNA@post.example', true), existing('other@post.example', true), existing('off@post.example', false)],
      prospects: [
        card('P1', 'anna@post.example', '', [{ value: true, date: '2024-01-01T00:00:00Z' }]),
        card('P2', ' Anna@Post.Example', '', [{ value: false, date: '2024-02-01T00:00:00Z' }]),
        card('P3', 'new@post.example', '', [{ value: true, date: '2024-01-01T00:00:00Z' }]),
        card('P4', '', '+447700900123'),
        card('P5', 'no address', '07700 900124'),
        card('P6', 'no address', ''),
        card('P7', 12, '07700 900125'),
        card('P8', 'off@post.example', '', [{ value: false, date: null }]),
      ],
    });
    expect(outcome).toMatchObject({
      prospectsSent: 8, prospectsAccepted: 6, rejected: 2, excluded: 2, people: 3, mergedAway: 1, sharedAddresses: 1,
      contactsAtStart: 3, contactsNew: 1, contactsUpdated: 2, contactsAtEnd: 4, permissionOnAtStart: 2, permissionOnAtEnd: 2,
    });
    expect(outcome.rejections).toEqual([{ prospectId: 'P6', reason: 'no email and no phone' }, { prospectId: 'P7', reason: 'invalid' }]);
    expect(outcome.peopleByEmail.get('anna@post.example')).toEqual({ prospectIds: ['P1', 'P2'], existedBefore: true, permissionOn: false, mostSwitches: { on: 1, off: 1 } });
  });
});
