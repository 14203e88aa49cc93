import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { identify, isRunning } from './process-identity.ts';
import { readState } from './state-file.ts';

const ownerSchema = z.object({ pid: z.number(), startedAt: z.string() });

/**
 * Makes this process the one that runs a server in the directory, until `release` is called or the process is gone.
 * Errors: EmbeddedServerError while another live process owns it, naming that process.
 */
export function lockDirectory(directory: string): { release(): void } {
  const file = join(directory, 'owner.json');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' }), { mode: 0o600 });
  try {
    claim(draft, file, directory);
  } finally {
    rmSync(draft, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** A hard link fails when the name is taken: taking the lock and writing its content are one step. */
function claim(draft: string, file: string, directory: string): void {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      linkSync(draft, file);
      return;
    } catch {
      const owner = readState(file, ownerSchema);
      if (owner !== undefined && isRunning(owner)) throw ownedByAnother(owner.pid, directory);
      rmSync(file, { force: true });
    }
  }
  throw new EmbeddedServerError(`The directory ${directory} cannot be locked.`, 'Check that this user may write in it.');
}

function ownedByAnother(pid: number, directory: string): EmbeddedServerError {
  return new EmbeddedServerError(
    `Process ${pid} already runs a server in ${directory}.`,
    'Stop that hub, or set HUB_HOME to another directory.',
  );
}
