import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inAccount } from '../../db/database.ts';
import { retryFailed, skipFailed, type FailedChoice } from '../../db/repositories/failed/settle-failed.ts';
import { HubError } from '../../domain/errors.ts';
import { openFormWorld, shopOrigin, type FormWorld, type PageFacts } from '../support/form-world.ts';
import { openPipeline, type Pipeline } from '../support/pipeline.ts';

/** Forms of web pages that subscribe: over real HTTP into the inbox, from there by the worker's activities to the sandbox Mail+ and into the ledger. */
let world: FormWorld;
let pipeline: Pipeline;
let persons = 0;
const consentName = 'Consent to Receive Email Marketing';
const consentBit = 2;

beforeAll(async () => {
  world = await openFormWorld();
  pipeline = await openPipeline(world.gateway.databaseUrl, { secrets: world.gateway.deps.secrets, platforms: world.gateway.deps.platforms });
  await world.gateway.db.insertInto('permission_link').values({ account_id: 'main', connector_id: 'mailplus-1', permission: consentName, platform_key: `permissions:${consentBit}` }).execute();
  await world.gateway.db.insertInto('stream_state').values({ account_id: 'main', connector_id: 'mailplus-1', stream: 'contacts', cursor: new Date(Date.now() - 3_600_000).toISOString() }).execute();
  await world.gateway.db.insertInto('backfill_run').values({
    account_id: 'main', connector_id: 'mailplus-1', data_type: 'contacts', from_at: '2016-01-01T00:00:00Z', to_at: new Date().toISOString(), state: 'done', is_first: true, workflow_id: 'test',
  }).execute();
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});
beforeEach(() => {
  world.mail.state.clearFaults();
  world.mail.state.clearJournal();
  world.gateway.woken.length = 0;
  world.gateway.logged.length = 0;
});

const person = (): string => {
  persons += 1;
  return `visitor.${persons}@people.example`;
};
const subscribe = (email: unknown, more: object = {}, page?: PageFacts) => world.send('newsletter', 'subscribe', { email, permissions: [`permissions:${consentBit}`], ...more }, page);
const drain = () => pipeline.drain('mailplus-1');
const pull = () => pipeline.read('mailplus-1', 'contacts', { from: '2000-01-01T00:00:00.000Z', to: new Date(Date.now() + 1_000).toISOString() });
const calls = () => world.mail.state.journal().map(({ operation, query }) => (query['MPSearchQuery'] === undefined ? operation : 'search'));
const sends = () => calls().filter((operation) => operation === 'POST /subscription/subscribe').length;
const contactOf = (email: string) => [...world.mail.state.contacts()].find((contact) => contact.email === email);
/** Whether Mail+ has a permission on; undefined without a contact. */
const bitOf = (email: string, bit = consentBit) => contactOf(email)?.permissions.includes(bit);
const inbox = () => world.gateway.db.selectFrom('inbox').selectAll().where('kind', '=', 'subscription').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
const recordOf = async (email: string) => {
  const answer = await world.gateway.app.inject({ method: 'POST', url: '/api/v1/records/find', headers: world.gateway.bearer(await world.gateway.token('viewer')), payload: { email } });
  return answer.json().records[0];
};
const failed = async () => JSON.parse((await world.command('failed', 'list', '--json')).out).items as readonly { readonly id: string; readonly code: string; readonly message: string; readonly operation: string }[];

