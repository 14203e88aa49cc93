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
});

const get = async () => (await gateway.app.inject({ url: '/api/v1/account', headers: gateway.bearer(viewer) })).json();
const patch = (payload: object, token = admin) => gateway.app.inject({ method: 'PATCH', url: '/api/v1/account', headers: gateway.bearer(token), payload });
const stored = async () => (await gateway.db.selectFrom('account').select('settings').where('id', '=', 'main').executeTakeFirstOrThrow()).settings;

describe('the settings of an account', () => {
  it('match by e-mail and have no country unless told, and a viewer sees them but changes none', async () => {
    expect(await get()).toEqual({ id: 'main', name: 'main', settings: { matching: 'email', defaultCountry: null } });
    expect((await patch({ defaultCountry: 'GB' }, viewer)).json().error.code).toBe('TOKEN_NOT_ALLOWED');
  });

  it('change nothing when they are so already', async () => {
    expect((await patch({ defaultCountry: null })).json()).toMatchObject({ notes: ['Nothing was to be changed.'] });
    expect(await stored()).toEqual({});
  });

  it('are written to the audit with what they were', async () => {
    await patch({ defaultCountry: 'GB' });
    const [entry] = (await gateway.app.inject({ url: '/api/v1/audit?limit=1', headers: gateway.bearer(viewer) })).json().entries;
    expect(entry).toMatchObject({ what: 'account.changed', who: 'admin of main', details: { from: { defaultCountry: null }, to: { defaultCountry: 'GB' } } });
  });

  it('are refused with the field when they are wrong', async () => {
    for (const [body, field] of [[{ defaultCountry: 'gb' }, 'defaultCountry'], [{ defaultCountry: 'GBR' }, 'defaultCountry']] as const) {
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
  it('shows and changes the settings', async () => {
    expect((await hub(here, 'account', 'show')).out).toMatch(/matching +email \(contacts with one e-mail address are one\)/);
    const country = await hub(here, 'account', 'set', 'defaultCountry=gb');
    expect([country.code, country.out]).toEqual([0, expect.stringContaining('the country GB')]);
    expect((await hub(here, 'account', 'set', 'defaultCountry=')).code).toBe(0);
    expect(JSON.parse((await hub(here, 'account', 'show', '--json')).out)).toMatchObject({ settings: { matching: 'email', defaultCountry: null } });
  });

  it('ends with 2 for a setting that there is none of', async () => {
    for (const wrong of ['colour=red', 'defaultCountry', '=x']) expect((await hub(here, 'account', 'set', wrong)).code).toBe(2);
    expect((await hub(here, 'account', 'set', 'defaultCountry=england')).code).toBe(1);
  });
});
