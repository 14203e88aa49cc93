import { describe, expect, it } from '@jest/globals';
import { receive } from '../../platforms/coins/receive.ts';
import { card, contextFor, failureOf, inbound, listSync, now } from './coins-support.ts';

const context = contextFor('http://coins.example');

function refusal(body: unknown, headers: Record<string, string> = { 'idempotency-key': 'LS-000123' }): Promise<unknown> {
  return failureOf(() => receive(context, inbound(body, { headers })));
}

describe('A page of a list sync', () => {
  it('is taken with an answer that counts, under a key of sync and page', () => {
    const event = receive(context, inbound(listSync({ page: 2, extraEnvelopeField: 1 })));
    expect(event).toMatchObject({ kind: 'list-sync', key: 'LS-000123:2', rejected: [] });
    expect(event.answer).toEqual({ status: 202, body: { syncId: 'LS-000123', accepted: 1, rejected: [] } });
  });

  it('keeps the cards as they came, with fields that the hub does not know', () => {
    const odd = card({ favouriteColour: 'green' });
    expect(receive(context, inbound(listSync({ prospects: [odd] }))).payload).toMatchObject({ syncId: 'LS-000123', prospects: [odd] });
  });

  it('may be empty, and may come without a campaign', () => {
    for (const campaign of [null, undefined]) {
      const event = receive(context, inbound(listSync({ prospects: [], campaign, page: 1, pageCount: 1 })));
      expect(event.answer.body).toEqual({ syncId: 'LS-000123', accepted: 0, rejected: [] });
    }
  });

  it.each([
    ['body', null], ['body', 'text'], ['body', []], ['body', 7],
    ['syncId', listSync({ syncId: undefined })], ['syncId', listSync({ syncId: '' })], ['syncId', listSync({ syncId: 12 })],
    ['syncId', listSync({ syncId: 'two words' })], ['syncId', listSync({ syncId: 'anna@hill.example' })],
    ['list', listSync({ list: undefined })], ['list.id', listSync({ list: { name: 'x' } })], ['list.name', listSync({ list: { id: 'L-1', name: '' } })],
    ['list.id', listSync({ list: { id: '..', name: 'x' } })],
    ['list.description', listSync({ list: { id: 'L-1', name: 'x', description: 4 } })],
    ['campaign', listSync({ campaign: 'Spring' })], ['campaign.id', listSync({ campaign: { name: 'Spring' } })],
    ['campaign.startDate', listSync({ campaign: { id: 'C-9', name: 'Spring', startDate: '2027-02-30' } })],
    ['campaign.endDate', listSync({ campaign: { id: 'C-9', name: 'Spring', endDate: '2027-03-01T00:00:00Z' } })],
    ['page', listSync({ page: 0 })], ['page', listSync({ page: 1.5 })], ['page', listSync({ page: '1' })], ['page', listSync({ page: 4 })],
    ['pageCount', listSync({ pageCount: null })], ['pageCount', listSync({ pageCount: 10_001 })],
    ['prospects', listSync({ prospects: undefined })], ['prospects', listSync({ prospects: {} })],
    ['prospects', listSync({ prospects: Array.from({ length: 5_001 }, () => card()) })],
  ])('is refused with the name of what is wrong in the envelope: %s', async (field, body) => {
    expect(await refusal(body)).toMatchObject({ code: 'REQUEST_INVALID', facts: { field }, message: expect.stringContaining(field === 'body' ? 'the body' : field) });
  });

  it('takes 5,000 prospects', () => {
    const prospects = Array.from({ length: 5_000 }, (_unused, index) => card({ prospectId: `P${index}` }));
    expect(receive(context, inbound(listSync({ prospects }))).answer.body).toMatchObject({ accepted: 5_000 });
  });

  it('needs an Idempotency-Key that is its sync id', async () => {
    expect(await refusal(listSync(), {})).toMatchObject({ code: 'REQUEST_INVALID', facts: { field: 'Idempotency-Key' }, message: expect.stringContaining('is missing') });
    expect(await refusal(listSync(), { 'idempotency-key': 'LS-000124' })).toMatchObject({ facts: { field: 'Idempotency-Key' }, message: expect.stringContaining('differs') });
  });
});

