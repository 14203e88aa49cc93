import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** `askAt`: when the bucket is asked again; later than now when it was found empty. */
interface Lease { tokens: number; until: number; askAt: number }
const leases = new Map<string, Lease>();
/** One request at a time: tokens of a second one would only be lost when both arrive. */
const underWay = new Map<string, Promise<void>>();
const leaseMs = 1_000;
/** An empty bucket is not asked more often. */
const refillMs = 25;

/**
 * Takes tokens from the credential's bucket, so that all processes together keep to the platform's rate (design §6).
 * Tokens are leased for about a second at a time; waits for the refill, or throws when `signal` aborts.
 */
export async function takeTokens(db: Db, accountId: string, credentialKey: string, cost: number, perSecond: number, signal: AbortSignal): Promise<void> {
  const key = `${accountId}/${credentialKey}`;
  for (;;) {
    signal.throwIfAborted();
    const lease = leases.get(key);
    const here = lease !== undefined && lease.until > Date.now() ? lease.tokens : 0;
    if (lease !== undefined && here >= cost) {
      lease.tokens -= cost;
      return;
    }
    await orAborted(underWay.get(key) ?? renew(db, key, accountId, credentialKey, { cost, perSecond }), signal);
  }
}

/** Adds what the bucket gives to what is left of the lease; a bucket that was empty the last time is asked when more has run in. */
function renew(db: Db, key: string, accountId: string, credentialKey: string, { cost, perSecond }: { readonly cost: number; readonly perSecond: number }): Promise<void> {
  const renewal = (async () => {
    try {
      const waitMs = (leases.get(key)?.askAt ?? 0) - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const { granted, isEmpty } = await leaseTokens(db, accountId, credentialKey, perSecond);
      const lease = leases.get(key);
      const tokens = (lease !== undefined && lease.until > Date.now() ? lease.tokens : 0) + granted;
      const missingMs = Math.max(((cost - tokens) / perSecond) * 1_000, refillMs);
      leases.set(key, { tokens, until: Date.now() + leaseMs, askAt: isEmpty ? Date.now() + Math.min(missingMs, leaseMs) : 0 });
    } finally {
      underWay.delete(key);
    }
  })();
  underWay.set(key, renewal);
  return renewal;
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Takes up to a quarter of a second's worth; what is not there yet is not taken. */
async function leaseTokens(db: Db, accountId: string, credentialKey: string, perSecond: number): Promise<{ readonly granted: number; readonly isEmpty: boolean }> {
  const want = Math.max(1, Math.ceil(perSecond / 4));
  const refilled = sql`least(${perSecond}::float8, b.tokens + extract(epoch from clock_timestamp() - b.refilled_at) * ${perSecond}::float8)`;
  const { rows } = await sql<{ granted: number }>`
    with bucket as (
      insert into rate_bucket as b (account_id, credential_key, tokens, refilled_at) values (${accountId}, ${credentialKey}, ${perSecond}::float8 - ${want}, clock_timestamp())
      on conflict (account_id, credential_key) do update set
        tokens = ${refilled} - least(${want}::float8, floor(${refilled})), refilled_at = clock_timestamp()
      returning (select least(${want}::float8, floor(${refilled})) from rate_bucket b where b.account_id = ${accountId} and b.credential_key = ${credentialKey}) as granted)
    select coalesce(granted, ${want}) as granted from bucket`.execute(db);
  const granted = rows[0]?.granted ?? 0;
  return { granted, isEmpty: granted < want };
}