describe('a form that subscribes', () => {
  it('answers when it is stored; a worker sends it and takes the consent with its date and evidence', async () => {
    const email = person();
    const { status, body, headers } = await subscribe(` ${email.toUpperCase()} `, { permissions: ['permissions:2', 'permissions:1', 'permissions:2'] });
    expect([status, body, headers.get('access-control-allow-origin')]).toEqual([202, { accepted: true }, shopOrigin]);
    expect([world.gateway.woken, bitOf(email)]).toEqual([['sync mailplus-1'], undefined]);
    const { received_at: at } = await inbox();
    expect(await drain()).toMatchObject({ applied: 1, failed: 0 });
    expect(calls()).toEqual(['POST /subscription/subscribe', 'search']);
    expect([bitOf(email, 1), bitOf(email, 2), bitOf(email, 4)]).toEqual([true, true, false]);
    const record = await recordOf(email);
    expect(record.consent).toEqual([expect.objectContaining({ permission: consentName, state: 'granted', at, connectorId: 'mailplus-1' })]);
    expect(record.consent[0].decidedBy).toMatchObject({ granted: true, statedAt: at, evidence: `form «newsletter», wording «newsletter-2026-05», on ${shopOrigin}` });
    expect((await inbox()).payload).toBeNull();
    expect(world.gateway.logged.join('\n')).not.toContain('people.example');
  });

  it('never comes back as a delivery that sends it again or switches it off', async () => {
    const email = person();
    await subscribe(email);
    await drain();
    await pull();
    await pipeline.deliver('mailplus-1');
    expect([sends(), bitOf(email)]).toEqual([1, true]);
    const record = await recordOf(email);
    expect(record.consent).toEqual([expect.objectContaining({ state: 'granted', decidedBy: expect.objectContaining({ evidence: expect.stringContaining('form «newsletter»') }) })]);
  });

  it('gives the same answer for an address that is known, and changes nothing else of that contact', async () => {
    const email = person();
    world.mail.state.seedContacts([{ externalId: 'known', properties: { email, firstName: 'Known', city: 'Leeds' }, permissions: [4] }]);
    const [known, unknown] = [await subscribe(email), await subscribe(person())];
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    await drain();
    const contact = contactOf(email);
    expect(contact?.properties).toMatchObject({ firstName: 'Known', city: 'Leeds' });
    expect([bitOf(email), bitOf(email, 4), contact?.externalIds]).toEqual([true, true, { externalId: 'known' }]);
  });

  it('undoes an older withdrawal, of which the newest statement is the visitor\'s', async () => {
    const email = person();
    world.mail.state.seedContacts([{ externalId: email, properties: { email }, permissions: [consentBit] }]);
    await pull();
    world.mail.state.unsubscribe({ contact: { email }, bit: consentBit });
    await pull();
    expect((await recordOf(email)).consent[0].state).toBe('withdrawn');
    await subscribe(email);
    await drain();
    await pull();
    await pipeline.deliver('mailplus-1');
    expect([(await recordOf(email)).consent[0].state, bitOf(email)]).toEqual(['granted', true]);
  });

  it('is not sent when the visitor withdrew before it could be', async () => {
    const email = person();
    world.mail.state.seedContacts([{ externalId: email, properties: { email }, permissions: [consentBit] }]);
    await pull();
    await subscribe(email);
    const { received_at: at } = await inbox();
    while (new Date().toISOString() <= at) await new Promise((resolve) => setImmediate(resolve));
    world.mail.state.unsubscribe({ contact: { email }, bit: consentBit });
    await pull();
    world.mail.state.clearJournal();
    expect(await drain()).toMatchObject({ applied: 1, failed: 0 });
    expect([calls(), bitOf(email), (await recordOf(email)).consent[0].state]).toEqual([[], false, 'withdrawn']);
  });

  it('keeps the visitor\'s IP address only when the page gives it', async () => {
    const email = person();
    await subscribe(email, { ip: '203.0.113.7' }, { origin: null });
    expect((await inbox()).payload).toEqual({ email, permissionKeys: ['permissions:2'], evidence: 'form «newsletter», wording «newsletter-2026-05», from 203.0.113.7' });
    await drain();
    await subscribe(person());
    expect(JSON.stringify((await inbox()).payload)).not.toMatch(/127\.0\.0\.1|::1/);
    await drain();
  });

  it.each<[what: string, body: unknown, field: string, says: RegExp]>([
    ['no address', { permissions: ['permissions:2'] }, 'email', /has to be given/],
    ['what is no address', { email: 'ann(at)people.example', permissions: ['permissions:2'] }, 'email', /no @/],
    ['an empty address', { email: ' ', permissions: ['permissions:2'] }, 'email', /empty/],
    ['no permission', { email: 'ann@people.example' }, 'permissions', /has to be given/],
    ['an empty list of permissions', { email: 'ann@people.example', permissions: [] }, 'permissions', /has to name a permission/],
    ['a permission that the form does not offer', { email: 'ann@people.example', permissions: ['permissions:2', 'permissions:4'] }, 'permissions.1', /It offers: permissions:1, permissions:2/],
    ['more than it takes', { email: 'ann@people.example', permissions: ['permissions:2'], firstName: 'Ann' }, 'body', /firstName/],
    ['a wrong IP address', { email: 'ann@people.example', permissions: ['permissions:2'], ip: '7' }, 'ip', /no IP address/],
    ['a list', [], 'body', /./],
  ])('refuses %s with the field, and stores nothing', async (_what, body, field, says) => {
    const before = await inbox();
    const answer = await world.send('newsletter', 'subscribe', body);
    expect([answer.status, answer.body.error]).toEqual([400, expect.objectContaining({ code: 'REQUEST_INVALID', field, message: expect.stringMatching(says), fix: expect.any(String) })]);
    expect(answer.text).not.toContain('people.example');
    expect((await inbox()).id).toBe(before.id);
    expect(world.gateway.woken).toEqual([]);
  });

  it('takes a small body only', async () => {
    const { status, body } = await subscribe('x'.repeat(20_000));
    expect([status, body.error['code']]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });
});

describe('a subscription that Mail+ does not take at once', () => {
  it('waits while Mail+ is away, and goes with the date of the form', async () => {
    const email = person();
    await subscribe(email);
    const { received_at: at } = await inbox();
    world.mail.state.addFault({ action: 'html500', path: '/subscription/subscribe', count: 1 });
    await expect(drain()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    expect((await inbox()).state).toBe('new');
    expect(await drain()).toMatchObject({ applied: 1 });
    expect([bitOf(email), (await recordOf(email)).consent[0]]).toEqual([true, expect.objectContaining({ state: 'granted', at })]);
  });

  it('is not sent twice when the answer to the first time was lost', async () => {
    const email = person();
    await subscribe(email);
    world.mail.state.addFault({ action: 'reset', when: 'after', path: '/subscription/subscribe', count: 1 });
    await expect(drain()).rejects.toBeInstanceOf(HubError);
    expect((await inbox()).begun_at).not.toBeNull();
    expect(await drain()).toMatchObject({ applied: 1, failed: 0 });
    expect([sends(), bitOf(email), (await recordOf(email)).consent[0].state]).toEqual([1, true, 'granted']);
  });

  it('is left to a person when the visitor may have undone it meanwhile; only by its id it is sent again', async () => {
    const email = person();
    await subscribe(email);
    world.mail.state.addFault({ action: 'reset', when: 'after', path: '/subscription/subscribe', count: 1 });
    await expect(drain()).rejects.toBeInstanceOf(HubError);
    world.mail.state.unsubscribe({ contact: { email }, bit: consentBit });
    expect(await drain()).toMatchObject({ applied: 0, failed: 1 });
    expect([sends(), bitOf(email)]).toEqual([1, false]);
    const [item] = await failed();
    expect(item).toMatchObject({ code: 'PLATFORM_OUTCOME_UNKNOWN', operation: 'apply subscription', message: expect.stringContaining('may have undone it') });
    expect(JSON.stringify(item)).not.toContain('people.example');
    const retry = (choice: FailedChoice) => inAccount(world.gateway.db, 'main', (trx) => retryFailed(trx, 'mailplus-1', choice));
    for (const [choice, retried] of [[{ code: 'INTERNAL' }, 0], [{ code: 'PLATFORM_OUTCOME_UNKNOWN' }, 1]] as const) expect((await retry(choice)).retried.inbox).toBe(retried);
    expect(await drain()).toMatchObject({ applied: 0, failed: 1 });
    expect([sends(), bitOf(email)]).toEqual([1, false]);
    expect((await retry({ ids: [item?.id ?? ''] })).retried.inbox).toBe(1);
    expect(await drain()).toMatchObject({ applied: 1, failed: 0 });
    expect([sends(), bitOf(email)]).toEqual([2, true]);
  });

  it('is set aside when Mail+ refuses it, and those behind it go on', async () => {
    const [blocked, other] = [person(), person()];
    world.mail.state.seedContacts([{ externalId: blocked, properties: { email: blocked } }]);
    world.mail.state.inactivate({ contact: { email: blocked } });
    await subscribe(blocked);
    await subscribe(other);
    expect(await drain()).toMatchObject({ applied: 1, failed: 1 });
    expect([bitOf(blocked), bitOf(other)]).toEqual([false, true]);
    const [item] = await failed();
    expect(item).toMatchObject({ code: 'RECORD_OPTED_OUT', operation: 'apply subscription' });
    expect(JSON.stringify(item)).not.toContain('people.example');
    const skipped = await inAccount(world.gateway.db, 'main', (trx) => skipFailed(trx, 'mailplus-1', { ids: [item?.id ?? ''] }));
    expect([skipped.inbox, await failed()]).toEqual([1, []]);
    expect(await world.gateway.db.selectFrom('inbox').select('id').where('kind', '=', 'subscription').where('payload', 'is not', null).execute()).toEqual([]);
  });

  it('says «login refused» for an operator, and is kept', async () => {
    const email = person();
    await subscribe(email);
    world.mail.state.addFault({ action: 'status', status: 401, body: '{"errorType":"AUTH_NOT_FOUND","message":"Unknown key"}', contentType: 'application/json', path: '/subscription/subscribe', count: 1 });
    await expect(drain()).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
    expect(await inbox()).toMatchObject({ state: 'new', begun_at: null });
    expect(await drain()).toMatchObject({ applied: 1 });
    expect([sends(), bitOf(email)]).toEqual([2, true]);
  });
});
