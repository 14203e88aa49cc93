import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { platforms } from '../../platforms/registry.ts';
import { startCoinsSandbox, type CoinsSandbox } from '../../sandbox/coins/index.ts';
import { generateDataset } from '../../sandbox/dataset/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hub, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';
import { testSeed } from '../support/test-seed.ts';

/** The real platforms against their sandbox servers, over real sockets, with the command line tool in front. */
let gateway: GatewayFixture;
let coins: CoinsSandbox;
let mailplus: MailplusSandbox;
let cli: CliSetting;
let hubUrl: string;
const { prospects } = generateDataset({ seed: 11, prospects: 2_300, existingContacts: 0 });

beforeAll(async () => {
  [coins, mailplus] = await Promise.all([startCoinsSandbox({ prospects }), startMailplusSandbox()]);
  gateway = await startGateway({ deps: { platforms } });
  hubUrl = await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  cli = {
    url: hubUrl,
    token: await gateway.token('admin'),
    variables: { HUB_CREDENTIAL_KEY: 'sandbox-key', HUB_CREDENTIAL_SECRET: 'sandbox-secret', HUB_CREDENTIAL_API_TOKEN: coins.token },
  };
});
afterAll(async () => {
  await Promise.all([coins.close(), mailplus.close()]);
  await gateway.stop();
});

describe('the platforms at other addresses', () => {
  it('refuse a wrong login and an address where nothing answers, in words that help', async () => {
    const wrong = await hub({ ...cli, variables: { ...cli.variables, HUB_CREDENTIAL_SECRET: 'wrong' } }, 'connector', 'add', 'mailplus', '--set', `baseUrl=${mailplus.url}`);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('PLATFORM_LOGIN_REFUSED')]);
    const away = await hub(cli, 'connector', 'add', 'mailplus', '--set', 'baseUrl=http://127.0.0.1:9');
    expect([away.code, away.err]).toEqual([1, expect.stringContaining('PLATFORM_UNREACHABLE')]);
    expect((await hub(cli, 'connector', 'list')).out).toContain('no connectors');
  });

  it('are added in the onboarding order, and the default permission is linked by name', async () => {
    const first = await hub(cli, 'connector', 'add', 'mailplus', '--set', `baseUrl=${mailplus.url}`);
    expect([first.err, first.code]).toEqual(['', 0]);
    const second = await hub(cli, 'connector', 'add', 'coins', '--set', `baseUrl=${coins.url}`);
    expect([second.err, second.code]).toEqual(['', 0]);
    expect(second.out).toContain('only a list sync');
    expect(JSON.parse((await hub(cli, 'connector', 'show', 'mailplus-1', '--json')).out).permissions).toEqual({ 'Consent to Receive Email Marketing': 'permissions:2' });
    for (const id of ['mailplus-1', 'coins-1']) expect((await hub(cli, 'connector', 'check', id)).code).toBe(0);
  });

  it('report a permission that Mail+ does not have, with the names that it has', async () => {
    await hub(cli, 'connector', 'set', 'coins-1', '--set', 'defaultPermission=Something else', '--set', 'consentCodes={"EMAIL_MKT":"Something else"}');
    const check = await hub(cli, 'connector', 'check', 'coins-1');
    expect([check.code, check.out]).toEqual([1, expect.stringContaining('«Newsletter», «Consent to Receive Email Marketing», «Consent to Receive SMS Marketing»')]);
    expect((await hub(cli, 'connector', 'set', 'coins-1', '--unset', 'defaultPermission', '--unset', 'consentCodes')).code).toBe(0);
    expect((await hub(cli, 'connector', 'check', 'coins-1')).code).toBe(0);
  });
});

describe('a list sync from Coins', () => {
  it('is taken page by page, out of order and in part twice, with every card accounted for', async () => {
    const { token } = JSON.parse((await hub(cli, 'token', 'create', '--connector', 'coins-1', '--json')).out);
    const report = await coins.startListSync({
      hubUrl, connectorId: 'coins-1', token, list: { id: 'L-55', name: 'Oakwood launch', description: '' }, pageSize: 500, order: 'with-duplicates', seed: testSeed(), parallel: 3,
    }).done;
    expect(report).toMatchObject({ state: 'done', pageCount: 5, pagesAccepted: 5, differingAnswers: [], failures: [] });
    expect(report.accepted + report.rejected.length).toBe(prospects.length);
    const { rows: [stored] } = await sql<{ pages: number; cards: number }>`select count(*) pages, sum(json_array_length(payload->'prospects')) cards from inbox where kind = 'list-sync'`.execute(gateway.db);
    expect(stored).toEqual({ pages: 5, cards: report.accepted });
    const failed = JSON.parse((await hub(cli, 'failed', 'list', '--connector', 'coins-1', '--kind', 'record', '--json')).out);
    expect(failed.total).toBe(report.rejected.length);
  });
});
