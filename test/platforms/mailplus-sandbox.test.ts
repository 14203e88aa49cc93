import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { PlatformContext, SourcePage } from '../../platforms/platform.ts';
import { walkPages } from '../../platforms/pagination.ts';
import { startMailplusSandbox, type MailplusSandbox, type MailplusSandboxOptions } from '../../sandbox/mailplus/index.ts';
import { always, knownContact, newContact, streamOf } from './mailplus-account.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';

let sandbox: MailplusSandbox;
const restart = async (options: MailplusSandboxOptions): Promise<void> => {
  await sandbox.close();
  sandbox = await startMailplusSandbox(options);
};
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

const contextOf = async (changes: ContextChanges = {}): Promise<PlatformContext> => {
  const context = mailplusContext(sandbox.url, changes);
  return { ...context, fields: await mailplus.discoverFields(context) };
};
const seed = (count: number): void => {
  sandbox.state.seedContacts(Array.from({ length: count }, (_, index) => ({
    externalId: `c${index}`, properties: { email: `c${index}@example.com` }, created: '2020-01-01T00:00:00Z', lastChanged: Date.parse('2026-01-01T00:00:00Z') + index * 1_000,
  })));
};
/** Ids of all contacts, by pages of `pageSize`; `between` runs after each page. */
async function readAll(context: PlatformContext, pageSize: number, between: (page: SourcePage) => void = () => undefined): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of walkPages((token) => mailplus.readPage(context, { ...streamOf('contacts'), pageSize }, always, token))) {
    ids.push(...page.rows.map(({ externalId }) => externalId));
    between(page);
  }
  return ids;
}

