import { describe, expect, it } from '@jest/globals';
import { readInbox } from '../../platforms/coins/inbox.ts';
import { receive } from '../../platforms/coins/receive.ts';
import type { InboxContent } from '../../platforms/platform.ts';
import { card, contextFor, failureOf, inbound, listSync, now } from './coins-support.ts';

const british = contextFor('http://coins.example');

/** What becomes of a page on its way through the inbox, where it is JSON. */
function through(body: unknown, context = british): InboxContent {
  const event = receive(context, inbound(body));
  return readInbox(context, event.kind, JSON.parse(JSON.stringify(event.payload)), now);
}

function rowOf(fields: Record<string, unknown>, context = british) {
  const row = through(listSync({ prospects: [card(fields)] }), context).rows[0];
  if (row === undefined) throw new Error('there is no row');
  return row;
}

describe('A stored page of a list sync', () => {
  it('may create contacts, and names list, campaign, page and members', () => {
    const content = through(listSync({ prospects: [card({ prospectId: 'P2' }), card({ prospectId: 'P1' }), card({ prospectId: 'P2' }), card({ prospectId: 'P9', email: 1 })] }));
    expect(content.mayCreate).toBe(true);
    expect(content.listPage).toEqual({
      syncId: 'LS-000123', page: 1, pageCount: 3, list: { externalId: 'L-55', name: 'Oakwood launch', description: '' },
      campaign: { externalId: 'C-9', name: 'Spring 2027', startDate: '2027-03-01', endDate: '2027-04-30' }, memberIds: ['P2', 'P1'],
    });
    expect(content.rows.map((row) => row.externalId)).toEqual(['P2', 'P1', 'P2']);
  });

  it('keeps campaign dates as calendar dates in any time zone, or as unknown', () => {
    const campaign = { id: 'C-9', name: '', startDate: '2027-03-01' };
    expect(through(listSync({ campaign }), contextFor('http://coins.example', { timeZone: 'Pacific/Auckland' })).listPage?.campaign)
      .toEqual({ externalId: 'C-9', name: '', startDate: '2027-03-01', endDate: null });
    expect(through(listSync({ campaign: undefined })).listPage).not.toHaveProperty('campaign');
  });

  it('has no rows when a list is removed', () => {
    expect(readInbox(british, 'list-removed', { listId: 'L-55' }, now)).toEqual({ rows: [], mayCreate: false, removedListId: 'L-55' });
  });

  it.each([['list-sync', {}], ['list-removed', null], ['records-changed', {}], ['list-sync', { ...listSync(), prospects: [{ prospectId: 3 }] }]])(
    'is a mistake of the hub when it was not stored by receive: %s', async (kind, payload) => {
      expect(await failureOf(() => readInbox(british, kind, payload, now))).toMatchObject({ code: 'INTERNAL' });
    },
  );
});

describe('A prospect card as a row', () => {
  it('is told in canonical words, and beside them in the words of Coins', () => {
    const address = { line1: ' 5  Kiln Row ', line2: 'Flat 2', town: 'Leeds', county: 'West Yorkshire', postcode: 'LS1 4AP', country: 'gb' };
    const row = rowOf({ forename: ' Anna ', email: ' Anna@HILL.example ', mobile: '07700 900123', telephone: '0044 7700 900124', address, plot: '12', cid: '210' });
    expect(row.canonical).toEqual({
      title: 'Ms', firstName: 'Anna', lastName: 'Hill', email: 'anna@hill.example', mobile: '+447700900123', phone: '+447700900124',
      addressLine1: '5 Kiln Row', addressLine2: 'Flat 2', city: 'Leeds', region: 'West Yorkshire', postalCode: 'LS1 4AP', country: 'GB', owner: 'JS',
      'extra.developmentCode': 'OAKW', 'extra.plot': '12', 'extra.source': 'WEB', 'extra.levelOfInterest': 'HOT', 'extra.status': 'ACTIVE', 'extra.cid': '210',
    });
    expect(row.held).toEqual({
      title: 'Ms', forename: ' Anna ', surname: 'Hill', email: ' Anna@HILL.example ', mobile: '07700 900123', telephone: '0044 7700 900124',
      'address.line1': ' 5  Kiln Row ', 'address.line2': 'Flat 2', 'address.town': 'Leeds', 'address.county': 'West Yorkshire', 'address.postcode': 'LS1 4AP',
      'address.country': 'gb', 'consent:EMAIL_MKT': true, 'consent:SMS_MKT': false,
    });
  });

  it('names for each canonical field that can be written back the key it was read from', () => {
    const row = rowOf({});
    expect(row).toMatchObject({ dataType: 'contacts', externalId: 'P100234', heldKeyOf: { firstName: 'forename', lastName: 'surname', phone: 'telephone', city: 'address.town' } });
    for (const key of Object.values(row.heldKeyOf)) expect(row.held).toHaveProperty([key]);
  });

  it('says nothing of what is empty or only spaces, and holds it as empty', () => {
    const row = rowOf({ title: '', forename: null, surname: undefined, mobile: ' ', address: null, plot: null, salesAdviser: '' });
    expect(Object.keys(row.canonical).filter((name) => !name.startsWith('extra.'))).toEqual(['email']);
    expect(row.held).toMatchObject({ title: '', forename: '', surname: '', mobile: '', 'address.town': '' });
  });

  it('keeps what is no address, number or country as text of its own', () => {
    const row = rowOf({ email: 'anna hill@hill.example', mobile: '07700 900123', telephone: 'ask office', address: { country: 'Britain' } });
    expect(row.canonical).toMatchObject({ 'extra.emailRaw': 'anna hill@hill.example', mobile: '+447700900123', 'extra.telephoneRaw': 'ask office', 'extra.countryRaw': 'Britain' });
    for (const name of ['email', 'phone', 'country']) expect(row.canonical).not.toHaveProperty(name);
  });

  it('composes names that come decomposed, and reads UK as GB', () => {
    expect(rowOf({ forename: 'Zoë'.normalize('NFD'), address: { country: 'UK' } }).canonical).toMatchObject({ firstName: 'Zoë'.normalize('NFC'), country: 'GB' });
  });

  it('does not take the company of the page for one of the card, which a single read would not have', () => {
    expect(rowOf({}).canonical).not.toHaveProperty(['extra.cid']);
  });
});

