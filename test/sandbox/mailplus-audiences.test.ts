import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, control, olderBase, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox({ maxAudiences: 3 });
  sandbox.state.seedContacts([1, 2, 3].map((number) => ({ externalId: `P${number}`, properties: { email: `p${number}@example.com` } })));
});
afterEach(() => sandbox.close());

const audience = { externalId: 'guests', name: 'Guests', description: 'Who comes to the dinner' };
const post = (path: string, body: unknown) => call(sandbox, 'POST', path, { body });
const create = (fields: object = {}) => post('/audience', { ...audience, ...fields });
const members = () => sandbox.state.groups.audiences()[0]?.members.map(({ email }) => email);

describe('audiences', () => {
  it('are created, shown, changed and deleted', async () => {
    const created = await create();
    const shown = { ...audience, createDate: expect.any(String), changeDate: expect.any(String) };
    expect([created.status, created.body]).toEqual([200, shown]);
    expect((await call(sandbox, 'GET', '/audience/guests')).body).toEqual(shown);
    const changed = await call(sandbox, 'PUT', '/audience/guests', { body: { externalId: 'guests', name: 'All guests' } });
    expect([changed.status, changed.body]).toMatchObject([200, { externalId: 'guests', name: 'All guests' }]);
    expect(changed.body).not.toHaveProperty('description');
    expect((await call(sandbox, 'DELETE', '/audience/guests')).status).toBe(204);
    expect(refusal(await call(sandbox, 'GET', '/audience/guests'))).toEqual([404, 'RESOURCE_NOT_FOUND']);
    expect(sandbox.state.effects().totals).toMatchObject({ audiencesCreated: 1, audiencesDeleted: 1 });
  });

  it('show their dates as numbers on the older base', async () => {
    await create();
    await post('/audience/guests/contact', { contacts: ['P1'] });
    const { body } = await call(sandbox, 'GET', '/audience/guests', { base: olderBase(sandbox) });
    const number: unknown = expect.any(Number);
    expect(body).toEqual({ ...audience, createDate: number, changeDate: number, lastContactAddedAt: number, lastSyncDate: number });
  });

  it.each([
    ['no name', { name: '' }, 'INVALID_PARAMS'],
    ['no id', { externalId: undefined }, 'INVALID_PARAMS'],
    ['a name of 256 characters', { name: 'x'.repeat(256) }, 'INVALID_PARAMS'],
    ['an id of 256 characters', { externalId: 'x'.repeat(256) }, 'INVALID_PARAMS'],
    ['a used id', { name: 'Other' }, 'ID_NOTUNIQUE'],
    ['a used name', { externalId: 'other' }, 'NAME_ALREADY_IN_USE'],
  ])('are refused with %s', async (_what, fields, errorType) => {
    await create();
    expect(refusal(await create(fields))).toEqual([417, errorType]);
    expect(sandbox.state.groups.audiences()).toHaveLength(1);
  });

  it('take a name and an id of 255 characters, and stop at the maximum', async () => {
    expect((await create({ externalId: 'i'.repeat(255), name: 'n'.repeat(255) })).status).toBe(200);
    await create();
    await create({ externalId: '3', name: '3' });
    expect(refusal(await create({ externalId: '4', name: '4' }))).toEqual([417, 'INVALID_STATE']);
  });

  it('refuse a change of the id, a used name, and deleting one in use', async () => {
    await create();
    await create({ externalId: 'other', name: 'Other' });
    const put = (body: unknown) => call(sandbox, 'PUT', '/audience/guests', { body });
    expect(refusal(await put({ externalId: 'other', name: 'Guests' }))).toEqual([400, 'INVALID_PARAMS']);
    expect(refusal(await put({ externalId: 'guests', name: 'Other' }))).toEqual([417, 'NAME_ALREADY_IN_USE']);
    await control(sandbox, 'PUT', '/audiences/guests/in-use', { inUse: true });
    expect(refusal(await call(sandbox, 'DELETE', '/audience/guests'))).toEqual([417, 'INVALID_STATE']);
  });

  it('are all 403 without the licence', async () => {
    await create();
    await control(sandbox, 'PUT', '/licence', { audiences: false });
    const calls = [
      ['POST', '/audience'], ['GET', '/audience/guests'], ['PUT', '/audience/guests'], ['DELETE', '/audience/guests'],
      ['POST', '/audience/guests/contact'], ['DELETE', '/audience/guests/contact'],
    ] as const;
    for (const [method, path] of calls) {
      expect([method, path, ...refusal(await call(sandbox, method, path))]).toEqual([method, path, 403, 'NOT_AUTHORIZED']);
    }
    sandbox.state.groups.setAudiencesLicensed(true);
    expect((await call(sandbox, 'GET', '/audience/guests')).status).toBe(200);
  });
});

