import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';

const run = promisify(execFile);
const ACCOUNT = 'postgres';

/** An operating system account, by number. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that PostgreSQL runs as: this process's own (undefined), or `postgres` when this process is root, since PostgreSQL
 * refuses to run as root. The account is created when the machine has none. Errors: EmbeddedServerError when it cannot be.
 */
export async function postgresAccount(log: Log): Promise<ServerAccount | undefined> {
  if (process.platform === 'win32' || userInfo().uid !== 0) return undefined;
  const found = await lookUp();
  if (found !== undefined) return found;
  log(`PostgreSQL does not run as root: creating the system account ${ACCOUNT}.`);
  await createAccount();
  const created = await lookUp();
  if (created === undefined) {
    throw new EmbeddedServerError(
      `PostgreSQL does not run as root, and the account ${ACCOUNT} could not be created.`,
      `Create it (useradd --system --user-group ${ACCOUNT}), run the hub as another user, or set DATABASE_URL.`,
    );
  }
  return created;
}

async function lookUp(): Promise<ServerAccount | undefined> {
  try {
    const [user, group] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
    return { uid: Number(user.stdout), gid: Number(group.stdout) };
  } catch {
    return undefined;
  }
}

/** The first is what most Linux systems have, the second is Alpine's. A failure shows in the next look-up. */
async function createAccount(): Promise<void> {
  await run('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT]).catch(() => run('adduser', ['-S', '-D', '-H', ACCOUNT]).catch(() => undefined));
}
