import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { hub as runHub, openCliHome, type CliHome, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import type { GatewayFixture } from '../support/gateway-fixture.ts';
import { prepareLocalAccess } from '../../gateway/local-access.ts';

let opened: CliHome;
let gateway: GatewayFixture;
let here: CliSetting;
let home: string;
const escape = '\u001B';

beforeAll(async () => {
  opened = await openCliHome();
  ({ gateway, home } = opened);
  here = { homeDirectory: home };
});
afterAll(() => opened.close());

const hub = (...args: readonly string[]): Promise<CliResult> => runHub(here, ...args);

describe('finding the hub', () => {
  it('works by itself for the one on this machine, with a file that only its owner can read', async () => {
    expect((await stat(path.join(home, 'gateway.json'))).mode & 0o777).toBe(0o600);
    expect((await hub('platforms')).code).toBe(0);
  });

  it('keeps the token of the last start while it is valid', async () => {
    const before = await readFile(path.join(home, 'gateway.json'), 'utf8');
    await prepareLocalAccess(gateway.db, home, JSON.parse(before).url);
    expect(await readFile(path.join(home, 'gateway.json'), 'utf8')).toBe(before);
  });

  it('says what to do when there is none, when there is no token, and when nothing answers', async () => {
    const none = await runHub({}, 'platforms');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('npm start')]);
    const tokenless = await runHub({ ...here, url: 'http://127.0.0.1:9' }, 'platforms');
    expect([tokenless.code, tokenless.err]).toEqual([2, expect.stringContaining('HUB_TOKEN')]);
    const silent = await runHub({ url: 'http://127.0.0.1:9', token: 'hub_x' }, 'platforms', '--json');
    expect([silent.code, JSON.parse(silent.out).error.code]).toEqual([1, 'GATEWAY_UNREACHABLE']);
  });

  it('takes a token from a file, and never one as an argument', async () => {
    const file = path.join(home, 'viewer-token');
    await writeFile(file, `${await gateway.token('viewer')}\n`, { mode: 0o600 });
    const url = JSON.parse(await readFile(path.join(home, 'gateway.json'), 'utf8')).url;
    expect((await runHub({ url }, 'status', '--token-file', file)).code).toBe(0);
    const refused = await runHub({ url }, 'token', 'list', '--token-file', file);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('TOKEN_NOT_ALLOWED: This token has the role viewer; this needs the role admin.')]);
    expect((await runHub({ url }, 'status', '--token', 'hub_x')).code).toBe(2);
  });
});

