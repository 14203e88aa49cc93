import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { accountFields } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';
import { sendJson, startRawServer } from './raw-server.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => { sandbox = await startMailplusSandbox(); });
afterEach(() => sandbox.close());

type Kind = 'contact.anonymise' | 'contact.inactivate';
const actAt = (baseUrl: string, kind: Kind, externalId: string, address: string | null = null) =>
  mailplus.act(mailplusContext(baseUrl, { fields: accountFields }), { id: 1, kind, target: '12', cause: 'erase/1/1', payload: { externalId, address, newId: 'hub-1' } });
const act = (kind: Kind, externalId: string, address: string | null = null) => actAt(sandbox.url, kind, externalId, address);
const calls = () => Object.entries(sandbox.state.counters()).flatMap(([name, { calls: count }]) => (name.includes('contact/') || name.includes('/contact') ? [[name, count]] : []));

describe.each([['contact.anonymise', 'anonymised'], ['contact.inactivate', 'inactivated']] as const)('%s', (kind, effect) => {
  it('is carried out and read back, has one effect however often it is sent, and takes one call each', async () => {
    sandbox.state.seedContacts([{ externalId: 'P 1/x', properties: { email: 'ann@people.example' } }]);
    expect(await act(kind, 'P 1/x')).toMatchObject({ kind: 'done', note: expect.stringContaining('read back') });
    expect(calls().reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2);
    expect(await act(kind, 'P 1/x')).toMatchObject({ kind: 'done' });
    expect(sandbox.state.effects().totals[effect]).toBe(1);
  });

  it('is done where Mail+ does not know the contact', async () => {
    expect(await act(kind, 'nobody')).toEqual({ kind: 'done', note: expect.stringContaining('does not know') });
  });

  it('gives a contact without an id one first, by its address; without an address it is left to a person', async () => {
    sandbox.state.seedContacts([{ properties: { email: 'eve@people.example' } }]);
    expect(await act(kind, 'enc:abc')).toMatchObject({ kind: 'refused', message: expect.stringContaining('by hand') });
    expect(await act(kind, 'enc:abc', 'eve@people.example')).toMatchObject({ kind: 'done' });
    expect([...sandbox.state.contacts()]).toHaveLength(1);
    expect(sandbox.state.effects().totals[effect]).toBe(1);
  });

  it('meets a contact without an id that is on the blacklist: nothing is left to inactivate, and a person anonymises', async () => {
    sandbox.state.seedContacts([{ properties: { email: 'out@people.example' } }]);
    sandbox.state.inactivate({ contact: { email: 'out@people.example' } });
    expect(await act(kind, 'enc:abc', 'out@people.example')).toMatchObject(kind === 'contact.inactivate' ? { kind: 'done', note: expect.stringContaining('already') } : { kind: 'refused', message: expect.stringContaining('by hand') });
  });

  it('is not taken for done where the address of the API is wrong', async () => {
    await expect(actAt(`${sandbox.url}/nowhere`, kind, 'P1')).rejects.toMatchObject({ name: 'HubError' });
    const html = await startRawServer((_, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'));
    await expect(actAt(html.url, kind, 'P1')).rejects.toMatchObject({ name: 'HubError' });
    await html.close();
  });
});

describe('reading back', () => {
  const answering = (contact: object) => startRawServer((request, response) => (request.method === 'GET' ? sendJson(response, 200, contact) : void response.writeHead(204).end()));

  it('asks for another look while the address or an open channel is shown', async () => {
    const server = await answering({ externalId: 'P1', properties: { email: 'ann@people.example' }, channels: [{ name: 'EMAIL', value: true }] });
    expect(await actAt(server.url, 'contact.anonymise', 'P1')).toEqual({ kind: 'later', reason: expect.stringContaining('still shows') });
    expect(await actAt(server.url, 'contact.inactivate', 'P1')).toEqual({ kind: 'later', reason: expect.stringContaining('can be mailed') });
    await server.close();
  });

  it('takes an anonymised contact that can still be read for done when it has no address', async () => {
    const server = await answering({ externalId: 'P1', properties: { email: null } });
    expect(await actAt(server.url, 'contact.anonymise', 'P1')).toMatchObject({ kind: 'done' });
    expect(await actAt(server.url, 'contact.inactivate', 'P1')).toEqual({ kind: 'done', note: expect.stringContaining('does not show') });
    await server.close();
  });
});
