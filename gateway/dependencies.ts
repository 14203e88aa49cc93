import type { Client } from '@temporalio/client';
import type { Log, SecretBox } from '../activities/dependencies.ts';
import type { TemporalCommandLine } from '../config/temporal-command-line.ts';
import type { Db } from '../db/database.ts';
import type { Platform } from '../platforms/platform.ts';

/** Numbers of the gateway. */
export interface GatewaySettings {
  /** A larger body is refused with REQUEST_TOO_LARGE. */
  readonly bodyLimitBytes: number;
  /** Requests a minute of one token, or of one address without a token. The default lets a source send 500 a second. */
  readonly rateLimitPerMinute: number;
  /** Requests a minute that forms of web pages take from one address. */
  readonly formRequestsPerMinute: number;
  /** Proxies in front of the gateway whose word counts for the address of a caller: addresses or networks. */
  readonly trustedProxies: readonly string[];
  /** Where source systems reach the gateway, as it is shown to people; the address of the request when absent. */
  readonly publicUrl?: string;
  /** Address of the Temporal UI, for links; no links when absent. */
  readonly temporalUiUrl?: string;
  /** Address of the Temporal server as operators type it, for the lines of `backfill --how`. */
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** What those lines need besides: TLS, and the names of variables that hold a secret. */
  readonly temporalCommandLine?: TemporalCommandLine;
  /** How long a command waits for a worker to carry it out. */
  readonly commandTimeoutMs: number;
  /** How long a check of a connection may take. */
  readonly checkTimeoutMs: number;
  readonly pullMarginMs: number;
  readonly pullIntervalMs: number;
}

/** What the gateway is built from; only a process's start-up makes one. */
export interface GatewayDependencies {
  readonly db: Db;
  readonly platforms: Readonly<Record<string, Platform>>;
  readonly secrets: SecretBox;
  readonly temporal: Client;
  readonly log: Log;
  readonly settings: GatewaySettings;
  readonly now: () => number;
  /** Called at named points so that tests can kill the process there; does nothing in production. */
  readonly faultPoint: (name: string) => Promise<void>;
}

/** Numbers for production; what depends on the machine is given. */
export const defaultGatewaySettings = {
  bodyLimitBytes: 10 * 1024 * 1024,
  rateLimitPerMinute: 30_000,
  formRequestsPerMinute: 20,
  trustedProxies: [],
  commandTimeoutMs: 15_000,
  checkTimeoutMs: 20_000,
  pullMarginMs: 600_000,
  pullIntervalMs: 300_000,
} as const satisfies Partial<GatewaySettings>;