describe('wrong usage', () => {
  it('ends with 2 and says what is possible', async () => {
    for (const args of [['nosuch'], ['connector'], ['connector', 'add'], ['status', '--nosuch'], ['token', 'create', '--role', 'king'], ['status', '--interval', 'x'], ['failed', 'skip'], ['connector', 'add', 'coins', '--set', 'novalue']]) {
      const { code, out, err } = await hub(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(out + err).toMatch(/\w/);
    }
  });

  it('help ends with 0', async () => {
    const { code, out } = await hub('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('HUB_CREDENTIAL_')]);
  });
});

describe('adding connectors', () => {
  it('takes credentials from the environment, from a prompt and from a file, never from arguments', async () => {
    const variables = { HUB_CREDENTIAL_CONSUMER_KEY: 'key', HUB_CREDENTIAL_CONSUMER_SECRET: 'topsecret-env' };
    const added = await runHub({ ...here, variables }, 'connector', 'add', 'mailplus', '--preset', 'marketing-automation');
    expect([added.code, added.out]).toEqual([0, expect.stringContaining('Added mailplus-1')]);
    const asked = await runHub({ ...here, answer: () => 'topsecret-prompt' }, 'connector', 'add', 'coins', '--set', 'baseUrl=http://coins.example', '--test', '--set', 'pullMarginMs=0');
    expect([asked.code, asked.asked]).toEqual([0, ['apiToken:']]);
    expect(asked.out).toMatch(/hub_[A-Za-z0-9_-]{43}/);
    expect(asked.out).toContain('test connector');
    const file = path.join(home, 'credentials.json');
    await writeFile(file, JSON.stringify({ apiToken: 'topsecret-file' }), { mode: 0o644 });
    const filed = await hub('connector', 'add', 'coins', '--set', 'baseUrl=http://other.example', '--credentials-file', file);
    expect([filed.code, filed.err]).toEqual([0, expect.stringContaining('chmod 600')]);
    expect([added, asked, filed].map(({ out, err }) => out + err).join()).not.toContain('topsecret');
    const rows = await gateway.db.selectFrom('connector').select(['id', 'credentials']).orderBy('id').execute();
    expect(rows.map(({ id, credentials }) => [id, gateway.deps.secrets.open(credentials, `connector/${id}`)])).toEqual([
      ['coins-1', '{"apiToken":"topsecret-prompt"}'], ['coins-2', '{"apiToken":"topsecret-file"}'], ['mailplus-1', '{"consumerKey":"key","consumerSecret":"topsecret-env"}'],
    ]);
  });

  it('says what is missing when nobody can be asked, and refuses a secret among the settings', async () => {
    const missing = await hub('connector', 'add', 'coins', '--set', 'baseUrl=http://coins.example');
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('HUB_CREDENTIAL_API_TOKEN')]);
    const shown = await hub('connector', 'add', 'coins', '--set', 'apiToken=topsecret');
    expect([shown.code, shown.err]).toEqual([2, expect.stringContaining('--credentials-file')]);
    expect(shown.err).not.toContain('topsecret');
  });

  it('names the presets that there are before it asks for any credential', async () => {
    const refused = await runHub({ ...here, answer: () => 'x' }, 'connector', 'add', 'coins', '--preset', 'nope', '--set', 'baseUrl=http://coins.example');
    expect([refused.code, refused.asked, refused.err]).toEqual([2, [], expect.stringMatching(/Coins has no preset «nope»\.[^]*--preset: crm/)]);
  });

  it('prints a refusal: what happened, to what, what to do', async () => {
    const refused = await runHub({ ...here, answer: () => 'x' }, 'connector', 'add', 'mailplus', '--id', 'mailplus-1');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^CONNECTOR_EXISTS: .*«mailplus-1»/);
    expect(refused.err).toContain('Where:      id');
    expect(refused.err).toContain('What to do: Choose another id with `--id`.');
    const json = await runHub({ ...here, answer: () => 'x' }, 'connector', 'add', 'mailplus', '--id', 'mailplus-1', '--json');
    expect(json.err).toBe('');
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'CONNECTOR_EXISTS', field: 'id', fix: expect.any(String) } });
  });

  it('shows, checks and changes them', async () => {
    expect((await hub('connector', 'list')).out).toContain('mailplus-1');
    const shown = await hub('connector', 'show', 'coins-1');
    expect(shown.out).toContain('/inbound/coins/coins-1');
    expect(shown.out).toContain('only by a list sync');
    expect((await hub('connector', 'check', 'coins-1')).out).toMatch(/^ok {2}coins-1/);
    const changed = await hub('connector', 'set', 'coins-1', '--set', 'permissionKey=nosuch');
    expect([changed.code, changed.out]).toEqual([0, expect.stringContaining('Warning: «mailplus-1» has no permission')]);
    const failing = await hub('connector', 'check', 'coins-1');
    expect([failing.code, failing.out]).toEqual([1, expect.stringContaining('PERMISSION_UNLINKED')]);
    expect((await hub('connector', 'set', 'coins-1', '--unset', 'permissionKey')).code).toBe(0);
    const unknown = await hub('connector', 'show', 'nosuch');
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('`hub connector list`')]);
  });

  it('shows the onboarding page, the presets and the platforms', async () => {
    expect((await hub('onboarding')).out).toMatch(/Marketing automation\s+│ done/);
    expect((await hub('presets')).out).toContain('e-commerce-with-e-fulfilment');
    expect((await hub('presets', 'show', 'crm')).out).toContain('10 years');
    expect(JSON.parse((await hub('platforms', '--json')).out).platforms).toHaveLength(3);
  });
});

