import { afterEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox, MailplusSandboxOptions } from '../../sandbox/mailplus/index.ts';
import { call, contactBody } from './mailplus-caller.ts';

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

  it('refuses two credentials with one key, and a port that is taken', async () => {
    await start({});
    const credential = { key: 'k', secret: 's', externalIdField: 'f' };
    await expect(startMailplusSandbox({ credentials: [credential, credential] })).rejects.toThrow('credential key');
    await expect(startMailplusSandbox({ port: sandbox.port })).rejects.toThrow('EADDRINUSE');
    await expect(startMailplusSandbox({ controlPort: sandbox.controlPort })).rejects.toThrow('EADDRINUSE');
  });
});
