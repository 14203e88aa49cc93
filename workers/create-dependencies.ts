import type { Client } from '@temporalio/client';
import { guardPlatforms } from '../activities/guard-platforms.ts';
import { createLadder, type Ladder } from '../activities/ladder.ts';
import type { ActivitySettings, Log, SecretBox } from '../activities/dependencies.ts';
import type { OrchestrationDependencies } from '../activities/orchestration.ts';
import { createWaker } from '../activities/wake.ts';
import { openDatabase, openPool } from '../db/database.ts';
import { defaultMarginMs, defaultOverlapMs } from '../domain/sync/windows.ts';
import { retryLadderMs } from '../domain/sync/retry-ladder.ts';
import { platforms as knownPlatforms } from '../platforms/registry.ts';
import type { Platform } from '../platforms/platform.ts';

/** The numbers of a production worker. */
export const productionSettings: ActivitySettings = {
  retryLadderMs, timeBoxMs: 5 * 60_000, callTimeoutMs: 7_500, pullMarginMs: defaultMarginMs, pullOverlapMs: defaultOverlapMs,
  lookAheadMaxAgeMs: 60_000, listSyncParkAfterMs: 3_600_000,
};

/** What a process gives its activities. */
export interface DependencyOptions {
  readonly databaseUrl: string;
  readonly temporal: Client;
  readonly secrets: SecretBox;
  readonly log: Log;
  readonly settings?: Partial<ActivitySettings>;
  readonly intervals?: Partial<OrchestrationDependencies['intervals']>;
  /** Activities that run at the same time each need a connection now and then. */
  readonly maxConnections?: number;
  readonly platforms?: Readonly<Record<string, Platform>>;
  readonly faultPoint?: (name: string) => Promise<void>;
  readonly now?: () => number;
}

/** Dependencies with their end. */
export interface WorkerDependencies {
  readonly activities: OrchestrationDependencies;
  readonly ladder: Ladder;
  /** Sends the wakes that are due and closes the database. */
  close(): Promise<void>;
}

const defaultConnections = 16;
const defaultIntervals = { pullMs: 300_000, sweepMs: 60_000 };

/** Opens what activities work with. The only place where it is put together. */
export function createDependencies(options: DependencyOptions): WorkerDependencies {
  const { databaseUrl, temporal, secrets, log } = options;
  let isClosing = false;
  const onError = (error: Error): void => {
    if (!isClosing) log.warn({ error: error.name }, 'An idle database connection broke');
  };
  const pool = openPool({ url: databaseUrl, maxConnections: options.maxConnections ?? defaultConnections, onError });
  const db = openDatabase(pool);
  const waker = createWaker(temporal, log);
  const settings = { ...productionSettings, ...options.settings };
  const ladder = createLadder({
    db, ladderMs: settings.retryLadderMs, random: Math.random,
    onHealthChanged: (ids) => ids.forEach((id) => waker.wake('connector', id)),
  });
  const activities: OrchestrationDependencies = {
    db, databaseUrl, temporal, secrets, log, settings, waker, platforms: guardPlatforms(options.platforms ?? knownPlatforms, ladder),
    intervals: { ...defaultIntervals, ...options.intervals }, now: options.now ?? Date.now, faultPoint: options.faultPoint ?? (() => Promise.resolve()),
    onRaised: (ids) => {
      for (const id of ids) waker.wake('deliver', id);
    },
  };
  return {
    activities, ladder,
    close: async () => {
      await waker.close();
      isClosing = true;
      await db.destroy();
    },
  };
}