describe('operating', () => {
  it('sends commands and prints their answers', async () => {
    gateway.commanded.length = 0;
    expect((await hub('pause', 'coins-1')).out).toBe('pause done');
    expect(JSON.parse((await hub('resume', 'coins-1', '--json')).out)).toEqual({ message: 'resume done' });
    expect((await hub('backfill', 'mailplus-1', '--type', 'contacts', '--from', '2020-01-01')).out).toBe('startBackfill done');
    expect((await hub('connector', 'remove', 'coins-2')).out).toBe('remove done');
    expect(gateway.commanded).toEqual(['pause coins-1', 'resume coins-1', 'startBackfill mailplus-1', 'remove coins-2']);
  });

  it('prints the lines for `temporal` and `tctl` without starting anything', async () => {
    gateway.commanded.length = 0;
    const how = await hub('backfill', 'mailplus-1', '--type', 'contacts', '--how');
    expect(how.out).toContain('temporal workflow start --address 127.0.0.1:7233 --namespace default --task-queue hub --type backfill');
    expect(how.out).toContain('tctl --address 127.0.0.1:7233');
    expect(gateway.commanded).toEqual([]);
    expect((await hub('backfill', 'mailplus-1', '--type', 'orders', '--how')).err).toContain('NOT_IMPORTED');
  });

  it('lists, shows, retries and skips what failed', async () => {
    expect((await hub('failed', 'list')).out).toBe('Nothing failed.');
    await sql`insert into rejected_record (account_id, connector_id, data_type, external_id, path, code, reason, payload) values ('main', 'coins-1', 'contacts', 'P9', 'email', 'RECORD_INVALID', 'must be text', '{}')`.execute(gateway.db);
    await sql`insert into action (account_id, connector_id, kind, target, cause, payload, state, code, reason) values ('main', 'mailplus-1', 'list.replace', 'L1', 'a', '{}', 'failed', 'PLATFORM_LIMIT_REACHED', '30 lists')`.execute(gateway.db);
    const listed = await hub('failed', 'list');
    expect(listed.out).toContain('record:coins-1:');
    expect(listed.out).toMatch(/PLATFORM_LIMIT_REACHED\n {2}1 time: 30 lists\n {2}What to do: Remove one at the platform/);
    const { items } = JSON.parse((await hub('failed', 'list', '--json', '--kind', 'action')).out);
    expect((await hub('failed', 'show', items[0].id)).out).toContain('what to do');
    gateway.commanded.length = 0;
    expect((await hub('failed', 'retry')).code).toBe(0);
    expect((await hub('failed', 'skip', items[0].id)).out).toBe('mailplus-1: skipFailed done');
    expect([...gateway.commanded].sort()).toEqual(['retryFailed coins-1', 'retryFailed mailplus-1', 'skipFailed mailplus-1']);
  });

  it('shows the status once, or again and again until it is stopped', async () => {
    const once = await hub('status');
    expect(once.out).toContain('coins-1 (test connector)');
    expect(once.out).not.toContain(escape);
    const stop = new AbortController();
    stop.abort();
    const watched = await runHub({ ...here, stop: stop.signal, terminal: true }, 'status', '--watch');
    expect([watched.code, watched.out]).toEqual([0, expect.stringContaining(escape)]);
  });

  it('finds records', async () => {
    expect((await hub('records', 'find', 'nobody@people.example')).out).toContain('no record');
    await sql`insert into record (account_id, data_type, canonical, provenance, consent, email) values ('main', 'contacts', '{"email":"anna@people.example"}', '[["coins-1","P1","2026-11-20T09:12:00.000Z",1]]', '{"Newsletter":{"state":"unknown","at":null,"connectorId":null}}', 'anna@people.example')`.execute(gateway.db);
    const found = await hub('records', 'find', 'Anna@people.example');
    expect(found.out).toContain('coins-1 P1');
    expect(found.out).toContain('edited there');
    expect((await hub('records', 'find', 'nonsense')).code).toBe(1);
  });

  it('makes, lists and revokes tokens', async () => {
    const made = JSON.parse((await hub('token', 'create', '--name', 'dashboard', '--json')).out);
    expect(made).toMatchObject({ role: 'viewer', token: expect.stringMatching(/^hub_/) });
    expect((await hub('token', 'create', '--connector', 'coins-1')).out).toContain('(source)');
    expect((await hub('token', 'list')).out).toContain('dashboard');
    expect((await hub('token', 'revoke', String(made.id))).out).toContain('is revoked');
  });

  it('colours only on a terminal', async () => {
    expect((await runHub({ ...here, terminal: true }, 'connector', 'show', 'nosuch')).err).toContain(escape);
    expect((await hub('connector', 'show', 'nosuch')).err).not.toContain(escape);
  });
});

describe('the program file', () => {
  it('says how to build it when it is not built', async () => {
    const bin = path.join(home, 'bin');
    await mkdir(bin);
    await copyFile(new URL('../../bin/hub.mjs', import.meta.url), path.join(bin, 'hub.mjs'));
    await expect(promisify(execFile)(process.execPath, [path.join(bin, 'hub.mjs'), 'status'])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run build') });
  });
});
