import { afterEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem, DeliveryOutcome } from '../../platforms/platform.ts';
import { accountFields, knownContact, newContact } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';
import { sendJson, startRawServer, type RawServer } from './raw-server.ts';

interface SentBatch {
  readonly update: unknown;
  readonly purge: unknown;
  readonly contacts: readonly { readonly externalId: string; readonly properties: Readonly<Record<string, unknown>> }[];
}

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Delivers to a Mail+ that answers each batch so; a number is a refusal of the whole batch. */
async function deliver(items: readonly DeliveryItem[], answer: (batch: SentBatch, call: number) => unknown): Promise<{ outcomes: readonly DeliveryOutcome[]; batches: SentBatch[] }> {
  const batches: SentBatch[] = [];
  const server = await startRawServer((request, response) => {
    const batch = JSON.parse(request.body) as SentBatch;
    batches.push(batch);
    const body = answer(batch, batches.length);
    if (typeof body === 'number') sendJson(response, body, { errorType: 'INVALID_PARAMS', message: 'A value is wrong' });
    else sendJson(response, 200, body);
  });
  servers.push(server);
  const outcomes = await mailplus.deliver(mailplusContext(server.url, { fields: accountFields }), 'contacts', items);
  return { outcomes, batches };
}

const ok = (batch: SentBatch): unknown => batch.contacts.map(({ externalId }) => ({ externalId, code: 'OK' }));
const email = 'ann@example.com';