describe('Stamps', () => {
  it.each([
    ['2026-11-20T09:12:00Z', '2026-11-20T09:12:00.000Z'], ['2026-11-20T09:12:00.5Z', '2026-11-20T09:12:00.500Z'],
    ['2026-11-20T09:12:00.123456Z', '2026-11-20T09:12:00.123Z'], ['2026-11-20T10:12:00+01:00', '2026-11-20T09:12:00.000Z'],
    ['2026-11-20T09:12:00', '2026-11-20T09:12:00.000Z'], ['2026-07-20T09:12:00', '2026-07-20T08:12:00.000Z'], ['2026-07-20T09:12', '2026-07-20T08:12:00.000Z'],
    ['2026-03-29T01:30:00', '2026-03-29T01:30:00.000Z'], ['2026-10-25T01:30:00', '2026-10-25T00:30:00.000Z'],
  ])('without an offset are in the connector\'s zone: %s is %s', (stamp, instant) => {
    expect(rowOf({ lastModified: stamp }).sourceTime).toBe(instant);
  });

  it('follow the zone that is set, and may be missing', () => {
    expect(rowOf({ lastModified: '2026-07-20T09:12:00' }, contextFor('http://coins.example', { timeZone: 'Europe/Amsterdam' })).sourceTime).toBe('2026-07-20T07:12:00.000Z');
    expect(rowOf({ lastModified: null }).sourceTime).toBeNull();
  });
});

describe('Consents', () => {
  const email = 'Consent to Receive Email Marketing';

  it('are statements with their own date, or with none', () => {
    expect(rowOf({}).consents).toEqual([
      { permission: email, granted: true, at: '2026-11-01T10:00:00.000Z', evidence: 'Coins prospect P100234, consent EMAIL_MKT', heldKey: 'consent:EMAIL_MKT' },
      { permission: 'Consent to Receive SMS Marketing', granted: false, at: null, evidence: 'Coins prospect P100234, consent SMS_MKT', heldKey: 'consent:SMS_MKT' },
    ]);
  });

  it('of a code that is not mapped are held and state nothing, whatever its name', () => {
    const consents = [{ code: 'POST', value: true, date: null }, { code: 'constructor', value: true, date: null }];
    expect(rowOf({ consents })).toMatchObject({ consents: [], held: { 'consent:POST': true, 'consent:constructor': true } });
  });

  it('follow the codes that are set, also when they are given as JSON text', () => {
    const context = contextFor('http://coins.example', { consentCodes: '{"E":"Newsletter"}' });
    expect(rowOf({ consents: [{ code: 'E', value: true, date: null }] }, context).consents).toMatchObject([{ permission: 'Newsletter', granted: true, at: null }]);
  });

  it.each([
    ['the newest', [['2026-01-01T00:00:00Z', true], ['2026-01-02T00:00:00Z', false]], false],
    ['the newest, in any order', [['2026-01-02T00:00:00Z', true], ['2026-01-01T00:00:00Z', false]], true],
    ['the withdrawal at equal times', [['2026-01-01T00:00:00Z', false], ['2026-01-01T01:00:00+01:00', true]], false],
    ['a dated one before one without a date', [['2026-01-01T00:00:00Z', true], [null, false]], true],
  ])('that a card names twice are both stated, and the card holds %s', (_title, entries, held) => {
    const row = rowOf({ consents: entries.map(([date, value]) => ({ code: 'EMAIL_MKT', value, date })) });
    expect(row.consents).toHaveLength(2);
    expect(row.held['consent:EMAIL_MKT']).toBe(held);
  });
});
