import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HubError } from '../domain/errors.ts';

/** One key of 32 bytes. */
export interface SecretKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The id of the key that is used for keyed hashes only, never for sealing. */
export const lookupKeyId = 'lookup';

const keyBytes = 32;
const keyPattern = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/;

/**
 * Parses `HUB_SECRET_KEYS`: `id:base64` pairs of 32 bytes each, separated by commas or line ends; the first one seals.
 * Throws HubError CONFIGURATION_INVALID that names the pair by its position, never its text.
 */
export function parseSecretKeys(text: string): readonly SecretKey[] {
  const pairs = text.split(/[,\s]+/).filter((pair) => pair !== '');
  const keys = pairs.map((pair, index) => parsePair(pair, index + 1));
  if (keys.length === 0) throw invalid('There is no key in it.');
  if (new Set(keys.map((key) => key.id)).size < keys.length) throw invalid('Two keys have the same id.');
  return keys;
}

function parsePair(pair: string, position: number): SecretKey {
  const [, id, encoded] = keyPattern.exec(pair) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (id === undefined || bytes.length !== keyBytes) throw invalid(`Key ${position} is not «id:base64 of ${keyBytes} bytes».`);
  return { id, bytes };
}

function invalid(reason: string): HubError {
  return new HubError('CONFIGURATION_INVALID', `HUB_SECRET_KEYS cannot be used. ${reason} Make a key with: node -p "'k1:'+crypto.randomBytes(32).toString('base64')"`, { field: 'HUB_SECRET_KEYS' });
}

/**
 * The keys of this machine: those of the environment when given, else those in `<directory>/secret-keys`,
 * which is created with mode 600 on first use. Throws HubError CONFIGURATION_INVALID, or the file system's error.
 */
export async function loadSecretKeys(fromEnvironment: string | undefined, directory: string): Promise<readonly SecretKey[]> {
  if (fromEnvironment !== undefined && fromEnvironment !== '') return parseSecretKeys(fromEnvironment);
  const file = path.join(directory, 'secret-keys');
  await mkdir(directory, { recursive: true });
  await createOnce(file);
  await chmod(file, 0o600);
  return parseSecretKeys(await readFile(file, 'utf8'));
}

/** Written aside and linked into place, so that nobody reads a half-written file and the first of two writers wins. */
async function createOnce(file: string): Promise<void> {
  const line = (id: string) => `${id}:${randomBytes(keyBytes).toString('base64')}\n`;
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
