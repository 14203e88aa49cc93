import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HubError } from '../domain/errors.ts';
import { secretKeys, type SecretKey } from './value-schemas.ts';

/** The id of the key that is used for keyed hashes only, never for sealing. */
export const lookupKeyId = 'lookup';

/**
 * The keys of this machine: those of the configuration (`HUB_SECRET_KEYS`) when given, else those in `<directory>/secret-keys`
 * (a line `id:base64` each, the first one seals), which is made with mode 600 on first use.
 * Errors: HubError CONFIGURATION_INVALID when the file is damaged, or the file system's error.
 */
export async function loadSecretKeys(given: readonly SecretKey[] | undefined, directory: string): Promise<readonly SecretKey[]> {
  if (given !== undefined) return given;
  const file = path.join(directory, 'secret-keys');
  await mkdir(directory, { recursive: true });
  await createOnce(file);
  await chmod(file, 0o600);
  const keys = secretKeys.safeParse((await readFile(file, 'utf8')).trim().replaceAll(/\s+/g, ','));
  if (!keys.success) throw new HubError('CONFIGURATION_INVALID', `The key file ${file} is damaged: each line must be «id:base64 of 32 bytes». Restore it from a backup.`, { field: 'HUB_SECRET_KEYS' });
  return keys.data;
}

/** Written aside and linked into place, so that nobody reads a half-written file and the first of two writers wins. */
async function createOnce(file: string): Promise<void> {
  const line = (id: string) => `${id}:${randomBytes(32).toString('base64')}\n`;
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, line('k1') + line(lookupKeyId), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}
