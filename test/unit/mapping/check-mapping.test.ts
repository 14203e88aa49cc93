import { describe, expect, it } from '@jest/globals';
import { checkMapping, mappableProperties, type MappingCheck } from '../../../domain/mapping/check-mapping.ts';
import { compareFields } from '../../../domain/mapping/discovered.ts';
import type { MappingEntry } from '../../../domain/mapping/mapping.ts';
import { mailplus } from '../../../platforms/mailplus/index.ts';
import { usualProperties } from '../../../platforms/mailplus/mapping.ts';
import { accountFields } from '../../platforms/mailplus-account.ts';

const { rules } = mailplus.mapping;
const fields = [
  ...accountFields, { name: 'score', description: 'Score', type: 'int', readOnly: 'Mail+ works it out.' }, { name: 'tint', description: 'Tint', type: 'colour' }, { name: 'spent', description: 'Spent', type: 'money' }, { name: 'day', description: 'Day', type: 'date' },
];
const entry = (field: string, property: string | null, direction: MappingEntry['direction'] = 'both'): MappingEntry => ({ field, property, direction });
const check = (entries: readonly MappingEntry[], more: Partial<MappingCheck> = {}) =>
  checkMapping({ rules, defaults: usualProperties, properties: mappableProperties(fields), entries, changed: entries, ...more });

describe('a mapping that is to be saved', () => {
  it.each([
    entry('extra.levelOfInterest', 'freeField1'), entry('extra.golf', 'list1:2'), entry('addressLine1', 'street'), entry('city', null), entry('houseNumber', 'freeField1'), entry('firstPurchaseAt', 'day'), entry('extra.any', 'email', 'in'),
    entry('jobTitle', 'tint'), entry('extra.spent', 'spent'), entry('extra.score', 'score', 'in'), entry('gender', 'foreignCode'),
  ])('may be %j', (one) => expect(() => check([one])).not.toThrow());

  it.each([
    [entry('firstName', 'nosuch'), 'no property «nosuch»'], [entry('firstName', 'list1:9'), 'no property «list1:9»'], [entry('firstname', 'city'), 'no field «firstname»'], [entry('extra.', 'city'), 'no field'], [entry('extra.a\n', 'city'), 'no field'],
    [entry('city', 'freeField1'), 'type int'], [entry('city', 'spent'), 'type money'], [entry('city', 'birthday'), 'a date'], [entry('birthDate', 'firstPurchaseDate'), 'with its time'], [entry('lastName', 'email'), 'e-mail address'], [entry('phone', 'gender'), 'M and F'],
    [entry('organisation', 'mobileNumber'), 'phone number'], [entry('city', 'postalCode'), 'postcode'], [entry('city', 'list1:1'), 'yes or no'], [entry('extra.list', 'list1'), 'has switches'], [entry('extra.score', 'score'), 'read-only: Mail+ works it out.'],
    [entry('extra.id', 'externalId', 'in'), 'own ids'], [entry('extra.id', 'encryptedId'), 'read-only'], [entry('extra.mail', 'permissions'), 'linked by their names'], [entry('extra.mail', 'permissions:9'), 'linked by their names'],
  ])('may not be %j, and the error names the field', (one, reason) => {
    expect(() => check([one])).toThrow(expect.objectContaining({ code: 'MAPPING_INVALID', message: expect.stringContaining(reason), facts: expect.objectContaining({ field: one.field }) }));
  });

  it('has each property once in each direction', () => {
    expect(() => check([entry('extra.a', 'foreignCode', 'in'), entry('extra.b', 'foreignCode', 'out')])).not.toThrow();
    expect(() => check([entry('extra.a', 'foreignCode'), entry('extra.b', 'foreignCode', 'out')])).toThrow('«foreignCode» is mapped to «extra.a» already (out)');
  });

  it('may keep what fitted once: only what is new is held against the account', () => {
    expect(() => check([entry('city', 'nosuch'), entry('jobTitle', 'foreignCode')], { changed: [entry('jobTitle', 'foreignCode')] })).not.toThrow();
  });

  it('waits for the fields of the account to be known, unless it only leaves something out', () => {
    expect(() => check([entry('city', 'street')], { properties: [] })).toThrow(expect.objectContaining({ code: 'MAPPING_INVALID', facts: expect.objectContaining({ fix: expect.stringContaining('--refresh') }) }));
    expect(() => check([entry('city', null)], { properties: [] })).not.toThrow();
  });
});

describe('what an account has, compared with what it had', () => {
  const [one, two] = ['2026-11-21T10:00:00.000Z', '2026-11-22T10:00:00.000Z'];
  const text = (name: string, type = 'string') => ({ name, type });

  it('names what came, went and changed its type, switches of sets among them', () => {
    const set = (...bits: number[]) => ({ name: 'list1', type: 'set', entries: bits.map((bit) => ({ key: `list1:${bit}` })) });
    const found = compareFields([text('a'), text('b'), set(1, 2)], {}, [text('a', 'int'), text('c'), set(2, 3)], one);
    expect([...found.changed].sort()).toEqual(['a', 'b', 'c', 'list1:1', 'list1:3']);
    expect(found.gone).toEqual({ b: one, 'list1:1': one });
  });

  it('keeps since when something is gone, and forgets it when it is back', () => {
    const { gone } = compareFields([text('a'), text('b')], {}, [text('a')], one);
    expect(compareFields([text('a')], gone, [text('a')], two)).toEqual({ gone: { b: one }, changed: new Set() });
    expect(compareFields([text('a')], gone, [text('a'), text('b')], two)).toEqual({ gone: {}, changed: new Set(['b']) });
  });
});
