import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { HubError } from '../../domain/errors.ts';
import { hub as runHub, openCliHome, type CliHome, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import type { GatewayFixture } from '../support/gateway-fixture.ts';

let opened: CliHome;
let gateway: GatewayFixture;
let here: CliSetting;
let home: string;
const escape = '\u001B';

beforeAll(async () => {
  opened = await openCliHome();
  ({ gateway, home } = opened);
  here = { homeDirectory: home, variables: { HUB_CREDENTIAL_API_TOKEN: 'topsecret-coins' } };
  await addCoins();
});
afterAll(() => opened.close());

const hub = (...args: readonly string[]): Promise<CliResult> => runHub(here, ...args);
const addCoins = (...more: readonly string[]) => hub('connector', 'add', 'coins', '--test', '--set', 'baseUrl=http://coins.example', ...more);

describe('--json', () => {
  it('prints exactly one document on standard output and nothing else, for an answer, a refusal and wrong usage alike', async () => {
    const commands: readonly (readonly [code: number, ...args: string[]])[] = [
      [0, 'platforms'], [0, 'platforms', 'show', 'coins'], [0, 'presets'], [0, 'presets', 'show', 'crm'], [0, 'onboarding'], [0, 'connector', 'list'], [0, 'connector', 'show', 'coins-1'],
      [0, 'connector', 'check', 'coins-1'], [0, 'connector', 'set', 'coins-1', '--name', 'Coins'], [0, 'status'], [0, 'failed', 'list'], [0, 'failed', 'retry'], [0, 'token', 'list'],
      [0, 'backfill', 'coins-1', '--how'], [0, 'pause', 'coins-1'], [0, 'resume', 'coins-1'], [0, 'records', 'find', 'nobody@people.example'], [0, 'mailplus', 'operations'],
      [1, 'connector', 'show', 'nosuch'], [1, 'presets', 'show', 'nosuch'], [1, 'records', 'find', 'nonsense'], [1, 'backfill', 'coins-1', '--type', 'orders', '--how'],
      [2, 'nosuch'], [2, 'connector'], [2, 'connector', 'add'], [2, 'connector', 'add', 'nosuch'], [2, 'status', '--nosuch'], [2, 'status', '--interval', 'x'], [2, 'failed', 'list', '--kind', 'nosuch'],
      [2, 'failed', 'list', '--limit', 'x'], [2, 'records', 'find'], [2, 'token', 'create', '--role', 'king'], [2, 'failed', 'skip'], [2, 'mailplus', 'call'], [2, 'mailplus', 'call', 'contact.get', '{'], [2, 'mailplus', 'call', 'nosuch', '{}'], [2],
    ];
    for (const [code, ...args] of commands) {
      for (const given of [[...args, '--json'], ['--json', ...args]]) {
        const result = await hub(...given);
        expect([given, result.code, result.err]).toEqual([given, code, '']);
        const document = JSON.parse(result.out);
        expect([given, document.error?.code ?? null]).toEqual([given, code === 0 ? null : code === 2 ? 'USAGE' : expect.stringMatching(/^[A-Z_]+$/)]);
        if (code !== 0) expect(document.error).toMatchObject({ message: expect.stringMatching(/\w/), fix: expect.stringMatching(/\w/) });
      }
    }
  });

  it('is one document a line with --watch', async () => {
    const stop = new AbortController();
    stop.abort();
    const { code, out } = await runHub({ ...here, terminal: true, stop: stop.signal }, 'status', '--watch', '--json');
    expect([code, out.split('\n').length]).toEqual([0, 1]);
    expect(JSON.parse(out).connectors).toHaveLength(1);
  });

  it('is no option behind «--»', async () => {
    const { code, out, err } = await hub('records', 'find', '--', '--json');
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('REQUEST_INVALID')]);
  });
});

