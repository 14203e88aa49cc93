import { describe, expect, it } from '@jest/globals';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { coins } from '../../platforms/coins/index.ts';
import { settingsOf } from '../../platforms/coins/settings.ts';
import { contextFor, failureOf, startServer } from './coins-support.ts';

const { description } = coins;

describe('Coins', () => {
  it('is a CRM that never gets or gives a contact but by a list sync', () => {
    expect(description).toMatchObject({ id: 'coins', class: 'crm', presets: ['crm'], targets: 'all-links', createsContacts: false, pullCreatesRecords: false });
  });

  it('takes contacts and activities, and says what it does not offer', () => {
    expect(description.directions.contacts).toMatchObject({ import: true, export: true });
    expect(description.directions.activities).toMatchObject({ import: false, export: true, note: 'Coins sends list syncs only' });
    expect(description.directions.organisations.note).toBe('its interface knows prospects only');
    for (const type of dataTypes.filter((name) => name !== 'contacts' && name !== 'activities')) {
      expect(description.directions[type]).toMatchObject({ import: false, export: false });
    }
  });

  it('asks for one credential', () => {
    expect(description.credentialNames).toEqual(['apiToken']);
    expect(description.credentials.safeParse({ apiToken: 'x' }).success).toBe(true);
    for (const wrong of [{}, { apiToken: '' }, { apiToken: 'x', user: 'y' }]) expect(description.credentials.safeParse(wrong).success).toBe(false);
  });
});

describe('Settings', () => {
  it('have defaults for everything but the address', () => {
    expect(description.settings.parse({ baseUrl: 'https://coins.example/erp/' })).toEqual({
      baseUrl: 'https://coins.example/erp', timeZone: 'Europe/London', optInStrategy: 'both', defaultPermission: 'Consent to Receive Email Marketing',
      consentCodes: { EMAIL_MKT: 'Consent to Receive Email Marketing', SMS_MKT: 'Consent to Receive SMS Marketing' },
      listSyncParkAfterMinutes: 60, defaultCountry: 'GB', pullIntervalMinutes: 60, emailIsUserName: false,
    });
  });

  it('may be typed on a command line, and parsing them again changes nothing', () => {
    const typed = { baseUrl: 'http://localhost:8080', listSyncParkAfterMinutes: '5', pullIntervalMinutes: '1', consentCodes: '{"E":"Newsletter"}', permissionKey: 'permissions:2' };
    const settings = description.settings.parse(typed);
    expect(settings).toMatchObject({ listSyncParkAfterMinutes: 5, pullIntervalMinutes: 1, consentCodes: { E: 'Newsletter' }, permissionKey: 'permissions:2' });
    expect(description.settings.parse(settings)).toEqual(settings);
  });

  it.each([
    ['baseUrl', undefined], ['baseUrl', 'coins.example'], ['baseUrl', 'ftp://coins.example'], ['baseUrl', 'https://me:secret@coins.example'], ['baseUrl', 'https://coins.example/?a=1'],
    ['timeZone', 'Europe/Oakwold'], ['optInStrategy', 'some'], ['defaultPermission', ''], ['consentCodes', '{"A":"Same","B":"Same"}'], ['consentCodes', 'EMAIL_MKT'], ['consentCodes', { A: '' }],
    ['listSyncParkAfterMinutes', 0], ['listSyncParkAfterMinutes', ''], ['pullIntervalMinutes', 1.5], ['defaultCountry', 'uk'], ['permissionKey', ''], ['pullIntervall', 3],
  ])('that are wrong are refused: %s %j', (name, value) => {
    expect(description.settings.safeParse({ baseUrl: 'https://coins.example', [name]: value }).success).toBe(false);
  });

  it('that are wrong later are named', async () => {
    expect(await failureOf(() => settingsOf({ settings: { baseUrl: 'x' } }))).toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'baseUrl' } });
  });
});

describe('Permissions', () => {
  it('are fields with the names by which they are linked', async () => {
    const context = contextFor('https://coins.example');
    const fields = await coins.discoverFields?.(context);
    expect(fields?.find(({ name }) => name === 'consents')?.entries).toEqual([
      { key: 'consent:EMAIL_MKT', description: 'Consent to Receive Email Marketing' }, { key: 'consent:SMS_MKT', description: 'Consent to Receive SMS Marketing' },
    ]);
  });

  it('need a code for the default one before anything is called', async () => {
    const context = contextFor('http://127.0.0.1:9', { defaultPermission: 'Newsletter' });
    expect(await failureOf(() => coins.checkConnection(context))).toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'consentCodes' } });
  });

  it('are not read to check the connection: one prospect is asked for', async () => {
    const server = await startServer(() => ({ status: 200, json: { page: 1, pageCount: 0, prospects: [] } }));
    await coins.checkConnection(contextFor(server.url));
    expect(server.received.map(({ query }) => [query.get('page'), query.get('pageSize')])).toEqual([['1', '1']]);
    await server.close();
  });
});
