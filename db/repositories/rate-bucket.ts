import { sql } from 'kysely';
import type { Db } from '../database.ts';

interface Lease { tokens: number; until: number }
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

/** Adds what the bucket gives to what is left of the lease; where that is not enough it ends when more has run in. */
function renew(db: Db, key: string, accountId: string, credentialKey: string, { cost, perSecond }: { readonly cost: number; readonly perSecond: number }): Promise<void> {
  const renewal = (async () => {
    try {
      const granted = await leaseTokens(db, accountId, credentialKey, perSecond);
      const lease = leases.get(key);
      const tokens = (lease !== undefined && lease.until > Date.now() ? lease.tokens : 0) + granted;
      leases.set(key, { tokens, until: Date.now() + leaseMs });
      if (tokens < cost) await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(((cost - tokens) / perSecond) * 1_000, refillMs), leaseMs)));
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
async function leaseTokens(db: Db, accountId: string, credentialKey: string, perSecond: number): Promise<number> {
  const want = Math.max(1, Math.ceil(perSecond / 4));
  const refilled = sql`least(${perSecond}::float8, b.tokens + extract(epoch from clock_timestamp() - b.refilled_at) * ${perSecond}::float8)`;
  const { rows } = await sql<{ granted: number }>`
    with bucket as (
      insert into rate_bucket as b (account_id, credential_key, tokens, refilled_at) values (${accountId}, ${credentialKey}, ${perSecond}::float8 - ${want}, clock_timestamp())
      on conflict (account_id, credential_key) do update set
        tokens = ${refilled} - least(${want}::float8, floor(${refilled})), refilled_at = clock_timestamp()
      returning (select least(${want}::float8, floor(${refilled})) from rate_bucket b where b.account_id = ${accountId} and b.credential_key = ${credentialKey}) as granted)
    select coalesce(granted, ${want}) as granted from bucket`.execute(db);
  return rows[0]?.granted ?? 0;
}
