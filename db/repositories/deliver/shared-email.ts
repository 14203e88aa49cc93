import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';

/** Code of a delivery that waits because another contact of the hub has the same e-mail address. */
export const sharedEmailCode = 'EMAIL_SHARED';

/** Said of a delivery that waits for that; `platform` is the platform's name. */
export const sharedEmailReason = (platform: string): string =>
  `another contact of the hub has the same e-mail address, and ${platform} keeps one contact for each address: change one of the two addresses, or let the account match contacts by e-mail`;

/** Said of a delivery that waits because another contact of the hub has its address at the platform still, although it has none or another one in the hub. */
export const heldEmailReason = (platform: string): string =>
  `${platform} still has this e-mail address with another contact of the hub: it goes on when that one has another address there, or the two become one`;

/** Which of these addresses more than one living contact of the account has: pinned apart, or matched by phone. */
export async function findSharedEmails(db: Db, accountId: string, emails: readonly string[]): Promise<ReadonlySet<string>> {
  if (emails.length === 0) return new Set();
  const { rows } = await sql<{ email: string }>`
    select email from record where account_id = ${accountId} and email = any(${[...new Set(emails)]}::text[]) and merged_into is null and not deleted
    group by email having count(*) > 1`.execute(db);
  return new Set(rows.map((row) => row.email));
}

/**
 * Addresses were given up, by contacts or at a platform, or those that the things of `records` have there may be free by now: what waits for one
 * is due again. Returns the connectors concerned.
 */
export async function releaseSharedEmails(trx: Trx, accountId: string, emails: readonly string[], records: readonly number[] = []): Promise<readonly string[]> {
  const { rows } = records.length === 0 ? { rows: [] } : await sql<{ address: string }>`select address from link where record_id = any(${arrays.int8(records)}) and address is not null`.execute(trx);
  const freed = new Set([...emails, ...rows.map((row) => row.address)]);
  return freed.size === 0 ? [] : release(trx, accountId, sql`r.email = any(${[...freed]}::text[])`);
}

/** All that waits for an address is due again: who has which may be another matter by now. Returns the connectors concerned. */
export async function releaseAllSharedEmails(db: Db, accountId: string): Promise<readonly string[]> {
  return release(db, accountId, sql`r.email is not null`);
}

async function release(db: Db, accountId: string, which: RawBuilder<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ connector_id: string }>`
    update delivery d set state = 'pending', wanted = d.wanted + 1, code = null, reason = null, pending_since = clock_timestamp()
    from record r where r.account_id = ${accountId} and ${which} and r.merged_into is null
      and d.record_id = r.id and d.state = 'parked' and d.code = ${sharedEmailCode}
    returning d.connector_id`.execute(db);
  return [...new Set(rows.map((row) => row.connector_id))];
}
