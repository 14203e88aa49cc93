import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import type { SenderScope } from './sender.ts';

/** One record that the platform did not take. */
export interface Refusal {
  readonly recordId: number;
  readonly code: string;
  /** Without personal data. */
  readonly message: string;
  readonly status: number | null;
  readonly platformCode: string | null;
}

/** Keeps each refused record as an unsuccessful call, for the overview of failed calls. */
export async function recordRefusals(db: Db, scope: Pick<SenderScope, 'accountId' | 'connectorId'>, refusals: readonly Refusal[]): Promise<void> {
  if (refusals.length === 0) return;
  await sql`
    insert into call_attempt (account_id, connector_id, direction, operation, attempt, status, code, message, platform_code, record_ids)
    select ${scope.accountId}, ${scope.connectorId}, 'out', 'deliver contacts', 1, x.status, x.code, x.message, x.platform_code, json_build_array(x.record_id)
    from unnest(${refusals.map((r) => r.recordId)}::bigint[], ${refusals.map((r) => r.code)}::text[], ${refusals.map((r) => r.message)}::text[],
      ${refusals.map((r) => r.status)}::int[], ${refusals.map((r) => r.platformCode)}::text[]) as x(record_id, code, message, status, platform_code)`.execute(db);
}

/** Keeps an action that the platform did not take. The action itself is what is open; the call is kept beside it as settled. */
export async function recordRefusedAction(
  db: Db, scope: Pick<SenderScope, 'accountId' | 'connectorId'>, kind: string, refusal: { readonly code: string; readonly message: string; readonly platformCode?: string },
): Promise<void> {
  await db.insertInto('call_attempt').values({
    account_id: scope.accountId, connector_id: scope.connectorId, direction: 'out', operation: kind, attempt: 1, status: null, code: refusal.code, message: refusal.message,
    platform_code: refusal.platformCode ?? null, state: 'resolved',
  }).execute();
}
