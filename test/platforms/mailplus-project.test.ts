import { describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { accountFields } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';
import type { Fields } from '../../domain/model/fields.ts';

const project = (canonical: Fields, settings: Readonly<Record<string, unknown>> = {}, fields = accountFields) =>
  mailplus.project(mailplusContext('https://mailplus.example', { fields, settings }), 'contacts', { canonical, provenance: {}, consent: {} });
const email = 'ann@example.com';

describe('the projection of a contact to Mail+', () => {
  it('names the properties of the account and leaves permissions to the hub', () => {
    expect(project({
      email, firstName: 'Ann', infix: 'van', lastName: 'Dam', initials: 'A.', gender: 'female', birthDate: '1980-05-01', organisation: 'Acme', street: 'Dam', houseNumber: '1',
      postalCode: '1012 JS', city: 'Amsterdam', country: 'NL', phone: '+31201234567', mobile: '+31612345678', language: 'nl', firstPurchaseAt: '2026-01-02T03:04:05+01:00',
      addressLine1: 'not mapped', 'extra.levelOfInterest': 'HOT',
    })).toEqual({
      fields: {
        email, firstName: 'Ann', infix: 'van', lastName: 'Dam', initials: 'A.', gender: 'F', birthday: '1980-05-01', organisation: 'Acme', street: 'Dam', houseNumber: '1',
        postalCode: '1012 JS', city: 'Amsterdam', country: 'NL', phoneNumber: '+31201234567', mobileNumber: '+31612345678', taal: 'nl', firstPurchaseDate: '2026-01-02T02:04:05.000Z',
      },
      withheld: [],
    });
  });

  it('withholds the field that does not fit, never the contact', () => {
    const { fields, withheld, excluded } = project({
      email, postalCode: 'SW1A 1AA', gender: 'unknown', birthDate: 'in May', mobile: 'ask', firstName: 'x'.repeat(256), firstPurchaseAt: 'once', lastPurchaseAt: '2026-01-01', city: true,
    });
    expect(fields).toEqual({ email });
    expect(excluded).toBeUndefined();
    expect(withheld.map(({ key }) => key).sort()).toEqual(['birthday', 'city', 'firstName', 'firstPurchaseDate', 'gender', 'lastPurchaseDate', 'mobileNumber', 'postalCode']);
    expect(withheld.find(({ key }) => key === 'postalCode')?.reason).toContain('Dutch');
    expect(withheld.find(({ key }) => key === 'lastPurchaseDate')?.reason).toContain('no property «lastPurchaseDate»');
  });

  it('sends a postcode abroad to the property that the settings name, and empties the Dutch one', () => {
    const settings = { foreignPostcodeProperty: 'foreignCode' };
    expect(project({ email, postalCode: 'SW1A 1AA' }, settings).fields).toEqual({ email, postalCode: null, foreignCode: 'SW1A 1AA' });
    expect(project({ email, postalCode: '1012JS' }, settings).fields).toEqual({ email, postalCode: '1012JS', foreignCode: null });
  });

  it('empties a property whose field was said to be empty, and leaves alone what was never said', () => {
    expect(project({ email, city: null, lastName: '' }).fields).toEqual({ email, city: null, lastName: null });
  });

  it('never blanks a language, and takes the levels of a shop in its place', () => {
    expect(project({ email, language: null }).fields).toEqual({ email });
    expect(project({ email, language: '' }).fields).toEqual({ email });
    expect(project({ email, language: 'Acme - Acme Europe - Dutch' }).fields).toEqual({ email, taal: 'Acme - Acme Europe - Dutch' });
  });

  it('follows the mapping of the settings, switches of sets included', () => {
    const properties = { 'extra.levelOfInterest': 'freeField1', addressLine1: 'street', city: null, 'extra.golf': 'list1:2', 'extra.tennis': 'list1:9', 'extra.club': 'list1' };
    const { fields, withheld } = project({ email, 'extra.levelOfInterest': '3', addressLine1: '1 High St', street: 'Dam', city: 'Utrecht', 'extra.golf': true, 'extra.tennis': true, 'extra.club': 'x' }, { properties });
    expect(fields).toEqual({ email, freeField1: 3, street: '1 High St', 'list1:2': true });
    expect(withheld.map(({ key }) => key)).toEqual(['list1:9', 'list1']);
    expect(project({ email, 'extra.levelOfInterest': 'HOT', 'extra.golf': 'yes' }, { properties }).withheld.map(({ key }) => key)).toEqual(['freeField1', 'list1:2']);
  });

  it.each([[{}], [{ email: null }], [{ email: '' }], [{ email: 'none' }], [{ firstName: 'Ann', mobile: '+31612345678' }]])('leaves out %j for want of an address', (canonical) => {
    expect(project(canonical).excluded).toBe('no e-mail address, and no SMS channel is mapped');
  });

  it('takes a contact with a mobile number only where the SMS channel is mapped', () => {
    expect(project({ mobile: '+31612345678' }, { smsChannel: 'true' }).excluded).toBeUndefined();
    expect(project({ phone: '+31201234567' }, { smsChannel: true }).excluded).toBe('no e-mail address and no mobile number');
  });

  it('gives again what a read holds, so that a read is no difference', () => {
    const canonical = { email, gender: 'F', birthDate: '1980-05-01', firstPurchaseAt: '2026-01-02T02:04:05.000Z', country: 'GB', mobile: '+447700900123', language: 'en' };
    expect(project(canonical).fields).toEqual({
      email, gender: 'F', birthday: '1980-05-01', firstPurchaseDate: '2026-01-02T02:04:05.000Z', country: 'GB', mobileNumber: '+447700900123', taal: 'en',
    });
  });

  it('is refused for what Mail+ has no place for', () => {
    const context = mailplusContext('https://mailplus.example');
    expect(mailplus.project(context, 'shipments', { canonical: {}, provenance: {}, consent: {} }).excluded).toContain('shipments');
  });
});
