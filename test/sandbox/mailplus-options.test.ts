import { afterEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox, MailplusSandboxOptions } from '../../sandbox/mailplus/index.ts';
import { call, contactBody, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
afterEach(() => sandbox.close());

async function start(options: MailplusSandboxOptions): Promise<void> {
  sandbox = await startMailplusSandbox(options);
}

async function post(externalId: string, properties: Readonly<Record<string, unknown>>): Promise<number> {
  return (await call(sandbox, 'POST', '/contact', { body: contactBody(externalId, properties) })).status;
}

describe('the account rules that can be chosen', () => {
  it('swaps contacts when the e-mail rule goes first and an id comes with another address', async () => {
    await start({ mergeRules: ['email', 'externalId'] });
    await post('1', { email: 'a@example.com' });
    await post('2', { email: 'b@example.com' });
    await post('1', { email: 'b@example.com', city: 'Breda' });
    expect(sandbox.state.contact({ email: 'b@example.com' })).toMatchObject({ externalIds: { externalId: '1' }, properties: { city: 'Breda' } });
    expect(sandbox.state.contact({ email: 'a@example.com' }).externalIds).toEqual({});
  });

  it('lets an address occur twice when only the external id decides', async () => {
    await start({ mergeRules: ['externalId'] });
    await post('1', { email: 'a@example.com' });
    await post('2', { email: 'A@example.com' });
    expect(sandbox.state.summary().contacts).toBe(2);
    const query = { MPSearchQuery: 'email=a@example.com', pageSize: '10' };
    expect((await call(sandbox, 'GET', '/contact/search', { query })).body).toMatchObject({ contacts: [{ externalId: '1' }, { externalId: '2' }] });
  });

  it('takes writes to bounced contacts when told to', async () => {
    for (const bouncedContactsRefuseWrites of [true, false]) {
      await start({ bouncedContactsRefuseWrites });
      await post('1', { email: 'a@example.com' });
      sandbox.state.bounce({ contact: { externalId: '1' }, type: 'HARDBOUNCE' });
      expect(await post('1', { city: 'Breda' })).toBe(bouncedContactsRefuseWrites ? 400 : 204);
      if (bouncedContactsRefuseWrites) await sandbox.close();
    }
  });

  it('moves lastChanged at an identical write when told to', async () => {
    await start({ identicalWritesMoveLastChanged: true });
    await post('1', { city: 'Breda' });
    const before = sandbox.state.contact({ externalId: '1' }).lastChanged;
    sandbox.state.setClockOffset(60_000);
    await post('1', { city: 'Breda' });
    expect(Date.parse(sandbox.state.contact({ externalId: '1' }).lastChanged)).toBeGreaterThan(Date.parse(before));
  });

  it('has the properties it is given, in place of the usual ones', async () => {
    await start({
      properties: [
        { name: 'mail', description: 'Mail', type: 'email' },
        { name: 'permissions', description: 'Permissions', type: 'set', entries: [{ bit: 3, description: 'News', rank: 1 }] },
      ],
      dates: 'epochMillis',
    });
    expect(await post('1', { mail: 'a@example.com', permissions: [{ bit: 3, enabled: true }] })).toBe(204);
    expect(await post('2', { email: 'b@example.com' })).toBe(400);
    expect((await call(sandbox, 'GET', '/contact/1')).body).toMatchObject({
      created: expect.any(Number),
      properties: { permissions: [{ bit: 3, description: 'News', enabled: true }] },
      channels: [{ name: 'EMAIL', value: true }, { name: 'SMS', value: false }],
    });
  });

  it('refuses an insert whose address is known when told to, and still merges an upsert', async () => {
    await start({ insertMergesByEmail: false });
    await post('1', { email: 'a@example.com' });
    const insert = (update: boolean) => call(sandbox, 'POST', '/contact', { body: contactBody('2', { email: 'A@example.com' }, { update }) });
    expect(refusal(await insert(false))).toEqual([400, 'CONTACT_ALREADY_EXISTS']);
    expect((await insert(true)).status).toBe(204);
    expect(sandbox.state.summary().contacts).toBe(1);
  });

  it('refuses two credentials with one key, and a port that is taken', async () => {
    await start({});
    const credential = { key: 'k', secret: 's', externalIdField: 'f' };
    await expect(startMailplusSandbox({ credentials: [credential, credential] })).rejects.toThrow('credential key');
    await expect(startMailplusSandbox({ port: sandbox.port })).rejects.toThrow('EADDRINUSE');
    await expect(startMailplusSandbox({ controlPort: sandbox.controlPort })).rejects.toThrow('EADDRINUSE');
  });
});

describe('the other ways in which Mail+ may answer', () => {
  it('says 403 for a bad key, and 400 for an unknown contact', async () => {
    await start({ authRefusalStatus: 403, unknownContactStatus: 400 });
    expect(refusal(await call(sandbox, 'GET', '/templist', { key: 'stranger' }))).toEqual([403, 'AUTH_NOT_FOUND']);
    expect(refusal(await call(sandbox, 'GET', '/templist', { secret: 'guess' }))).toEqual([403, 'NOT_AUTHORIZED']);
    for (const [method, path] of [['GET', '/contact/1'], ['PUT', '/contact/anonymize/1'], ['GET', '/contact/1/forms']] as const) {
      expect(refusal(await call(sandbox, method, path))).toEqual([400, 'CONTACT_NOT_FOUND']);
    }
    expect(refusal(await call(sandbox, 'PUT', '/contact/1', { body: contactBody('1', {}) }))).toEqual([400, 'CONTACT_NOT_FOUND']);
  });

  it('writes dates as seconds, on both bases', async () => {
    await start({ dates: 'epochSeconds' });
    sandbox.state.seedContacts([{ externalId: '1', created: '2024-03-01T12:00:00Z' }]);
    for (const base of [sandbox.url, `${sandbox.url}-1.1.0`]) {
      expect((await call(sandbox, 'GET', '/contact/1', { base })).body).toMatchObject({ created: 1_709_294_400 });
    }
  });

  it('pages with the offset of this page and a next on the last one, which leads to an end', async () => {
    await start({ pagingAfter: 'current', nextOnLastPage: true });
    sandbox.state.seedContacts(['1', '2', '3'].map((externalId) => ({ externalId, lastChanged: '2024-03-01' })));
    const page = async (after: string) => {
      const query = { fromDate: '2020-01-01', toDate: '2030-01-01', pageSize: '2', after };
      const { paging, contacts } = (await call(sandbox, 'GET', '/contact/updates/list', { query })).body as { paging: { next?: string; after?: number }; contacts: unknown[] };
      return [contacts.length, paging.after, paging.next === undefined ? undefined : new URL(paging.next).searchParams.get('after')];
    };
    expect([await page('0'), await page('2'), await page('3')]).toEqual([[2, 0, '2'], [1, 2, '3'], [0, undefined, undefined]]);
  });

  it('refuses audiences without a word, but names unknown contacts', async () => {
    await start({ emptyAudienceErrors: true });
    sandbox.state.groups.setAudiencesLicensed(false);
    const bare = await call(sandbox, 'POST', '/audience', { body: { externalId: 'A', name: 'A' } });
    expect([bare.status, bare.text, sandbox.state.journal()[0]?.errorType]).toEqual([403, '', 'NOT_AUTHORIZED']);
    sandbox.state.groups.setAudiencesLicensed(true);
    await call(sandbox, 'POST', '/audience', { body: { externalId: 'A', name: 'A' } });
    const add = (contacts: string[]) => call(sandbox, 'POST', '/audience/A/contact', { body: { contacts } });
    expect((await call(sandbox, 'GET', '/audience/B')).text).toBe('');
    expect((await call(sandbox, 'POST', '/audience', { body: { externalId: 'A', name: 'B' } })).text).toBe('');
    expect((await add(Array.from({ length: 2_501 }, () => 'x'))).text).toBe('');
    expect((await add(['x'])).body).toMatchObject({ externalContactIds: ['x'] });
    expect(refusal(await call(sandbox, 'PUT', '/audience/A', { body: { externalId: 'B', name: 'B' } }))).toEqual([400, 'INVALID_PARAMS']);
  });
});
