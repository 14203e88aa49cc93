import { sql } from 'kysely';
import type { Db, Trx } from '../../database.ts';

/** Code of a delivery that waits because another contact of the hub has the same e-mail address. */
export const sharedEmailCode = 'EMAIL_SHARED';

/** Said of a delivery that waits for that; `platform` is the platform's name. */
export const sharedEmailReason = (platform: string): string =>
  `another contact of the hub has the same e-mail address, and ${platform} keeps one contact for each address: change one of the two addresses, or let the account match contacts by e-mail`;

/** Which of these addresses more than one living contact of the account has: pinned apart, or matched by phone. */
export async function findSharedEmails(db: Db, accountId: string, emails: readonly string[]): Promise<ReadonlySet<string>> {
  if (emails.length === 0) return new Set();
  const { rows } = await sql<{ email: string }>`
    select email from record where account_id = ${accountId} and email = any(${[...new Set(emails)]}::text[]) and merged_into is null and not deleted
    group by email having count(*) > 1`.execute(db);
  return new Set(rows.map((row) => row.email));
}

/** An address was given up by one of its contacts: what waited for that is due again. Returns the connectors concerned. */
export async function releaseSharedEmails(trx: Trx, accountId: string, emails: readonly string[]): Promise<readonly string[]> {
  if (emails.length === 0) return [];
  const { rows } = await sql<{ connector_id: string }>`
    update delivery d set state = 'pending', wanted = d.wanted + 1, code = null, reason = null, pending_since = clock_timestamp()
    from record r where r.account_id = ${accountId} and r.email = any(${[...emails]}::text[]) and r.merged_into is null
      and d.record_id = r.id and d.state = 'parked' and d.code = ${sharedEmailCode}
    returning d.connector_id`.execute(trx);
  return [...new Set(rows.map((row) => row.connector_id))];
}
