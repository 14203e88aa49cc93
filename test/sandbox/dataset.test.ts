import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { changeSome, generateDataset, streamPages } from '../../sandbox/dataset/index.ts';
import { kindAt } from '../../sandbox/dataset/kinds.ts';

const SEED = 20_261_121;
const dataset = generateDataset({ seed: SEED });
const { expected } = dataset;
const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const texts = dataset.prospects.map((prospect) => JSON.stringify(prospect));

describe(`the data set of seed ${SEED}`, () => {
  it('is the same, byte for byte, whenever it is made from one seed, and another one from another seed', () => {
    const again = generateDataset({ seed: SEED });
    expect(digest(again.prospects)).toBe(digest(dataset.prospects));
    expect(digest(again.existingContacts)).toBe(digest(dataset.existingContacts));
    expect(digest(generateDataset({ seed: SEED + 1 }).prospects)).not.toBe(digest(dataset.prospects));
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
    expect(having(/"email":"[^"]*@[^"]*[^\u0000-\u007f]/)).toBeGreaterThan(100);
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