describe('members of an audience', () => {
  beforeEach(() => create());

  it('are added, removed one by one, and removed all by a call without a body', async () => {
    expect((await post('/audience/guests/contact', { contacts: ['P1', 'P2', 'P3'] })).status).toBe(204);
    await post('/audience/guests/contact', { contacts: ['P1'] });
    expect((await call(sandbox, 'DELETE', '/audience/guests/contact', { body: { contacts: ['P2'] } })).status).toBe(204);
    expect(members()).toEqual(['p1@example.com', 'p3@example.com']);
    expect((await call(sandbox, 'DELETE', '/audience/guests/contact')).status).toBe(204);
    expect(members()).toEqual([]);
    expect(sandbox.state.effects().totals).toMatchObject({ audienceMembersAdded: 3, audienceMembersRepeated: 1, audienceMembersRemoved: 3 });
  });

  it.each(['POST', 'DELETE'])('are left as they are by a %s that names unknown ones', async (method) => {
    await post('/audience/guests/contact', { contacts: ['P1'] });
    const answer = await call(sandbox, method, '/audience/guests/contact', { body: { contacts: ['P1', 'X1', 'P2', 'X2'] } });
    expect([answer.status, answer.body]).toEqual([404, {
      errorType: 'CONTACT_NOT_FOUND', message: expect.any(String), externalContactIds: ['X1', 'X2'],
    }]);
    expect(members()).toEqual(['p1@example.com']);
  });

  it.each(['POST', 'DELETE'])('are 413 in a %s of 2,501, and taken in one of 2,500', async (method) => {
    const many = Array.from({ length: 2_501 }, () => 'P1');
    expect(refusal(await call(sandbox, method, '/audience/guests/contact', { body: { contacts: many } }))).toEqual([413, 'INVALID_PARAMS']);
    expect((await call(sandbox, method, '/audience/guests/contact', { body: { contacts: many.slice(1) } })).status).toBe(204);
  });

  it('are gone when the contact is anonymised, and 404 without the audience', async () => {
    await post('/audience/guests/contact', { contacts: ['P1', 'P2'] });
    await call(sandbox, 'PUT', '/contact/anonymize/P1');
    expect(members()).toEqual(['p2@example.com']);
    expect(refusal(await post('/audience/nobody/contact', { contacts: ['P1'] }))).toEqual([404, 'RESOURCE_NOT_FOUND']);
    expect(refusal(await post('/audience/guests/contact', { contacts: 'P1' }))).toEqual([400, 'INVALID_PARAMS']);
  });
});

describe('a temporary list in use', () => {
  it('is refused with the other status when told to', async () => {
    const strict = await startMailplusSandbox({ temporaryListInUseStatus: 417 });
    await call(strict, 'POST', '/templist', { body: { externalTemporaryListId: 'L', name: 'L' } });
    strict.state.setListInUse('L', true);
    const answer = await call(strict, 'DELETE', '/templist/L');
    await strict.close();
    expect(refusal(answer)).toEqual([417, 'INVALID_STATE']);
  });
});
