import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emailProblems, normaliseEmail } from '../../../domain/identity/email.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

/** What the address field of an HTML form takes, with dots only inside and a top-level domain that is no number: an independent, strict reading. */
function strictDestinationAccepts(address: string): boolean {
  const [local = '', domain = '', ...rest] = address.split('@');
  const atoms = local.split('.');
  const labels = domain.split('.');
  return rest.length === 0 && local.length <= 64 && address.length <= 254 && labels.length > 1
    && atoms.every((atom) => /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/.test(atom))
    && labels.every((label) => label.length <= 63 && /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'))
    && /^[A-Za-z]./.test(labels.at(-1) ?? '');
}

const spellings: readonly (readonly [string, string])[] = [
  ['anna@example.test', 'anna@example.test'],
  ['  Anna.Hill@Example.TEST\t', 'anna.hill@example.test'],
  ['\u00a0anna@example.test\u200b', 'anna@example.test'],
  ['\ufeffanna@example.test', 'anna@example.test'],
  ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
  ['anna@BU\u0308CHER.example', 'anna@xn--bcher-kva.example'],
  ['anna@XN--BCHER-KVA.example', 'anna@xn--bcher-kva.example'],
  ['anna@straße.example', 'anna@xn--strae-oqa.example'],
  ['anna@example。test', 'anna@example.test'],
  ['o\'hara+news/2@mail.example.test', 'o\'hara+news/2@mail.example.test'],
  ['\u212aate@example.test', 'kate@example.test'],
  ['anna\u1fef@example.test', 'anna`@example.test'],
  ['anna@пример.испытание', 'anna@xn--e1afmkfd.xn--80akhbyknj4f'],
];

const refusals: readonly (readonly [keyof typeof emailProblems, string])[] = [
  ['empty', ''], ['empty', ' \t\u00a0 '],
  ['noAt', 'anna.example.test'], ['noAt', 'n/a'],
  ['twoAts', 'anna@home@example.test'], ['twoAts', 'anna@@example.test'],
  ['innerSpace', 'anna hill@example.test'], ['innerSpace', 'anna@exam ple.test'], ['innerSpace', 'an\u0007na@example.test'],
  ['innerSpace', 'anna@example.test, bert@example.test'],
  ['localPart', '@example.test'], ['localPart', '.anna@example.test'], ['localPart', 'anna.@example.test'], ['localPart', 'an..na@example.test'],
  ['localPart', '"anna"@example.test'], ['localPart', '<anna@example.test>'], ['localPart', 'jösé@example.test'], ['localPart', 'mailto:anna@example.test'],
  ['domain', 'anna@'], ['domain', 'anna@localhost'], ['domain', 'anna@example.test.'], ['domain', 'anna@.example.test'], ['domain', 'anna@example..test'],
  ['domain', 'anna@-example.test'], ['domain', 'anna@example-.test'], ['domain', 'anna@exa_mple.test'], ['domain', 'anna@example.t'],
  ['domain', 'anna@127.0.0.1'], ['domain', 'anna@1.2.3'], ['domain', 'anna@[127.0.0.1]'], ['domain', 'anna@example.test:25'],
  ['domain', 'anna@ex%61mple.test'], ['domain', 'anna@bücher.example/path'], ['domain', 'anna@bücher.example:80'], ['domain', 'anna@１２７.０.０.１'],
  ['domain', 'anna@xn--a.example'],
];

describe('normaliseEmail', () => {
  it.each(spellings)('makes one address of the spelling %j', (text, expected) => {
    expect(normaliseEmail(text)).toEqual({ ok: true, value: expected });
  });

  it.each(refusals)('refuses as %s: %j', (problem, text) => {
    expect(normaliseEmail(text)).toEqual({ ok: false, reason: emailProblems[problem] });
  });

  it('keeps plus parts and dots apart', () => {
    const values = ['annahill@example.test', 'anna.hill@example.test', 'anna.hill+home@example.test'].map(normaliseEmail);
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(3);
  });

  it('accepts the longest address there may be', () => {
    const domain = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(56)}.test`;
    const address = `${'l'.repeat(64)}@${domain}`;
    expect(address).toHaveLength(254);
    expect(normaliseEmail(address)).toEqual({ ok: true, value: address });
    expect(normaliseEmail(`${'l'.repeat(64)}@x${domain.slice(1)}x`).ok).toBe(false);
  });

  it('refuses what is too long, in each of its parts', () => {
    const [tooLong, domain] = [{ ok: false, reason: emailProblems.tooLong }, { ok: false, reason: emailProblems.domain }];
    expect(normaliseEmail(`${'a'.repeat(65)}@example.test`)).toEqual(tooLong);
    expect(normaliseEmail(`${'a'.repeat(10)}@${'abcdefgh.'.repeat(27)}test`)).toEqual(tooLong);
    expect(normaliseEmail(`${' '.repeat(3_000)}anna@example.test`)).toEqual(tooLong);
    expect(normaliseEmail(`anna@${'a'.repeat(64)}.test`)).toEqual(domain);
    expect(normaliseEmail(`anna@${'abcdefgh.'.repeat(28)}test`)).toEqual(domain);
  });

  it('names nobody in a reason', () => {
    for (const [, text] of refusals) expect(JSON.stringify(normaliseEmail(text))).not.toContain('anna');
  });
});

const domains = fc.oneof(
  fc.domain(),
  fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.constantFrom('test', 'example', 'испытание', 'TEST')).map((labels) => labels.join('.')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const locals = fc.oneof(fc.emailAddress().map((address) => address.split('@')[0] ?? ''), fc.string({ unit: 'grapheme', maxLength: 12 }));
const spaces = fc.constantFrom('', ' ', '\t', '\u00a0', '\u200b', ' \n');
const texts = fc.oneof(
  fc.tuple(spaces, locals, fc.constantFrom('@', '@', '@', '@@', ''), domains, spaces).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

describe('normaliseEmail over random texts', () => {
  it('gives the same again when its result is normalised', () => {
    fc.assert(fc.property(texts, (text) => {
      const first = normaliseEmail(text);
      if (first.ok) expect(normaliseEmail(first.value)).toEqual(first);
    }), { numRuns: 3_000 });
  });

  it('accepts nothing that a strict destination refuses', () => {
    fc.assert(fc.property(texts, (text) => {
      const email = normaliseEmail(text);
      if (email.ok) expect(strictDestinationAccepts(email.value)).toBe(true);
    }), { numRuns: 3_000 });
  });

  it('does not depend on capitals, spaces around and composition', () => {
    fc.assert(fc.property(locals, domains, spaces, spaces, (local, domain, before, after) => {
      const plain = normaliseEmail(`${local}@${domain.normalize('NFC')}`);
      expect(normaliseEmail(`${before}${local}@${domain.normalize('NFD')}${after}`)).toEqual(plain);
    }), { numRuns: 2_000 });
  });

  it('accepts every plain address that people have', () => {
    fc.assert(fc.property(fc.emailAddress(), (address) => {
      const length = address.length <= 254 && address.indexOf('@') <= 64;
      if (length && !address.includes('xn--')) expect(normaliseEmail(address)).toEqual({ ok: true, value: address.toLowerCase() });
    }), { numRuns: 1_000 });
  });
});
