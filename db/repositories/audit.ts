import type { Db } from '../database.ts';

/** One act of an operator or of the hub itself. `details` hold ids, counts and names of settings; never a secret or personal data. */
export interface AuditEntry {
  readonly accountId: string;
  readonly who: string;
  readonly what: string;
  readonly connectorId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes to the audit, best in the transaction of the act itself. */
export async function writeAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db.insertInto('audit').values({
    account_id: entry.accountId,
    who: entry.who,
    what: entry.what,
    connector_id: entry.connectorId ?? null,
    details: JSON.stringify(entry.details ?? {}),
  }).execute();
}

/** A stored entry. */
export interface AuditRow {
  readonly id: number;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly connector_id: string | null;
  readonly details: Record<string, unknown>;
}

/** The newest entries first, at most `limit`, older than the id `before` when given. */
export async function listAudit(db: Db, options: { readonly connectorId?: string | undefined; readonly limit: number; readonly before?: number | undefined }): Promise<AuditRow[]> {
  let query = db.selectFrom('audit').select(['id', 'at', 'who', 'what', 'connector_id', 'details']).orderBy('id', 'desc').limit(options.limit);
  if (options.connectorId !== undefined) query = query.where('connector_id', '=', options.connectorId);
  if (options.before !== undefined) query = query.where('id', '<', options.before);
  return query.execute();
}
