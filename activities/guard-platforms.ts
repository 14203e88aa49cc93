import type { Platform } from '../platforms/platform.ts';
import { attempts, type PlatformOperation } from './attempt.ts';
import type { Ladder } from './ladder.ts';

/**
 * The platforms with the retry ladder before and after each call that an activity makes: nothing is sent while the credential is
 * held, and the first success ends the hold. Outside of activities on a ladder they are the platforms themselves.
 */
export function guardPlatforms(platforms: Readonly<Record<string, Platform>>, ladder: Ladder): Readonly<Record<string, Platform>> {
  return Object.fromEntries(Object.entries(platforms).map(([id, platform]) => [id, guard(platform, ladder)]));
}

function guard(platform: Platform, ladder: Ladder): Platform {
  const { readPage, readRecords, deliver, act, subscribe } = platform;
  return {
    ...platform,
    ...(readPage && { readPage: (...args) => guarded(ladder, 'readPage', () => readPage(...args)) }),
    ...(readRecords && { readRecords: (...args) => guarded(ladder, 'readRecords', () => readRecords(...args)) }),
    ...(deliver && { deliver: (...args) => guarded(ladder, 'deliver', () => deliver(...args)) }),
    ...(act && { act: (...args) => guarded(ladder, 'act', () => act(...args)) }),
    ...(subscribe && { subscribe: (...args) => guarded(ladder, 'subscribe', () => subscribe(...args)) }),
  };
}

async function guarded<Result>(ladder: Ladder, operation: PlatformOperation, call: () => Promise<Result>): Promise<Result> {
  const attempt = attempts.getStore();
  if (attempt === undefined) return call();
  await ladder.mayCall(attempt);
  attempt.operation = operation;
  const result = await call();
  await ladder.succeeded(attempt, operation);
  return result;
}
