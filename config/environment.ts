import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { HubError } from '../domain/errors.ts';
import { temporalFromEnvironment, type TemporalTarget } from './temporal-environment.ts';
import type { Role, SecretKey } from './value-schemas.ts';
import { descriptions, variablesSchema, type LOG_LEVELS } from './variables.ts';

/** What the hub is told by its environment. Read once at the edge of a process and passed on; nothing else reads the environment. */
export interface HubConfig {
  /** An outside PostgreSQL, password included: never log it. Absent: the embedded one. */
  readonly databaseUrl: string | undefined;
  /** An outside Temporal server. Absent: the embedded one. */
  readonly temporal: TemporalTarget | undefined;
  /** Where the user interface of that server is, without a slash at the end; for links only. */
  readonly temporalUiUrl: string | undefined;
  /** Absolute path of the directory with the embedded servers' data and the keys of this machine. */
  readonly homeDirectory: string;
  readonly gateway: {
    readonly host: string; readonly port: number; readonly rateLimitPerMinute: number; readonly bodyLimitBytes: number;
    readonly formRequestsPerMinute: number; readonly trustedProxies: readonly string[];
  };
  /** The first is the current one. Absent: a key that is kept in the home directory. */
  readonly secretKeys: readonly SecretKey[] | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly retry: { readonly ladderMs: readonly number[]; readonly maxAttemptsPerStep: number };
  readonly listSyncParkAfterMs: number;
  readonly pullIntervalMs: number;
  readonly roles: readonly Role[];
}

type Values = z.output<typeof variablesSchema>;
type Environment = Readonly<Record<string, string | undefined>>;

let loaded: HubConfig | undefined;

/**
 * The configuration of this process: its environment, and under it the file `.env` in the working directory. Read at the first
 * call and kept. Errors: HubError CONFIGURATION_INVALID that names every wrong variable, what is allowed, and an example.
 */
export function loadConfig(): HubConfig {
  loaded ??= parseConfig({ ...environmentFile(resolve('.env')), ...process.env }, process.cwd());
  return loaded;
}

/** The same from any environment; paths are taken from `workingDirectory`. Errors: as `loadConfig`. */
export function parseConfig(environment: Environment, workingDirectory: string): HubConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const values = variablesSchema.safeParse(set);
  const temporal = readTemporal(set);
  if (!values.success || typeof temporal === 'string') {
    const problems = [...(values.success ? [] : values.error.issues.map((issue) => describe(String(issue.path[0]), set))), ...(typeof temporal === 'string' ? [temporal] : [])];
    throw new HubError('CONFIGURATION_INVALID', [...new Set(problems)].join('\n'));
  }
  return toConfig(values.data, temporal, workingDirectory);
}

function toConfig(values: Values, temporal: TemporalTarget | undefined, workingDirectory: string): HubConfig {
  return {
    databaseUrl: values.DATABASE_URL,
    temporal,
    temporalUiUrl: values.HUB_TEMPORAL_UI_URL,
    homeDirectory: resolve(workingDirectory, values.HUB_HOME),
    gateway: {
      host: values.HUB_GATEWAY_HOST,
      port: values.HUB_GATEWAY_PORT,
      rateLimitPerMinute: values.HUB_RATE_LIMIT_PER_MINUTE,
      bodyLimitBytes: values.HUB_BODY_LIMIT_BYTES,
      formRequestsPerMinute: values.HUB_FORM_REQUESTS_PER_MINUTE,
      trustedProxies: values.HUB_TRUSTED_PROXIES,
    },
    secretKeys: values.HUB_SECRET_KEYS,
    logLevel: values.HUB_LOG_LEVEL,
    retry: { ladderMs: values.HUB_RETRY_LADDER_MS, maxAttemptsPerStep: values.HUB_MAX_ATTEMPTS_PER_STEP },
    listSyncParkAfterMs: values.HUB_LIST_SYNC_PARK_AFTER_MS,
    pullIntervalMs: values.HUB_PULL_INTERVAL_MS,
    roles: values.HUB_ROLES,
  };
}

/** One sentence about a wrong variable; a secret's value is not repeated in it. */
function describe(name: string, environment: Environment): string {
  const shape: Readonly<Record<string, Parameters<typeof descriptions.get>[0]>> = variablesSchema.shape;
  const schema = shape[name];
  const description = schema === undefined ? undefined : descriptions.get(schema);
  if (description === undefined) return `${name} is wrong.`;
  const value = description.secret === true ? 'set to something else' : `"${environment[name] ?? ''}"`;
  return `${name} is ${value}. It must be ${description.allowed}, for example ${name}=${description.example}`;
}

/** The Temporal server of the environment, or a sentence about what is wrong with it. */
function readTemporal(environment: Environment): TemporalTarget | undefined | string {
  try {
    return temporalFromEnvironment(environment);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `The TEMPORAL_… variables are wrong (${reason}). For example TEMPORAL_ADDRESS=temporal.example:7233 TEMPORAL_NAMESPACE=default`;
  }
}

function environmentFile(path: string): Environment {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}