describe('records find', () => {
  it('takes the address from standard input or from a prompt, so that it is no argument', async () => {
    await sql`insert into record (account_id, data_type, canonical, provenance, consent, email) values ('main', 'contacts', '{"email":"anna@people.example"}', '[["coins-1","P1","2026-11-20T09:12:00.000Z",1]]', '{}', 'anna@people.example')`.execute(gateway.db);
    const piped = await runHub({ ...here, input: 'Anna@people.example\n' }, 'records', 'find', '-');
    expect([piped.code, piped.err + piped.out]).toEqual([0, expect.stringContaining('anna@people.example')]);
    const asked = await runHub({ ...here, answer: () => ' anna@people.example ' }, 'records', 'find');
    expect([asked.code, asked.asked, asked.out]).toEqual([0, ['E-mail address:'], expect.stringContaining('anna@people.example')]);
    const neither = await hub('records', 'find');
    expect([neither.code, neither.err]).toEqual([2, expect.stringContaining('standard input')]);
    expect((await runHub({ ...here, input: '' }, 'records', 'find', '-')).code).toBe(2);
  });
});

describe('removing a connector', () => {
  it('asks a person first, and a script never', async () => {
    await addCoins();
    gateway.commanded.length = 0;
    const no = await runHub({ ...here, answer: () => 'no' }, 'connector', 'remove', 'coins-2');
    expect([no.code, no.err, gateway.commanded]).toEqual([2, expect.stringContaining('not removed'), []]);
    expect((await runHub({ ...here, answer: () => 'yes' }, 'connector', 'remove', 'coins-2')).code).toBe(0);
    const told = await runHub({ ...here, answer: () => 'no' }, 'connector', 'remove', 'coins-2', '--yes');
    expect([told.code, told.asked]).toEqual([0, []]);
    expect((await hub('connector', 'remove', 'coins-2')).code).toBe(0);
    expect(gateway.commanded).toEqual(Array.from({ length: 3 }, () => 'remove coins-2'));
  });
});

describe('what is shown', () => {
  it('redraws the status over the last one, and gives the cursor back', async () => {
    const stop = new AbortController();
    stop.abort();
    const { out } = await runHub({ ...here, terminal: true, stop: stop.signal, size: { rows: 40, columns: 200 } }, 'status', '--watch');
    expect(out).toContain(`${escape}[H`);
    expect(out.endsWith(`${escape}[?25h`)).toBe(true);
  });

  it('tells what a platform needs, and which setting has to be given', async () => {
    const shown = await hub('platforms', 'show', 'coins');
    expect(shown.out).toMatch(/baseUrl\s+│ has to be given/);
    expect(shown.out).toMatch(/defaultCountry\s+│ GB/);
    expect((await hub('platforms', 'show', 'nosuch')).code).toBe(2);
  });

  it('offers the platforms of this hub for the next step', async () => {
    const { out } = await hub('onboarding');
    expect(out).toMatch(/CRM\s+│ done\s+│ coins-1.*│ coins/);
    expect(out).toMatch(/Next: Activities\/Analytics\..*hub connector add custom/);
  });

  it('shows how often a connector pulls: its own setting, else what its platform says', async () => {
    expect((await hub('connector', 'show', 'coins-1')).out).toContain('every 60 min');
    await hub('connector', 'set', 'coins-1', '--set', 'pullIntervalMs=5000');
    expect((await hub('connector', 'show', 'coins-1')).out).toContain('every 5 s');
  });

  it('says after new credentials how a connector that waits goes on', async () => {
    await sql`update connector set health_out = 'needsOperator', health_out_reason = 'refused' where id = 'coins-1'`.execute(gateway.db);
    const file = path.join(home, 'new.json');
    await writeFile(file, JSON.stringify({ apiToken: 'topsecret-new' }), { mode: 0o600 });
    expect((await hub('connector', 'set', 'coins-1', '--credentials-file', file)).out).toContain('`hub failed retry --connector coins-1` makes it go on');
    await sql`update connector set health_out = 'ok', health_out_reason = null`.execute(gateway.db);
  });
});

describe('a platform that does not answer while a connector is added', () => {
  afterAll(() => {
    gateway.platforms.failure = undefined;
  });

  it('is told with its address, and that nothing was stored', async () => {
    gateway.platforms.failure = new HubError('PLATFORM_UNREACHABLE', 'The platform could not be reached.');
    const silent = await addCoins();
    expect(silent.err).toContain('The platform could not be reached. Nothing was stored.');
    expect(silent.err).toContain('«http://coins.example»');
    expect(silent.err).not.toContain('tried again');
    gateway.platforms.failure = new HubError('PLATFORM_LOGIN_REFUSED');
    expect((await addCoins()).err).toContain('What to do: Correct the credentials');
    expect((await hub('connector', 'list')).out).not.toContain('coins-3');
  });
});
