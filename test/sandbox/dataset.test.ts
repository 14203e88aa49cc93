import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import type { Consent } from '../../sandbox/coins/wire.ts';
import {
  addStatement, changeSome, EMAIL_CONSENT, EMAIL_PERMISSION_BIT, generateDataset, NO_STATEMENTS, oracleEmail, permissionAfter, streamPages,
} from '../../sandbox/dataset/index.ts';
import { kindAt } from '../../sandbox/dataset/kinds.ts';

const SEED = 20_261_121;
const dataset = generateDataset({ seed: SEED });
const { expected } = dataset;
const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const texts = dataset.prospects.map((prospect) => JSON.stringify(prospect));

describe(`the data set of seed ${SEED}`, () => {
  it('is the same, byte for byte, whenever it is made from one seed, and another one from another seed', () => {
    const make = (seed: number) => generateDataset({ seed, prospects: 2_000, existingContacts: 500 });
    const made = make(SEED);
    expect(digest(make(SEED))).toBe(digest(made));
    expect(digest(make(SEED + 1))).not.toBe(digest(made));
    expect(digest(made.prospects)).toBe(digest(dataset.prospects.slice(0, 2_000)));
    expect(digest(made)).toBe('448eeb043c44ff91861ff0f93cafab14d50fb12cce46127dffcbfd9dea420e05');
  });

  it('has the sizes of the demo, with every id and every existing address once', () => {
    expect(dataset.prospects).toHaveLength(20_000);
    expect(new Set(dataset.prospects.map(({ prospectId }) => prospectId)).size).toBe(20_000);
    const addresses = dataset.existingContacts.map(({ properties }) => properties.email.toLowerCase());
    expect(new Set(addresses).size).toBe(5_000);
    const ids = dataset.existingContacts.flatMap(({ externalId }) => externalId ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1_000);
  });

  it('adds up: every prospect is rejected, excluded or one of the people', () => {
    expect(expected.prospectsAccepted + expected.rejected).toBe(20_000);
    expect(expected.people + expected.mergedAway + expected.excluded).toBe(expected.prospectsAccepted);
    expect(expected.contactsNew + expected.contactsUpdated).toBe(expected.people);
    expect(expected.contactsAtEnd).toBe(5_000 + expected.contactsNew);
    const fates = [...expected.rejections.map(({ prospectId }) => prospectId), ...expected.excludedIds,
      ...[...expected.peopleByEmail.values()].flatMap(({ prospectIds }) => prospectIds)];
    expect(new Set(fates).size).toBe(20_000);
  });

  it('gives each special prospect the fate that it was made for', () => {
    const kinds = dataset.prospects.map((_prospect, index) => kindAt(SEED, index));
    const count = (...wanted: string[]): number => kinds.filter((kind) => wanted.includes(kind)).length;
    expect(expected.rejectedByReason.invalid).toBe(count('wrong-type'));
    expect(expected.rejectedByReason['no email and no phone']).toBe(count('no-contact', 'bad-email', 'bad-phone'));
    expect(expected.excluded).toBe(count('phone-only', 'bad-email-with-phone'));
    expect(expected.contactsUpdated).toBe(1_500);
    expect(expected.sharedAddresses).toBeGreaterThan(1_000);
  });

  it('holds the hard cases: capitals, spaces, letters of many scripts, IDN domains, both kinds of postcode', () => {
    const having = (pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length;
    expect(having(/"email":"[^"]*[A-Z][^"]*@/)).toBeGreaterThan(1_000);
    expect(having(/"email":"(?: +|\\t)[^" ]/)).toBeGreaterThan(100);
    expect(having(/"email":"[^"]*@[^"]*\P{ASCII}/u)).toBeGreaterThan(100);
    expect(having(/"email":"[^"]*@xn--/i)).toBeGreaterThan(50);
    expect(having(/"(?:fore|sur)name":"[^"]*\p{Mark}/u)).toBeGreaterThan(100);
    expect(having(/"forename":"[^"]*\p{Script=Han}/u)).toBeGreaterThan(50);
    expect(having(/"postcode":"[1-9]\d{3} [A-Z]{2}"/)).toBeGreaterThan(1_000);
    expect(having(/"postcode":"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}"/)).toBeGreaterThan(5_000);
  });

  it('names nobody who could exist: fictional phones and reserved domains only', () => {
    const phones = texts.flatMap((text) => [...text.matchAll(/"(?:mobile|telephone)":"([^"]{6,})"/g)].map(([, phone]) => phone ?? ''));
    const dialled = phones.filter((phone) => phone.replaceAll(/\D/g, '').length > 6);
    expect(dialled.every((phone) => /7700900\d{3}$/.test(phone.replaceAll(/\D/g, '')))).toBe(true);
    const domains = [...dataset.prospects.map(({ email }) => email), ...dataset.existingContacts.map(({ properties }) => properties.email)]
      .flatMap((email) => (typeof email === 'string' && email.includes('@') ? [email.slice(email.lastIndexOf('@'))] : []));
    expect(domains.every((domain) => /\.(?:example|test)\.?\s*$/i.test(domain))).toBe(true);
  });
});

describe('the data leave no rule untested: a hub that breaks it comes to another number', () => {
  const rejected = new Set(expected.rejections.map(({ prospectId }) => prospectId));
  const readable = dataset.prospects.filter(({ prospectId, email }) =>
    typeof email === 'string' && oracleEmail(email) !== undefined && !rejected.has(prospectId));
  const addresses = readable.flatMap(({ email }) => (typeof email === 'string' ? [email] : []));

  it.each<[string, (email: string) => string | undefined]>([
    ['trims', (email) => email.toLowerCase()],
    ['lowers capitals', (email) => email.trim()],
    ['knows IDN', (email) => email.trim().toLowerCase().normalize('NFC')],
    ['keeps plus parts', (email) => oracleEmail(email)?.replace('+home', '')],
    ['keeps dots', (email) => oracleEmail(email)?.replaceAll('.', '')],
  ])('%s', (_rule, wrongly) => {
    expect(new Set(addresses.map(oracleEmail)).size).toBe(expected.people);
    expect(new Set(addresses.map(wrongly)).size).not.toBe(expected.people);
  });

  const held = new Map(dataset.existingContacts.map(({ properties, permissions }) =>
    [oracleEmail(properties.email), permissions.includes(EMAIL_PERMISSION_BIT)] as const));
  const statements = new Map(readable.map(({ prospectId, consents }) =>
    [prospectId, (consents as Consent[]).filter(({ code }) => code === EMAIL_CONSENT.code)] as const));
  const people = [...expected.peopleByEmail].map(([email, { prospectIds }]) =>
    ({ onBefore: held.get(email) ?? false, said: prospectIds.flatMap((id) => statements.get(id) ?? []) }));
  const dated = (said: Consent[]) => said.flatMap(({ value, date }) => (date === null ? [] : [{ value, date, at: Date.parse(date) }]));
  type Decide = (said: Consent[], onBefore: boolean) => boolean;
  const right: Decide = (said, onBefore) => permissionAfter(said.reduce(addStatement, NO_STATEMENTS), onBefore);
  const countOn = (decide: Decide): number => people.filter(({ said, onBefore }) => decide(said, onBefore)).length;

  it.each<[string, Decide]>([
    ['the withdrawal wins at equal times', (said, onBefore) => {
      const newest = Math.max(...dated(said).map(({ at }) => at));
      return newest > 0 ? dated(said).some(({ at, value }) => at === newest && value) : onBefore;
    }],
    ['never asked does not withdraw', (said, onBefore) => right(said, onBefore) && said.every(({ value, date }) => value || date !== null)],
    ['never asked leaves what Mail+ has', (said, onBefore) => (dated(said).length > 0 || said.length === 0) && right(said, onBefore)],
    ['the newest decides, not the last to come', (said, onBefore) => dated(said).at(-1)?.value ?? onBefore],
    ['the newest decides, not any withdrawal', (said, onBefore) => (dated(said).length > 0 ? dated(said).every(({ value }) => value) : onBefore)],
    ['times are compared, not texts', (said, onBefore) => dated(said).toSorted((a, b) => (a.date < b.date ? -1 : 1)).at(-1)?.value ?? onBefore],
    ['a grant switches on what was off', (said, onBefore) => onBefore && right(said, onBefore)],
  ])('%s', (_rule, wrongly) => {
    expect(countOn(right)).toBe([...expected.peopleByEmail.values()].filter(({ permissionOn }) => permissionOn).length);
    expect(countOn(wrongly)).not.toBe(countOn(right));
  });
});

describe('pages of prospects', () => {
  it('are the same whether cut from the whole or made one at a time', () => {
    const small = generateDataset({ seed: SEED, prospects: 250, existingContacts: 10 });
    const pages = [...small.listPages(100)];
    expect(pages.map(({ prospects }) => prospects.length)).toEqual([100, 100, 50]);
    expect(digest([...streamPages(SEED, 250, 100)])).toBe(digest(pages));
    expect(pages.every(({ pageCount }, index) => pageCount === 3 && pages[index]?.page === index + 1)).toBe(true);
  });

  it('are one empty page when there is nobody', () => {
    expect([...streamPages(SEED, 0, 100)]).toEqual([{ page: 1, pageCount: 1, prospects: [] }]);
  });

  it('refuse a size that makes no page', () => {
    expect(() => [...streamPages(SEED, 5, 0)]).toThrow(RangeError);
    expect(() => generateDataset({ seed: SEED, prospects: -1 })).toThrow(RangeError);
  });
});

describe('changeSome', () => {
  it('edits exactly as many prospects as asked, and leaves the others untouched', () => {
    const { prospects, changedIds } = changeSome(dataset.prospects, { seed: 5, count: 200, eligible: ({ email }) => typeof email === 'string' });
    const different = prospects.filter((prospect, index) => prospect !== dataset.prospects[index]);
    expect(different.map(({ prospectId }) => prospectId)).toEqual(changedIds);
    expect(changedIds).toHaveLength(200);
    expect(different.every(({ lastModified }) => String(lastModified) > '2025-07-01')).toBe(true);
  });
});
