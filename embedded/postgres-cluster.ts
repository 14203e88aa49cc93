import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { endLeftover } from './server-process.ts';
import { commandLineOf, identify } from './process-identity.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerAccount } from './server-account.ts';

const DRAFT = 'initialising-';

/** One PostgreSQL data directory and what it takes to make or run it. */
export interface Cluster {
  /** Holds the data directory; the account can reach it. */
  readonly home: string;
  readonly dataDirectory: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
}

/** True when the data directory is there. */
export function hasData(cluster: Cluster): boolean {
  return existsSync(join(cluster.dataDirectory, 'PG_VERSION'));
}

/** Makes the data directory with its superuser and database. Cut short it leaves none, never half of one. `password` needs no quoting. */
export async function createCluster(cluster: Cluster, user: string, password: string, database: string): Promise<void> {
  for (const name of readdirSync(cluster.home)) if (name.startsWith(DRAFT)) rmSync(join(cluster.home, name), { recursive: true, force: true });
  const draft = mkdtempSync(join(cluster.home, DRAFT));
  const passwordFile = join(draft, 'password');
  const data = join(draft, 'data');
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (cluster.account !== undefined) for (const path of [draft, passwordFile]) chownSync(path, cluster.account.uid, cluster.account.gid);
    await runTool(cluster, cluster.binaries.initdb, initialArguments(data, user, passwordFile), '');
    await runTool(cluster, cluster.binaries.postgres, ['--single', '-D', data, 'postgres'], `create database ${database};\n`);
    renameSync(data, cluster.dataDirectory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  chmodSync(cluster.dataDirectory, 0o700);
}

/** Built-in collation by code point: the same order of text on every machine, and no dependency on its locales. */
function initialArguments(data: string, user: string, passwordFile: string): string[] {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return [`--pgdata=${data}`, `--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-instructions', '--no-sync', ...locale];
}

/** Gives the superuser another password, for a data directory whose password is no longer known. The server must not run. */
export async function resetPassword(cluster: Cluster, user: string, password: string): Promise<void> {
  await runTool(cluster, cluster.binaries.postgres, ['--single', '-D', cluster.dataDirectory, 'postgres'], `alter role ${user} password '${password}';\n`);
}

function runTool(cluster: Cluster, command: string, args: readonly string[], input: string): Promise<void> {
  const account = cluster.account === undefined ? {} : { uid: cluster.account.uid, gid: cluster.account.gid };
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: cluster.home, stdio: ['pipe', 'pipe', 'pipe'], ...account });
    let output = '';
    const keep = (chunk: Buffer): void => void (output = `${output}${chunk.toString()}`.slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error) => reject(cannotCreate(error.message)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(cannotCreate(output.trim()))));
  });
}

function cannotCreate(reason: string): EmbeddedServerError {
  return new EmbeddedServerError(`The embedded PostgreSQL could not be set up: ${reason}`, 'Check the disk and the rights on the directory, or set DATABASE_URL.');
}

/**
 * Ends a server that an earlier run left on this data directory and removes the `postmaster.pid` of one that is gone. PostgreSQL
 * itself would refuse to start when the id in that file has meanwhile been given to another process.
 */
export async function clearLeftover(cluster: Cluster): Promise<void> {
  const pidFile = join(cluster.dataDirectory, 'postmaster.pid');
  const leftover = identify(postmasterPid(cluster) ?? 0);
  if (leftover !== undefined && commandLineOf(leftover.pid).includes(cluster.dataDirectory)) await endLeftover(leftover, 'SIGINT', 30_000);
  rmSync(pidFile, { force: true });
}

/** True once the server with that process id says in `postmaster.pid` (line 8) that it takes connections. */
export function isTakingConnections(cluster: Cluster, pid: number): boolean {
  const lines = postmasterLines(cluster);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

function postmasterPid(cluster: Cluster): number | undefined {
  const pid = Number(postmasterLines(cluster)[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function postmasterLines(cluster: Cluster): string[] {
  try {
    return readFileSync(join(cluster.dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
