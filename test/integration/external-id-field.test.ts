import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../../platforms/registry.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hub, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

const logins = [
  { key: 'hub-key', secret: 's1', externalIdField: 'hubId' }, { key: 'same-field', secret: 's2', externalIdField: 'hubId' }, { key: 'own-field', secret: 's3', externalIdField: 'shopId' },
];
let gateway: GatewayFixture;
let mailplus: MailplusSandbox;
let hubUrl: string;
let token: string;

beforeAll(async () => {
  mailplus = await startMailplusSandbox({ credentials: logins });
  gateway = await startGateway({ deps: { platforms } });
  hubUrl = await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  token = await gateway.token('admin');
});
afterAll(async () => {
  await mailplus.close();
  await gateway.stop();
});
afterEach(async () => {
  await gateway.db.deleteFrom('link').execute();
  await gateway.db.deleteFrom('record').execute();
  await gateway.db.updateTable('connector').set({ phase: 'removed' }).execute();
});

let added = 0;
const cli = (key: string): CliSetting => ({ url: hubUrl, token, variables: { HUB_CREDENTIAL_KEY: key, HUB_CREDENTIAL_SECRET: logins.find((one) => one.key === key)?.secret ?? '' } });

async function add(key: string, ...more: readonly string[]): Promise<CliResult & { readonly id: string }> {
  added += 1;
  const id = `mail-${added}`;
  return { id, ...await hub(cli(key), 'connector', 'add', 'mailplus', '--id', id, '--set', `baseUrl=${mailplus.url}`, ...more) };
}

/** The connector knows a contact that was read from Mail+. */
async function know(connectorId: string, externalId: string, properties: Record<string, string> = {}): Promise<void> {
  mailplus.state.seedContacts([{ externalId, properties: { email: `${externalId}@example.test`, ...properties } }]);
  const contact = [...mailplus.state.contacts()].find(({ email }) => email === `${externalId}@example.test`);
  const row = await gateway.db.selectFrom('connector').select('account_id').where('id', '=', connectorId).executeTakeFirstOrThrow();
  const record = await gateway.db.insertInto('record').values({ account_id: row.account_id, data_type: 'contacts', canonical: '{}', provenance: '{}' }).returning('id').executeTakeFirstOrThrow();
  await gateway.db.insertInto('link').values({
    account_id: row.account_id, connector_id: connectorId, data_type: 'contacts', external_id: externalId, alternate_id: contact?.encryptedId ?? '', record_id: record.id, held: '{}',
  }).execute();
}

describe('two connectors and one field of external ids', () => {
  it('are refused with one key, also without asking Mail+ and whatever the base, and the check says so of one that slipped in', async () => {
    const first = await add('hub-key');
    expect([first.err, first.code]).toEqual(['', 0]);
    const second = await add('hub-key', '--skip-check');
    expect([second.code, second.err]).toEqual([1, expect.stringMatching(new RegExp(`EXTERNAL_ID_SHARED[^]*«${first.id}» uses this key already[^]*make a new authentication`, 'i'))]);
    expect((await add('hub-key', '--set', `baseUrl=${mailplus.url.replace('integrationservice', 'integrationservice-1.1.0')}`)).err).toContain('EXTERNAL_ID_SHARED');
    await gateway.db.updateTable('connector').set({ phase: 'removed' }).where('id', '=', first.id).execute();
    const third = await add('hub-key');
    expect(third.code).toBe(0);
    await gateway.db.updateTable('connector').set({ phase: 'live' }).where('id', '=', first.id).execute();
    const check = await hub(cli('hub-key'), 'connector', 'check', third.id);
    expect([check.code, check.out]).toEqual([1, expect.stringContaining(`«${first.id}» uses this key already`)]);
  });

  it('are refused in another account of the hub without saying which connector it is', async () => {
    const first = await add('hub-key');
    const other = await gateway.token('admin', { accountId: 'elsewhere' });
    const second = await hub({ ...cli('hub-key'), token: other }, 'connector', 'add', 'mailplus', '--id', 'mail-of-others', '--set', `baseUrl=${mailplus.url}`);
    expect([second.code, second.err]).toEqual([1, expect.stringContaining('A connector of another account of this hub uses this key already')]);
    expect(second.err).not.toContain(first.id);
  });

  it('are told apart by what another key shows of the contacts of the first one', async () => {
    const first = await add('hub-key');
    await know(first.id, '17');
    const second = await add('same-field');
    expect([second.code, second.err]).toEqual([1, expect.stringMatching(new RegExp(`«${first.id}» keeps its ids in the same field of the same account`))]);
    const third = await add('own-field');
    expect([third.err, third.code]).toEqual(['', 0]);
    expect((await hub(cli('own-field'), 'connector', 'check', third.id)).code).toBe(0);
  });

  it('are seen by a later check where neither knew a contact when the second was added, and a change of key is refused', async () => {
    const first = await add('hub-key');
    const second = await add('same-field');
    expect([second.err, second.code]).toEqual(['', 0]);
    await know(first.id, '18');
    expect((await hub(cli('same-field'), 'connector', 'check', second.id)).out).toContain('keeps its ids in the same field');
    const set = await hub(cli('own-field'), 'connector', 'set', second.id, '--credentials');
    expect([set.err, set.code]).toEqual(['', 0]);
    const back = await hub(cli('hub-key'), 'connector', 'set', second.id, '--credentials');
    expect([back.code, back.err]).toEqual([1, expect.stringContaining('uses this key already')]);
  });
});

describe('the field of the external ids', () => {
  it('is shown as it was noted, compared with what Mail+ shows, and named where nobody noted it', async () => {
    const first = await add('hub-key');
    await know(first.id, 'x-19', { initials: 'x-19' });
    const show = () => hub(cli('hub-key'), 'connector', 'check', first.id);
    expect((await show()).out).toContain('is not noted (setting externalIdField); they stand in «initials»');
    await hub(cli('hub-key'), 'connector', 'set', first.id, '--set', 'externalIdField=initials');
    expect((await hub(cli('hub-key'), 'connector', 'show', first.id)).out).toMatch(/externalIdField\W+initials/);
    expect((await show()).out).toContain('stand in «initials», as the setting externalIdField says');
    await hub(cli('hub-key'), 'connector', 'set', first.id, '--set', 'externalIdField=hubId');
    expect((await show()).out).toContain('the account does not show it, so that it cannot be compared');
    await hub(cli('hub-key'), 'connector', 'set', first.id, '--set', 'externalIdField=city');
    const wrong = await show();
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('the ids of the hub stand in «initials»')]);
  });
});

describe('the check of a connector', () => {
  it('advises to take the e-mail field off the profile page where the address is a user name', async () => {
    const first = await add('hub-key');
    expect((await hub(cli('hub-key'), 'connector', 'check', first.id)).out).not.toContain('profile page');
    const { account_id: accountId } = await gateway.db.selectFrom('connector').select('account_id').where('id', '=', first.id).executeTakeFirstOrThrow();
    await gateway.db.insertInto('connector').values({
      id: 'coins-of-names', account_id: accountId, platform: 'coins', class: 'crm', preset: 'crm', name: 'c', settings: JSON.stringify({ baseUrl: 'http://coins.example', emailIsUserName: true }), credentials: '', credential_key: 'c', phase: 'live',
    }).execute();
    expect((await hub(cli('hub-key'), 'connector', 'check', first.id)).out).toContain('The e-mail address is the user name in «coins-of-names», and a changed one is not sent there: take the e-mail field off the profile page');
  });
});
