import { chmodSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresStateFile, startPostgres, type PostgresServer } from '../../embedded/postgres.ts';
import { identify } from '../../embedded/process-identity.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';
import { waitFor } from '../support/wait-for.ts';
import { withServer } from '../support/with-server.ts';

const directory = temporaryDirectory('embedded-postgres');
const lines: string[] = [];
const start = (port?: number, supervised = false): Promise<PostgresServer> =>
  startPostgres({ directory, ...(port === undefined ? {} : { port }), supervised, log: (line) => lines.push(line) });

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

let server: PostgresServer;

beforeAll(async () => {
  server = await start(0);
  await query(server.url, 'create table kept (id int primary key)');
});

afterAll(async () => {
  await server.stop();
  removeDirectory(directory);
});

describe('the embedded PostgreSQL', () => {
  it('is version 18, durable, and reachable from this machine only', async () => {
    const settings = await query(server.url, "select current_setting('server_version_num')::int / 10000 as version, current_setting('synchronous_commit') as commits, current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses");
    expect(settings).toEqual([{ version: 18, commits: 'on', fsync: 'on', addresses: '127.0.0.1' }]);
  });

  it('keeps its password in a file that only its owner can read, and out of what it says', () => {
    const file = postgresStateFile(directory);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(lines.join('\n')).not.toContain(new URL(server.url).password);
  });

  it('keeps data, port and password over a restart', async () => {
    await query(server.url, 'insert into kept values (1)');
    const { url } = server;
    await server.stop();
    server = await start();
    expect(server.url).toBe(url);
    expect(await query(server.url, 'select id from kept')).toEqual([{ id: 1 }]);
  });

  it('loses no committed row to SIGKILL and comes back on the same port', async () => {
    await query(server.url, 'insert into kept values (2)');
    const { url, pid } = server;
    await server.kill();
    await expect(query(url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await query(url, 'select id from kept order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('starts although postmaster.pid names another live process', async () => {
    await server.kill();
    const file = join(server.dataDirectory, 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
    await server.restart();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(identify(process.pid)).toBeDefined();
  });

  it('refuses a second start in its directory and names the process that has it', async () => {
    await expect(start()).rejects.toThrow(`Process ${process.pid} already runs a server in ${directory}`);
  });

  it('ends a server that an earlier run left behind and takes over its data', async () => {
    const left = server;
    unlinkSync(join(directory, 'owner.json'));
    server = await start();
    expect(identify(left.pid)).toBeUndefined();
    expect(await query(server.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 2 }]);
  });

  it('starts again by itself when it is supervised and ends unexpectedly', async () => {
    await server.stop();
    server = await start(undefined, true);
    const before = server.pid;
    process.kill(before, 'SIGKILL');
    await waitFor(() => server.pid !== before, { timeoutMs: 20_000, message: 'a new server process' });
    expect(await query(server.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 2 }]);
  });

  it('gives a new password to data whose password file is lost', async () => {
    const { password } = new URL(server.url);
    await server.stop();
    unlinkSync(postgresStateFile(directory));
    server = await start(0);
    expect(new URL(server.url).password).not.toBe(password);
    expect(await query(server.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 2 }]);
  });

  it('takes another port when its own is taken', async () => {
    await server.stop();
    const other = await withServer(() => undefined);
    server = await start(other.port);
    expect(new URL(server.url).port).not.toBe(String(other.port));
    await other.close();
  });

  it('keeps its data elsewhere when its account cannot reach its directory, and says where', async () => {
    const closed = temporaryDirectory('closed');
    chmodSync(closed, 0o700);
    const said: string[] = [];
    const own = await startPostgres({ directory: join(closed, 'postgres'), port: 0, log: (line) => said.push(line) });
    const moved = !own.dataDirectory.startsWith(closed);
    expect(moved).toBe(userInfo().uid === 0);
    expect(said.some((line) => line.includes('cannot reach'))).toBe(moved);
    await own.stop();
    removeDirectory(join(own.dataDirectory, '..'));
    removeDirectory(closed);
  });
});
