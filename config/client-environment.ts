import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** What the command line tool is told by its environment: where the hub is, and secrets that must not be arguments. */
export interface ClientEnvironment {
  readonly url: string | undefined;
  readonly token: string | undefined;
  /** Absolute path of the directory in which a hub on this machine says where it is. */
  readonly homeDirectory: string;
  /** A credential of a platform, from `HUB_CREDENTIAL_<NAME>`: `consumerKey` is `HUB_CREDENTIAL_CONSUMER_KEY`. */
  readonly credential: (name: string) => string | undefined;
  readonly colourWanted: boolean;
}

/** Reads the environment and, under it, the file `.env` in the working directory. */
export function readClientEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env, workingDirectory: string = process.cwd()): ClientEnvironment {
  const file = resolve(workingDirectory, '.env');
  const all = { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...environment };
  const value = (name: string): string | undefined => (all[name] === '' ? undefined : all[name]);
  return {
    url: value('HUB_URL'),
    token: value('HUB_TOKEN'),
    homeDirectory: resolve(workingDirectory, value('HUB_HOME') ?? '.hub'),
    credential: (name) => value(credentialVariable(name)),
    colourWanted: value('NO_COLOR') === undefined,
  };
}

/** The variable that holds a credential. */
export function credentialVariable(name: string): string {
  return `HUB_CREDENTIAL_${name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;
}
