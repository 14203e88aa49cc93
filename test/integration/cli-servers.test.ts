import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hub, openCliHome, type CliHome } from '../support/cli-fixture.ts';
import type { GatewayFixture } from '../support/gateway-fixture.ts';
import { testTemporal } from '../support/test-temporal.ts';

/** What `doctor` and `migrate` read from the environment, once per process: this file has a process of its own. */
const environment = { ...process.env };
let opened: CliHome;
let gateway: GatewayFixture;
let home: string;

beforeAll(async () => {
  opened = await openCliHome();
  ({ gateway, home } = opened);
  process.env['DATABASE_URL'] = gateway.databaseUrl;
  process.env['TEMPORAL_ADDRESS'] = testTemporal().address;
});
afterAll(async () => {
  process.env = environment;
  await opened.close();
});

describe('migrate', () => {
  it('does nothing to a database that is up to date', async () => {
    const { code, out } = await hub({ homeDirectory: home }, 'migrate', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { applied: [] }]);
  });
});

describe('doctor', () => {
  interface Report {
    readonly ok: boolean;
    readonly findings: readonly { readonly part: string; readonly ok: boolean; readonly what: string; readonly fix: string }[];
  }

  async function examine(homeDirectory: string): Promise<Report & { readonly code: number }> {
    const { code, out } = await hub({ homeDirectory }, 'doctor', '--json');
    return { code, ...(JSON.parse(out) as Report) };
  }

  it('asks every part, each connector among them, and says what to do', async () => {
    const headers = gateway.bearer(await gateway.token('admin'));
    await gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers, payload: { platform: 'coins', settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 't' } } });
    gateway.platforms.failure = new Error('the platform is away');
    const { findings, ok, code } = await examine(home);
    const byPart = Object.fromEntries(findings.map((finding) => [finding.part, finding]));
    expect(Object.keys(byPart)).toEqual(['database', 'migrations', 'Temporal', 'worker', 'gateway', 'connector coins-1']);
    expect([byPart['database']?.ok, byPart['migrations']?.ok, byPart['Temporal']?.ok, byPart['gateway']?.ok]).toEqual([true, true, true, true]);
    expect(byPart['connector coins-1']).toMatchObject({ ok: false, fix: expect.stringMatching(/\w/) });
    expect([ok, code]).toEqual([false, 1]);
    gateway.platforms.failure = undefined;
    expect((await examine(home)).findings.find(({ part }) => part === 'connector coins-1')).toMatchObject({ ok: true });
  });

  it('says that no gateway runs', async () => {
    const { findings, code } = await examine('/nonexistent');
    expect([code, findings.find(({ part }) => part === 'gateway')]).toMatchObject([1, { ok: false, fix: expect.stringContaining('npm start') }]);
  });
});
