import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { hub, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';
import { prepareLocalAccess } from '../../gateway/local-access.ts';

let gateway: GatewayFixture;
let admin: string;
let viewer: string;
let here: CliSetting;

beforeAll(async () => {
  gateway = await startGateway();
  [admin, viewer] = [await gateway.token('admin'), await gateway.token('viewer')];
  const homeDirectory = await mkdtemp(path.join(tmpdir(), 'hub-account-'));
  await prepareLocalAccess(gateway.db, homeDirectory, await gateway.app.listen({ port: 0, host: '127.0.0.1' }));
  here = { homeDirectory };
});
afterAll(async () => {
  await gateway.stop();
  await rm(here.homeDirectory ?? '', { recursive: true });
});
beforeEach(async () => {
  await sql`update account set settings = '{}'`.execute(gateway.db);
  await sql`delete from backfill_run`.execute(gateway.db);
  gateway.commanded.length = 0;
});

const get = async () => (await gateway.app.inject({ url: '/api/v1/account', headers: gateway.bearer(viewer) })).json();
const patch = (payload: object, token = admin) => gateway.app.inject({ method: 'PATCH', url: '/api/v1/account', headers: gateway.bearer(token), payload });
const stored = async () => (await gateway.db.selectFrom('account').select('settings').where('id', '=', 'main').executeTakeFirstOrThrow()).settings;

describe('the settings of an account', () => {
  it('match by e-mail and have no country unless told, and a viewer sees them but changes none', async () => {
    expect(await get()).toEqual({ id: 'main', name: 'main', settings: { matching: 'email', defaultCountry: null }, rematchingSince: null });
    expect((await patch({ matching: 'phone' }, viewer)).json().error.code).toBe('TOKEN_NOT_ALLOWED');
  });

  it('store another matching with the mark that contacts are to be matched anew, start that, and say what follows', async () => {
    const answer = await patch({ matching: 'phone' });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { settings: { matching: 'phone' }, rematchingSince: expect.stringMatching(/Z$/), notes: [expect.stringContaining('rematch/main'), expect.any(String), expect.stringContaining('parked')] }]);
    expect(gateway.commanded).toEqual(['rematch main']);
    expect(await stored()).toEqual({ matching: 'phone', rematchingSince: answer.json().rematchingSince });
    const [entry] = (await gateway.app.inject({ url: '/api/v1/audit?limit=1', headers: gateway.bearer(viewer) })).json().entries;
    expect(entry).toMatchObject({ what: 'account.changed', who: 'admin of main', details: { from: { matching: 'email' }, to: { matching: 'phone' } } });
  });

  it('change nothing when they are so already', async () => {
    expect((await patch({ matching: 'email', defaultCountry: null })).json()).toMatchObject({ notes: ['Nothing was to be changed.'], rematchingSince: null });
    expect([gateway.commanded, await stored()]).toEqual([[], {}]);
  });

  it('refuse another matching while contacts are being matched anew, or while a backfill runs, and change nothing then', async () => {
    await patch({ matching: 'phone' });
    expect((await patch({ matching: 'email' })).json().error).toMatchObject({ code: 'REMATCH_RUNNING', field: 'matching', fix: expect.stringContaining('hub account show') });
    await sql`update account set settings = '{}'`.execute(gateway.db);
    await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase)
      values ('coins-9', 'main', 'coins', 'crm', 'crm', 'x', '{}', 'x', 'x', 'live') on conflict do nothing`.execute(gateway.db);
    await sql`insert into backfill_run (account_id, connector_id, data_type, from_at, to_at, state, workflow_id) values ('main', 'coins-9', 'contacts', now(), now(), 'running', 'w')`.execute(gateway.db);
    const refused = await patch({ matching: 'phone', defaultCountry: 'GB' });
    expect([refused.statusCode, refused.json().error]).toMatchObject([409, { code: 'BACKFILL_RUNNING', message: expect.stringContaining('contacts at coins-9') }]);
    expect(await stored()).toEqual({});
    expect((await patch({ defaultCountry: 'GB' })).statusCode).toBe(200);
  });

  it('are kept when Temporal does not answer: the sweep begins', async () => {
    const away = await startGateway({ parts: { commands: { ...gatewayCommands(), rematch: async () => Promise.reject(new Error('away')) } } });
    try {
      const token = await away.token('admin');
      const answer = await away.app.inject({ method: 'PATCH', url: '/api/v1/account', headers: away.bearer(token), payload: { matching: 'phone' } });
      expect(answer.json().notes.at(-1)).toContain('Temporal did not answer');
      expect(answer.json().rematchingSince).not.toBeNull();
    } finally {
      await away.stop();
    }
  });

  it('are refused with the field when they are wrong', async () => {
    for (const [body, field] of [[{ matching: 'name' }, 'matching'], [{ defaultCountry: 'gb' }, 'defaultCountry'], [{ defaultCountry: 'GBR' }, 'defaultCountry']] as const) {
      expect((await patch(body)).json().error).toMatchObject({ code: 'REQUEST_INVALID', field });
    }
    expect((await patch({ colour: 'red' })).json().error.code).toBe('REQUEST_INVALID');
  });

  it('give connectors that are added from then on their country, unless they are given one', async () => {
    await patch({ defaultCountry: 'IE' });
    const add = async (settings: object) => (await gateway.app.inject({
      method: 'POST', url: '/api/v1/connectors', headers: gateway.bearer(admin), payload: { platform: 'coins', settings: { baseUrl: 'http://coins.example', ...settings }, credentials: { apiToken: 'topsecret' } },
    })).json().connector.settings.defaultCountry;
    expect([await add({}), await add({ defaultCountry: 'FR' })]).toEqual(['IE', 'FR']);
  });
});

describe('`hub account`', () => {
  it('shows and changes the settings, and asks a person before contacts are matched anew', async () => {
    expect((await hub(here, 'account', 'show')).out).toMatch(/matching +email \(contacts with one e-mail address are one\)/);
    const country = await hub(here, 'account', 'set', 'defaultCountry=gb');
    expect([country.code, country.out]).toEqual([0, expect.stringContaining('the country GB')]);
    const no = await hub({ ...here, answer: () => 'no' }, 'account', 'set', 'matching=phone');
    expect([no.code, no.err, gateway.commanded]).toEqual([2, expect.stringContaining('Nothing was changed'), []]);
    const yes = await hub({ ...here, answer: () => 'yes' }, 'account', 'set', 'matching=phone', 'defaultCountry=');
    expect([yes.code, yes.asked.length, gateway.commanded]).toEqual([0, 1, ['rematch main']]);
    expect((await hub(here, 'account', 'show')).out).toMatch(/matching anew +since/);
    expect(JSON.parse((await hub(here, 'account', 'show', '--json')).out)).toMatchObject({ settings: { matching: 'phone', defaultCountry: null } });
  });

  it('ends with 2 for a setting that there is none of', async () => {
    for (const wrong of ['colour=red', 'matching', '=x']) expect((await hub(here, 'account', 'set', wrong)).code).toBe(2);
    const name = await hub(here, 'account', 'set', 'matching=name');
    expect([name.code, name.err]).toEqual([1, expect.stringMatching(/matching.*email.*phone/s)]);
  });
});

function gatewayCommands() {
  const done = async () => ({ message: 'done' });
  return { start: async () => undefined, pause: done, resume: done, remove: done, startBackfill: done, retryFailed: done, skipFailed: done, remap: async () => undefined };
}