describe('Mail+ against the sandbox', () => {
  it('checks the connection with a signed call', async () => {
    const { notes } = await mailplus.checkConnection(mailplusContext(sandbox.url));
    expect(notes.join(' ')).toContain('external id');
  });

  it('says what to do in Mail+ when the secret is wrong', async () => {
    const context = mailplusContext(sandbox.url, { credentials: { key: 'sandbox-key', secret: 'wrong' } });
    await expect(mailplus.checkConnection(context)).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED', message: expect.stringContaining('REST API') });
  });

  it('stores contacts, reads them back as they are held, and finds nothing to store again', async () => {
    const context = await contextOf();
    const canonical = { email: 'ann@example.com', firstName: 'Ann', country: 'GB', mobile: '+447700900123', birthDate: '1980-05-01', firstPurchaseAt: '2026-01-02T02:04:05.000Z' };
    const { fields } = mailplus.project(context, 'contacts', { canonical, provenance: {}, consent: {} });
    const outcomes = await mailplus.deliver(context, 'contacts', [newContact('1', { ...fields, 'permissions:2': true }), newContact('2', { email: 'not an address' })]);
    expect(outcomes).toEqual([{ kind: 'stored' }, expect.objectContaining({ kind: 'refused', code: 'RECORD_REFUSED', platformCode: 'PROPERTY_INVALID', field: 'email' })]);
    const page = await mailplus.readPage(context, streamOf('contacts'), always, undefined);
    expect(page.rows).toMatchObject([{ externalId: '1', canonical, held: { ...fields, 'permissions:1': false, 'permissions:2': true, 'permissions:4': false } }]);
    await expect(mailplus.readRecords(context, 'contacts', ['1', 'nobody'])).resolves.toMatchObject({ rows: [{ externalId: '1' }, { externalId: 'nobody', deleted: true }] });
  });

  it('changes only what it is told to, and the same call twice changes nothing more', async () => {
    const context = await contextOf();
    await mailplus.deliver(context, 'contacts', [newContact('1', { email: 'ann@example.com', city: 'Leeds', 'permissions:1': true, 'permissions:2': true })]);
    for (let time = 0; time < 2; time += 1) await mailplus.deliver(context, 'contacts', [knownContact('1', { city: null, 'permissions:2': false })]);
    expect(sandbox.state.contact({ externalId: '1' })).toMatchObject({ email: 'ann@example.com', changingUpserts: 2, identicalUpserts: 1 });
    const { rows: [row] } = await mailplus.readRecords(context, 'contacts', ['1']);
    expect(row?.held).toMatchObject({ 'permissions:1': true, 'permissions:2': false });
    expect(row?.held).not.toHaveProperty('city');
  });

  it('gives a contact that Mail+ has already our id, found by its address', async () => {
    sandbox.state.seedContacts([{ properties: { email: 'ann@example.com', city: 'Leeds' } }]);
    const context = await contextOf();
    expect(await readAll(context, 10)).toEqual([expect.stringMatching(/^enc:/)]);
    await mailplus.deliver(context, 'contacts', [{ ...newContact('77', { lastName: 'Hill' }, { email: 'ann@example.com' }) }]);
    expect(await readAll(context, 10)).toEqual(['77']);
    expect(sandbox.state.summary().contacts).toBe(1);
  });

  it('tells a blacklisted contact apart', async () => {
    seed(1);
    sandbox.state.inactivate({ contact: { externalId: 'c0' }, reason: 'complaint' });
    await expect(mailplus.deliver(await contextOf(), 'contacts', [knownContact('c0', { city: 'Leeds' })])).resolves.toMatchObject([{ kind: 'refused', code: 'RECORD_OPTED_OUT' }]);
  });

  it('misses no contact although contacts change and leave the window while it is read', async () => {
    seed(500);
    const context = await contextOf();
    const window = { from: '2025-12-31T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
    const ids: string[] = [];
    let changed = 0;
    for await (const page of walkPages((token) => mailplus.readPage(context, { ...streamOf('contacts'), pageSize: 50 }, window, token))) {
      ids.push(...page.rows.map(({ externalId }) => externalId));
      for (let times = 0; times < 7; times += 1, changed += 1) sandbox.state.editContact({ contact: { externalId: `c${changed}` }, properties: { city: 'Leeds' } });
    }
    const stayed = Array.from({ length: 500 - changed }, (_, index) => `c${index + changed}`);
    expect(changed).toBeGreaterThan(70);
    expect(stayed.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('reads the older base, with bare arrays and dates as numbers, and the newer one with such dates', async () => {
    seed(120);
    const older = await contextOf({ settings: { baseUrl: sandbox.url.replace('integrationservice', 'integrationservice-1.1.0') } });
    expect(new Set(await readAll(older, 50))).toHaveProperty('size', 120);
    await restart({ dates: 'epochMillis' });
    seed(1);
    const { rows: [row] } = await mailplus.readPage(await contextOf(), streamOf('contacts'), always, undefined);
    expect(row).toMatchObject({ createdTime: '2020-01-01T00:00:00.000Z', sourceTime: '2026-01-01T00:00:00.000Z' });
  });

  it.each([
    ['html500', 'PLATFORM_ERROR', 'PLATFORM_ERROR'], ['rateLimit', 'PLATFORM_RATE_LIMITED', 'PLATFORM_RATE_LIMITED'],
    ['reset', 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'], ['halfBody', 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'],
  ] as const)('makes of %s %s for a read and %s for a write, and goes on afterwards', async (action, readCode, writeCode) => {
    const context = await contextOf();
    const item = newContact('1', { email: 'ann@example.com' });
    sandbox.state.addFault({ action, count: 2, ...(action === 'rateLimit' ? { retryAfterSeconds: 3 } : {}) });
    const wait = action === 'rateLimit' ? { retryAfterMs: 3_000 } : {};
    await expect(readAll(context, 10)).rejects.toMatchObject({ code: readCode, facts: wait });
    await expect(mailplus.deliver(context, 'contacts', [item])).rejects.toMatchObject({ code: writeCode, facts: wait });
    await expect(mailplus.deliver(context, 'contacts', [item])).resolves.toEqual([{ kind: 'stored' }]);
  });

  it('uses a nonce once only, with many calls at the same time', async () => {
    const context = await contextOf();
    await Promise.all(Array.from({ length: 40 }, (_, index) => mailplus.deliver(context, 'contacts', [newContact(String(index), { email: `p${index}@example.com` })])));
    expect(sandbox.state.summary().contacts).toBe(40);
  });
});
