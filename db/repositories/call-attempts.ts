import { sql } from 'kysely';
import type { Trx } from '../database.ts';

/** A call to a platform that did not succeed. Without personal data. */
export interface FailedCall {
  readonly operation: string;
  /** Which attempt of the activity it was, from 1. */
  readonly attempt: number;
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
  readonly platformCode: string | null;
  readonly workflowId: string | null;
}

/** Where a call belongs. */
interface CallScope {
  readonly accountId: string;
  readonly credentialKey: string;
  readonly direction: 'in' | 'out';
}

/** Keeps a failed call. `nextInMs` is when it is tried again; null when an operator has to say so. */
export async function insertCallAttempt(trx: Trx, scope: CallScope, failure: { readonly connectorId: string; readonly call: FailedCall }, nextInMs: number | null): Promise<void> {
  const { call } = failure;
  await trx.insertInto('call_attempt').values({
    account_id: scope.accountId, connector_id: failure.connectorId, direction: scope.direction, operation: call.operation, attempt: call.attempt, status: call.status,
    code: call.code, message: call.message, platform_code: call.platformCode, workflow_id: call.workflowId,
    next_attempt_at: nextInMs === null ? null : sql<string>`clock_timestamp() + make_interval(secs => ${nextInMs / 1000})`,
  }).execute();
}

/** Settles the open failed calls of a credential that no single record is to blame for: the platform answers again. */
export async function resolveCallAttempts(trx: Trx, scope: CallScope): Promise<void> {
  await sql`
    update call_attempt a set state = 'resolved', next_attempt_at = null
    from connector c
    where c.account_id = ${scope.accountId} and c.credential_key = ${scope.credentialKey} and a.connector_id = c.id
      and a.direction = ${scope.direction} and a.state = 'open' and json_array_length(a.record_ids) = 0`.execute(trx);
}
