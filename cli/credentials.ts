import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { credentialVariable } from '../config/client-environment.ts';
import { UsageError } from './errors.ts';
import type { CliIo } from './io.ts';

const fileSchema = z.record(z.string(), z.string());

/** Which credentials a platform has; a platform of the gateway fits. */
interface CredentialNames {
  readonly credentials: readonly string[];
  /** Those that may be left out: asked for once, and left out when nothing is typed. */
  readonly optionalCredentials: readonly string[];
}

/** From where credentials may come, besides the environment. */
export interface CredentialOptions {
  readonly credentialsFile?: string | undefined;
}

/**
 * The credentials that a platform needs: from the file, from `HUB_CREDENTIAL_<NAME>`, else asked for. Never from arguments.
 * Throws UsageError that names what is missing and where it may come from.
 */
export async function gatherCredentials(io: CliIo, { credentials: names, optionalCredentials }: CredentialNames, options: CredentialOptions): Promise<Record<string, string>> {
  const found = await givenCredentials(io, names, options);
  for (const name of names) {
    const isOptional = optionalCredentials.includes(name);
    if (found[name] !== undefined || (isOptional && !io.interactive)) continue;
    if (!io.interactive) throw missing(name);
    const answer = await io.askSecret(isOptional ? `${name} (Enter for none):` : `${name}:`);
    if (!isOptional || answer !== '') found[name] = answer;
  }
  return found;
}

/** Those credentials that are in the file or in the environment. */
export async function givenCredentials(io: CliIo, names: readonly string[], { credentialsFile }: CredentialOptions): Promise<Record<string, string>> {
  const found: Record<string, string> = credentialsFile === undefined ? {} : await readCredentials(io, credentialsFile);
  for (const name of names) {
    const value = io.environment.credential(name);
    if (found[name] === undefined && value !== undefined) found[name] = value;
  }
  return found;
}

async function readCredentials(io: CliIo, file: string): Promise<Record<string, string>> {
  const fix = 'Give a JSON file as {"name": "value"}, readable by you only.';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    if (((await stat(file)).mode & 0o077) !== 0) io.err(`Warning: ${file} can be read by others. Run: chmod 600 ${file}`);
  } catch {
    throw new UsageError(`The credentials file ${file} cannot be read.`, fix);
  }
  try {
    return { ...fileSchema.parse(JSON.parse(text)) };
  } catch {
    throw new UsageError(`The credentials file ${file} is no JSON object of texts.`, fix);
  }
}

function missing(name: string): UsageError {
  return new UsageError(`The credential «${name}» is missing.`, `Set ${credentialVariable(name)}, or give a JSON file with --credentials-file; on a terminal you are asked for it.`);
}