describe('delivering contacts to Mail+', () => {
  it('sends only what changed, with the switches of a set together', async () => {
    const { outcomes, batches } = await deliver([
      knownContact('1', { city: 'Utrecht', lastName: null, 'permissions:1': false, 'permissions:2': true, 'list1:1': true }),
    ], ok);
    expect(outcomes).toEqual([{ kind: 'stored' }]);
    expect(batches).toEqual([{ update: true, purge: false, contacts: [{
      externalId: '1',
      properties: { city: 'Utrecht', lastName: null, permissions: [{ bit: 1, enabled: false }, { bit: 2, enabled: true }], list1: [{ bit: 1, enabled: true }] },
    }] }]);
  });

  it('sends what finds a contact beside what changed', async () => {
    const { batches } = await deliver([newContact('1', { email, city: 'Utrecht' }), { ...newContact('2', { city: 'Gouda' }, { email }), alternateId: 'hT3k' }], ok);
    expect(batches[0]?.contacts).toEqual([
      { externalId: '1', properties: { email, city: 'Utrecht' } }, { externalId: '2', properties: { email, city: 'Gouda' } },
    ]);
  });

  it('asks nothing of Mail+ for a contact that it could not find or reach', async () => {
    const { outcomes, batches } = await deliver([newContact('1', { city: 'Utrecht' }), knownContact('enc:hT3k', { city: 'Utrecht' })], ok);
    expect(batches).toEqual([]);
    expect(outcomes).toEqual([expect.objectContaining({ kind: 'refused', code: 'RECORD_REFUSED', field: 'email' }), expect.objectContaining({ kind: 'refused', code: 'RECORD_REFUSED' })]);
  });

  it('sends batches of a hundred and keeps the order of the outcomes', async () => {
    const items = Array.from({ length: 250 }, (_, index) => (index === 120 ? newContact('120', {}) : knownContact(String(index), { city: 'Utrecht' })));
    const { outcomes, batches } = await deliver(items, (batch) => batch.contacts.map(({ externalId }) => ({ externalId, code: externalId === '130' ? 'CONTACT_UNKNOWN' : 'OK' })));
    expect(batches.map(({ contacts }) => contacts.length)).toEqual([100, 100, 49]);
    expect(outcomes.flatMap((outcome, index) => (outcome.kind === 'stored' ? [] : [index]))).toEqual([120, 130]);
  });

  it.each([
    ['PROPERTY_INVALID', 'Property is invalid: birthday', { code: 'RECORD_REFUSED', field: 'birthday' }],
    ['PROPERTY_INVALID', 'Email is invalid', { code: 'RECORD_REFUSED', field: 'email' }],
    ['PROPERTY_INVALID', 'Property is invalid', { code: 'RECORD_REFUSED' }],
    ['CONTACT_OPTOUT', null, { code: 'RECORD_OPTED_OUT' }],
    ['CONTACT_UNKNOWN', undefined, { code: 'RECORD_GONE' }],
    ['NO_ACTIVE_CHANNEL', '', { code: 'RECORD_REFUSED' }],
    ['CONTACT_ALREADY_EXISTS', '', { code: 'RECORD_REFUSED' }],
    ['SOMETHING_NEW', '', { code: 'RECORD_REFUSED' }],
  ])('makes an outcome of %s «%s»', async (platformCode, message, expected) => {
    const { outcomes: [outcome] } = await deliver([newContact('1', { email, birthday: '1980-05-01' })], () => [{ externalId: '1', code: platformCode, message }]);
    expect(outcome).toMatchObject({ kind: 'refused', platformCode, ...expected });
    expect('field' in expected || !Object.hasOwn(outcome ?? {}, 'field')).toBe(true);
  });

  it.each([
    ['PROPERTY_INVALID', 'Email is invalid: another contact has this address', 'other', { code: 'CONTACT_SWITCHED', switchedTo: 'other' }],
    ['CONTACT_ALREADY_EXISTS', '', 'other', { code: 'CONTACT_SWITCHED', switchedTo: 'other' }],
    ['PROPERTY_INVALID', 'Email is invalid', 'own', { code: 'RECORD_REFUSED', field: 'email' }],
    ['PROPERTY_INVALID', 'Email is invalid', undefined, { code: 'RECORD_REFUSED', field: 'email' }],
  ])('looks who has the id when it answers %s «%s», and Mail+ shows the contact %s', async (platformCode, message, holder, expected) => {
    const asked: string[] = [];
    const server = await startRawServer((request, response) => {
      asked.push(`${request.method} ${request.url.split('?')[0] ?? ''}`);
      if (request.method === 'POST') sendJson(response, 200, [{ externalId: '1', code: platformCode, message }, { externalId: '2', code: 'PROPERTY_INVALID', message: 'Property is invalid: birthday' }]);
      else if (holder === undefined) sendJson(response, 404, { errorType: 'CONTACT_NOT_FOUND', message: 'Contact not found' });
      else sendJson(response, 200, { externalId: '1', encryptedId: holder, properties: {} });
    });
    servers.push(server);
    const items = [{ ...knownContact('1', { email }), alternateId: 'own' }, { ...knownContact('2', { birthday: '1980-05-01' }), alternateId: 'own-2' }];
    const outcomes = await mailplus.deliver(mailplusContext(server.url, { fields: accountFields }), 'contacts', items);
    expect(outcomes).toMatchObject([{ kind: 'refused', ...expected }, { kind: 'refused', code: 'RECORD_REFUSED', field: 'birthday' }]);
    expect(asked).toEqual(['POST /contact/list', 'GET /contact/1']);
  });

  it('shows Mail+\'s words without addresses and numbers', async () => {
    const { outcomes: [outcome] } = await deliver([newContact('1', { email })], () => [{ externalId: '1', code: 'PROPERTY_INVALID', message: `Email is invalid: ${email} or +31 6 12345678` }]);
    expect(outcome).toMatchObject({ message: expect.stringContaining('«Email is invalid: <e-mail> or <number>»') });
  });

  it('asks once more for those that Mail+ itself failed on', async () => {
    const items = [knownContact('1', { city: 'A' }), knownContact('2', { city: 'B' }), knownContact('3', { city: 'C' })];
    const { outcomes, batches } = await deliver(items, (batch, call) => batch.contacts.map(({ externalId }) => (
      { externalId, code: externalId === '3' || (externalId === '2' && call === 1) ? 'ERROR' : 'OK', message: 'Backend' })));
    expect(batches.map(({ contacts }) => contacts.map(({ externalId }) => externalId))).toEqual([['1', '2', '3'], ['2', '3']]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'refused']);
  });

  it('halves a batch that is refused as a whole until the one to blame stands alone', async () => {
    const items = Array.from({ length: 40 }, (_, index) => knownContact(String(index), { city: 'Utrecht' }));
    const { outcomes, batches } = await deliver(items, (batch) => (batch.contacts.some(({ externalId }) => externalId === '17') ? 400 : ok(batch)));
    expect(outcomes.flatMap((outcome, index) => (outcome.kind === 'stored' ? [] : [index]))).toEqual([17]);
    expect(outcomes[17]).toMatchObject({ code: 'RECORD_REFUSED', platformCode: 'INVALID_PARAMS', message: expect.stringContaining('A value is wrong') });
    expect(batches.length).toBeLessThan(15);
  });

  it('takes results in any order by their ids, and in the right order without ids', async () => {
    const items = [knownContact('1', { city: 'A' }), knownContact('2', { city: 'B' })];
    const turned = await deliver(items, () => [{ externalId: '2', code: 'CONTACT_UNKNOWN' }, { externalId: '1', code: 'OK' }]);
    expect(turned.outcomes.map(({ kind }) => kind)).toEqual(['stored', 'refused']);
    const nameless = await deliver(items, () => [{ code: 'OK' }, { code: 'CONTACT_UNKNOWN' }]);
    expect(nameless.outcomes.map(({ kind }) => kind)).toEqual(['stored', 'refused']);
  });

  it.each([[[]], [[{ externalId: '1', code: 'OK' }]], [[{ externalId: '1', code: 'OK' }, { externalId: '9', code: 'OK' }]], [{}], ['OK'], [[{ externalId: '1' }, { externalId: '2' }]], [null]])(
    'does not guess what became of a contact from %j', async (answer) => {
      const items = [knownContact('1', { city: 'A' }), knownContact('2', { city: 'B' })];
      await expect(deliver(items, () => answer)).rejects.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', facts: { mayHaveStored: true } });
    });

  it('blames the address when Mail+ does not know the method', async () => {
    await expect(deliver([knownContact('1', { city: 'A' })], () => 404)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });

  it('keeps personal data out of what it throws', async () => {
    const failed = await deliver([newContact('1', { email })], () => 'rubbish').catch((error: unknown) => error);
    expect(`${String(failed)} ${JSON.stringify(failed)}`).not.toContain('ann@');
  });
});
