import { sql } from 'kysely';
import type { Db } from '../database.ts';

interface Lease { tokens: number; until: number }
const leases = new Map<string, Lease>();
const leaseMs = 1_000;

/**
 * Takes tokens from the credential's bucket, so that all processes together keep to the platform's rate (design §6).
 * Tokens are leased for about a second at a time; waits for the refill, or throws when `signal` aborts.
 */
export async function takeTokens(db: Db, accountId: string, credentialKey: string, cost: number, perSecond: number, signal: AbortSignal): Promise<void> {
  const key = `${accountId}/${credentialKey}`;
  for (;;) {
    signal.throwIfAborted();
    const lease = leases.get(key);
    if (lease && lease.tokens >= cost && lease.until > Date.now()) {
      lease.tokens -= cost;
      return;
    }
    const granted = await leaseTokens(db, accountId, credentialKey, perSecond);
    const previous = lease && lease.until > Date.now() ? lease.tokens : 0;
    leases.set(key, { tokens: previous + granted, until: Date.now() + leaseMs });
    if (previous + granted < cost) await pause(Math.ceil(((cost - previous - granted) / perSecond) * 1000), signal);
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

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, Math.min(Math.max(ms, 5), 1_000));
    const stop = () => { clearTimeout(timer); reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')); };
    signal.addEventListener('abort', stop, { once: true });
  });
}
