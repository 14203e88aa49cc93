import type { Client } from '@temporalio/client';
import type { Db } from '../db/database.ts';
import type { Platform } from '../platforms/platform.ts';

/** A structured log; facts carry ids and counts, never personal data. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Seals and opens secrets at rest (AES-256-GCM with key ids). */
export interface SecretBox {
  seal(plain: string, context: string): string;
  /** Throws HubError SECRET_UNREADABLE. `context` must be the one that the secret was sealed with. */
  open(sealed: string, context: string): string;
  /** Keyed hash, for look-ups of what must not be stored. */
  fingerprint(plain: string): string;
}

/** Numbers that tests scale down. All in milliseconds unless the name says otherwise. */
export interface ActivitySettings {
  readonly retryLadderMs: readonly number[];
  /** How long one activity works before it returns and is called again. */
  readonly timeBoxMs: number;
  /** Cap of one HTTP call; below the heartbeat timeout. */
  readonly callTimeoutMs: number;
  readonly pullMarginMs: number;
  readonly pullOverlapMs: number;
  readonly lookAheadMaxAgeMs: number;
  readonly listSyncParkAfterMs: number;
}

/** What activities are built from; only `workers` and `gateway` start-up make one. */
export interface ActivityDependencies {
  readonly db: Db;
  /** For the one connection that holds the sender's lock. */
  readonly databaseUrl: string;
  readonly platforms: Readonly<Record<string, Platform>>;
  readonly secrets: SecretBox;
  readonly temporal: Client;
  readonly log: Log;
  readonly settings: ActivitySettings;
  readonly now: () => number;
  /** Called at named points so that tests can kill the process there; does nothing in production. */
  readonly faultPoint: (name: string) => Promise<void>;
  /** Told of export connectors with newly raised work as soon as it is committed: a hint to wake their deliveries early. */
  readonly onRaised?: (connectorIds: Iterable<string>) => void;
}
