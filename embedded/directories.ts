import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerAccount } from './server-account.ts';

/** Where root keeps what an unprivileged server cannot reach under root's own directories. */
const SHARED_DIRECTORY = '/var/lib/connect-hub';

const EXECUTE = 0o1;

/** Makes the directory and its missing parents; what is newly made can be passed through by others (mode 711) but not listed. */
export function makeDirectory(directory: string): string {
  const path = resolve(directory);
  const first = mkdirSync(path, { recursive: true });
  if (first !== undefined) {
    for (let made = path; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o711);
  }
  return path;
}

/** True when the account may pass through the directory and every parent of it (mode bits only; access lists are not asked). */
export function canReach(directory: string, account: ServerAccount): boolean {
  for (let path = resolve(directory); ; path = dirname(path)) {
    if (!hasBits(path, account, EXECUTE)) return false;
    if (path === dirname(path)) return true;
  }
}

/** True when the account holds the permission bits (4 read, 2 write, 1 execute) on the file; false when it is not there. */
export function hasBits(path: string, account: ServerAccount, bits: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const shift = stat.uid === account.uid ? 6 : stat.gid === account.gid ? 3 : 0;
  return ((stat.mode >> shift) & bits) === bits;
}

/** The directory of that name among those that every account can reach; made when missing. */
export function sharedDirectory(name: string): string {
  return makeDirectory(join(SHARED_DIRECTORY, name));
}

/** `.cache` beside the `package.json` of this program: what was fetched once for all hubs, demos and tests run from here. */
export function projectCacheDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json')) && directory !== dirname(directory)) directory = dirname(directory);
  return join(directory, '.cache');
}
