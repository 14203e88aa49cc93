import { z } from 'zod';
import { retryLadderMs } from '../domain/sync/retry-ladder.ts';
import { databaseUrl, integer, ladder, networks, roles, secretKeys } from './value-schemas.ts';

/** What to tell a person about one environment variable. */
export interface VariableDescription {
  /** What is allowed, as the rest of the sentence "It must be …". */
  readonly allowed: string;
  readonly example: string;
  /** True when the value must never be shown, not even in an error. */
  readonly secret?: boolean;
}

/** The description of each variable, by its schema. */
export const descriptions = z.registry<VariableDescription>();

const DAY_MS = 86_400_000;

/** The levels of pino, least first, and `silent`. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const whole = (from: number, to: number, unset: number, what: string): z.ZodType<number, string | undefined> =>
  integer(from, to).default(unset).register(descriptions, { allowed: `a whole number from ${from} to ${to} (${what}; ${unset} when not set)`, example: String(unset) });

/** Every environment variable that the hub checks, as text, with what becomes of it. The `TEMPORAL_…` ones are read by @temporalio/envconfig, which takes any text. */
export const variablesSchema = z.object({
  DATABASE_URL: databaseUrl.optional().register(descriptions, {
    allowed: 'the URL of a PostgreSQL database',
    example: 'postgresql://hub:password@db.example:5432/hub',
    secret: true,
  }),
  HUB_HOME: z.string().default('.hub').register(descriptions, { allowed: 'a directory', example: '.hub' }),
  HUB_GATEWAY_HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .default('127.0.0.1')
    .register(descriptions, { allowed: 'a host name or an address to listen on', example: '127.0.0.1' }),
  HUB_GATEWAY_PORT: whole(0, 65_535, 8_080, 'the port of the gateway, 0 for any free one'),
  HUB_SECRET_KEYS: secretKeys.optional().register(descriptions, {
    allowed: 'a list id:key,id:key, the current key first, each key 32 bytes in base64 (openssl rand -base64 32)',
    example: '2026a:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    secret: true,
  }),
  HUB_LOG_LEVEL: z.enum(LOG_LEVELS).default('info').register(descriptions, { allowed: `one of ${LOG_LEVELS.join(', ')}`, example: 'info' }),
  HUB_RETRY_LADDER_MS: ladder.default([...retryLadderMs]).register(descriptions, {
    allowed: 'waiting times in milliseconds, separated by commas, none shorter than the one before',
    example: retryLadderMs.join(','),
  }),
  HUB_MAX_ATTEMPTS_PER_STEP: whole(1, 100, 1, 'attempts at each waiting time before the next one'),
  HUB_RATE_LIMIT_PER_MINUTE: whole(1, 1_000_000, 30_000, 'requests a minute that the gateway takes from one caller; a source that sends each change by itself may need 200 a second'),
  HUB_FORM_REQUESTS_PER_MINUTE: whole(1, 100_000, 20, 'requests a minute that forms of web pages take from one address'),
  HUB_TRUSTED_PROXIES: networks.default([]).register(descriptions, {
    allowed: 'addresses or networks of the proxies in front of the gateway, separated by commas: they say from which address a request comes',
    example: '10.0.0.0/8,192.0.2.7',
  }),
  HUB_BODY_LIMIT_BYTES: whole(1_024, 104_857_600, 10_485_760, 'the largest request body that the gateway takes, in bytes'),
  HUB_LIST_SYNC_PARK_AFTER_MS: whole(100, 30 * DAY_MS, 3_600_000, 'milliseconds without a new page after which an incomplete list sync is parked'),
  HUB_PULL_INTERVAL_MS: whole(1_000, DAY_MS, 300_000, 'milliseconds between two pulls of a connector whose platform has no setting for it'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[\w.:[\]-]+:\d{1,5}$/)
    .optional()
    .register(descriptions, { allowed: 'host:port of a Temporal server', example: 'temporal.example:7233' }),
  TEMPORAL_TLS: z.enum(['true', 'false', '1', '0']).optional().register(descriptions, { allowed: 'true or false (1 or 0)', example: 'true' }),
  HUB_TEMPORAL_UI_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .register(descriptions, { allowed: 'the web address of the Temporal user interface', example: 'https://temporal-ui.example' }),
  HUB_ROLES: roles.default(['worker', 'gateway']).register(descriptions, { allowed: 'worker, gateway or both, separated by a comma', example: 'worker,gateway' }),
});