describe('A card that can not be taken', () => {
  const rejectedOf = (prospect: unknown) => {
    const event = receive(context, inbound(listSync({ prospects: [card({ prospectId: 'P1' }), prospect, card({ prospectId: 'P3' })] })));
    expect(event.answer.body).toMatchObject({ accepted: 2 });
    expect(event.payload).toMatchObject({ prospects: [{ prospectId: 'P1' }, { prospectId: 'P3' }] });
    expect(event.rejected).toHaveLength(1);
    expect(event.rejected[0]?.payload).toEqual(prospect);
    return { row: event.rejected[0], body: event.answer.body };
  };

  it.each([
    ['email', card({ email: 4711 })], ['forename', card({ forename: { first: 'Anna' } })], ['mobile', card({ mobile: 447700900123 })],
    ['address', card({ address: 'Kiln Row 5' })], ['address.town', card({ address: { town: ['Leeds'] } })], ['plot', card({ plot: 12 })],
    ['consents', card({ consents: 'yes' })], ['consents[0]', card({ consents: [null] })], ['consents[0].code', card({ consents: [{ value: true, date: null }] })],
    ['consents[1].value', card({ consents: [{ code: 'A', value: true, date: null }, { code: 'EMAIL_MKT', value: 'Y', date: null }] })],
    ['consents[0].date', card({ consents: [{ code: 'EMAIL_MKT', value: true, date: 'last Tuesday' }] })],
    ['consents[0].date', card({ consents: [{ code: 'EMAIL_MKT', value: true, date: '2026-02-30T10:00:00Z' }] })],
    ['lastModified', card({ lastModified: 20250630 })], ['lastModified', card({ lastModified: '2026-11-20' })],
  ])('is rejected by itself with the path: %s', (path, prospect) => {
    const { row, body } = rejectedOf(prospect);
    expect(row).toMatchObject({ dataType: 'contacts', externalId: 'P100234', path, code: 'RECORD_INVALID', reason: expect.stringContaining(path) });
    expect(body).toMatchObject({ rejected: [{ prospectId: 'P100234', reason: row?.reason }] });
  });

  it.each([
    ['prospectId', card({ prospectId: undefined })], ['prospectId', card({ prospectId: '' })], ['prospectId', card({ prospectId: '.' })],
    ['prospectId', card({ prospectId: 'anna@hill.example' })], ['', null], ['', 'P100234'], ['', [card()]],
  ])('is rejected without an id, but with its place on the page, when it names none', (path, prospect) => {
    expect(rejectedOf(prospect).row).toMatchObject({ externalId: '', path, reason: expect.stringMatching(/^prospects\[1\]: /) });
  });

  it('is named by a number that stands where the id should be a text', () => {
    expect(rejectedOf(card({ prospectId: 100234 })).row).toMatchObject({ externalId: '100234', path: 'prospectId' });
  });

  it.each([
    ['nothing at all', { email: '', mobile: null, telephone: undefined }], ['only spaces', { email: ' \u00a0 ', mobile: ' ', telephone: '' }],
    ['an invalid address and no number', { email: 'anna.hill.example', mobile: '', telephone: 'n/a' }],
  ])('is rejected when nobody can be reached with it: %s', (_title, fields) => {
    expect(rejectedOf(card(fields)).row).toMatchObject({ externalId: 'P100234', code: 'NO_MATCH_KEY', reason: 'no email and no phone' });
  });

  it('says why without repeating what stands in the card', () => {
    const secret = card({ email: { of: 'anna@hill.example' }, consents: [{ code: 'EMAIL_MKT', value: true, date: 'Anna said so' }] });
    expect(JSON.stringify(rejectedOf(secret).body)).not.toMatch(/anna/i);
  });
});

describe('A card that can be reached', () => {
  it.each([
    ['by a mobile beside an invalid address', { email: 'anna@home@hill.example', mobile: '07700 900123' }],
    ['by a telephone only', { email: '', mobile: '', telephone: '(07700) 900 123' }],
    ['by an address beside an invalid number', { mobile: 'ask office' }],
  ])('is taken: %s', (_title, fields) => {
    expect(receive(context, inbound(listSync({ prospects: [card(fields)] }))).answer.body).toMatchObject({ accepted: 1, rejected: [] });
  });

  it('is read with the default country of the connector', () => {
    const dutch = inbound(listSync({ prospects: [card({ email: '', mobile: '0612345678' })] }));
    expect(receive(contextFor('http://coins.example', { defaultCountry: 'NL' }), dutch).answer.body).toMatchObject({ accepted: 1 });
  });

  it('may leave out what it does not know', () => {
    const bare = { prospectId: 'P1', email: 'anna@hill.example' };
    expect(receive(context, inbound(listSync({ prospects: [bare] }))).answer.body).toMatchObject({ accepted: 1 });
  });
});

describe('Text that the database can not store', () => {
  it('is cleaned in cards, rejects and envelope, and nobody is refused for it', () => {
    const prospects = [card({ forename: 'An\u0000na', surname: 'Hill \ud83d\ude00' }), card({ email: 1, forename: 'B\ud800ob' })];
    const event = receive(context, inbound(listSync({ list: { id: 'L-55', name: 'Oak\u0000wood' }, prospects })));
    expect(event.payload).toMatchObject({ list: { name: 'Oakwood' }, prospects: [{ forename: 'Anna', surname: 'Hill \ud83d\ude00' }] });
    expect(event.rejected[0]?.payload).toMatchObject({ forename: 'B\ufffdob' });
  });
});

describe('The removal of a list', () => {
  const remove = (path: string) => receive(context, inbound(undefined, { method: 'DELETE', path, headers: {} }));

  it('names the list, and may be repeated', () => {
    expect(remove('/lists/L-55')).toEqual({
      kind: 'list-removed', key: `L-55:${now}`, payload: { listId: 'L-55' }, rejected: [], answer: { status: 202, body: { listId: 'L-55' } },
    });
  });

  it('reads an escaped id', () => {
    expect(remove('/lists/L%2F5%C3%A9').payload).toEqual({ listId: 'L/5é' });
  });

  it.each(['/lists/%E0%A4%A', '/lists/a%40b', '/lists/%2e%2e', '/lists/a%20b'])('refuses a path with no id: %s', async (path) => {
    expect(await failureOf(() => remove(path))).toMatchObject({ code: 'REQUEST_INVALID', facts: { field: 'listId' } });
  });

  it.each([['GET', '/list-syncs'], ['POST', '/lists/L-1']])('refuses %s %s', async (method, path) => {
    expect(await failureOf(() => receive(context, inbound(listSync(), { method, path })))).toMatchObject({ code: 'REQUEST_INVALID', facts: { field: 'method' } });
  });

  it.each(['/', '', '/lists', '/lists/', '/lists/a/b', '/list-syncs/'])('does not know other paths: %s', async (path) => {
    expect(await failureOf(() => remove(path))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
