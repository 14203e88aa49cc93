import { sql } from 'kysely';
import type { LadderMove } from '../../domain/sync/retry-ladder.ts';
import { inAccount, type Db, type Trx } from '../database.ts';
import { repeatOnConflict } from './repeat-on-conflict.ts';
import { insertCallAttempt, resolveCallAttempts, type FailedCall } from './call-attempts.ts';

/** `in`: from the platform to the hub; `out`: from the hub to the platform. */
export type HoldDirection = 'in' | 'out';

/** Whose calls are held: everything that uses one credential, in one direction. */
export interface HoldScope {
  readonly accountId: string;
  readonly credentialKey: string;
  readonly direction: HoldDirection;
}

/** Whether a connector may call its platform now. */
export interface Standing extends HoldScope {
  readonly connectorId: string;
  readonly health: 'ok' | 'holding' | 'needsOperator';
  /** Why it is not ok; null when it is. */
  readonly reason: string | null;
  /** Code of the failure that holds it; null when none does. */
  readonly code: string | null;
  /** Milliseconds until the next attempt may be made; 0 for now. */
  readonly waitMs: number;
}

const waitMs = sql<number>`greatest(0, ceil(extract(epoch from h.not_before - clock_timestamp()) * 1000))`;

/** Looks up how a connector stands in one direction; undefined when there is no such connector. Times by the database's clock. */
export async function standingOf(db: Db, connectorId: string, direction: HoldDirection): Promise<Standing | undefined> {
  const health = direction === 'in' ? 'health_in' : 'health_out';
  const { rows } = await sql<Standing>`
    select c.id "connectorId", c.account_id "accountId", c.credential_key "credentialKey", ${direction}::text direction,
      ${sql.ref(`c.${health}`)} health, ${sql.ref(`c.${health}_reason`)} reason, h.code, coalesce(${waitMs}, 0)::float8 "waitMs"
    from connector c left join hold h on h.account_id = c.account_id and h.credential_key = c.credential_key and h.direction = ${direction}
    where c.id = ${connectorId}`.execute(db);
  return rows[0];
}

/** A failed call to a platform, as it is kept and shown. */
export interface HoldFailure {
  readonly connectorId: string;
  readonly call: FailedCall;
  /** What a person reads as the connector's health. */
  readonly reason: string;
  /** The same where it is not tried again by itself. */
  readonly endReason: string;
  /** True when the login was refused: then nothing that uses the credential can go on. */
  readonly concernsCredential: boolean;
  /** The least time until the next attempt that the platform asked for. */
  readonly retryAfterMs: number;
}

/** What was decided, and whose health changed by it. */
export interface HoldResult {
  readonly move: LadderMove;
  readonly changed: readonly string[];
}

/**
 * Books a failed call and decides what comes next, in one transaction under the lock of the hold: workflows that fail at the same
 * time climb one step together, because a failure that comes while a wait is set joins that wait. `decide` gets the present step.
 */
export async function raiseHold(db: Db, scope: HoldScope, failure: HoldFailure, decide: (step: number) => LadderMove): Promise<HoldResult> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    const { step, leftMs } = await lockHold(trx, scope, failure);
    const decided = decide(step);
    const joins = leftMs > 0 && decided.kind === 'wait';
    const move: LadderMove = joins ? { kind: 'wait', step, delayMs: Math.max(leftMs, failure.retryAfterMs) } : decided;
    await storeHold(trx, scope, failure, move);
    await insertCallAttempt(trx, scope, failure, move.kind === 'wait' ? move.delayMs : null);
    const [health, reason] = move.kind === 'wait' ? ['holding' as const, failure.reason] : ['needsOperator' as const, failure.endReason];
    return { move, changed: await setHealth(trx, scope, { ...failure, reason }, health) };
  }));
}

async function lockHold(trx: Trx, scope: HoldScope, { call }: HoldFailure): Promise<{ readonly step: number; readonly leftMs: number }> {
  await trx.insertInto('hold')
    .values({ account_id: scope.accountId, credential_key: scope.credentialKey, direction: scope.direction, step: 0, not_before: null, code: call.code, reason: call.message })
    .onConflict((c) => c.doNothing()).execute();
  const { rows } = await sql<{ step: number; leftMs: number }>`
    select h.step, coalesce(${waitMs}, 0)::float8 "leftMs" from hold h
    where h.account_id = ${scope.accountId} and h.credential_key = ${scope.credentialKey} and h.direction = ${scope.direction} for update`.execute(trx);
  return rows[0] ?? { step: 0, leftMs: 0 };
}

async function storeHold(trx: Trx, scope: HoldScope, { call }: HoldFailure, move: LadderMove): Promise<void> {
  const notBefore = move.kind === 'wait' ? sql<string>`clock_timestamp() + make_interval(secs => ${move.delayMs / 1000})` : null;
  await trx.updateTable('hold').set({ step: move.step, not_before: notBefore, code: call.code, reason: call.message, updated_at: sql<string>`clock_timestamp()` })
    .where('account_id', '=', scope.accountId).where('credential_key', '=', scope.credentialKey).where('direction', '=', scope.direction).execute();
}

/** What needs an operator is not made to look better by another failure. */
async function setHealth(trx: Trx, scope: HoldScope, failure: HoldFailure, health: 'holding' | 'needsOperator'): Promise<readonly string[]> {
  const [state, reason] = columnsOf(scope.direction);
  const onlyOwn = health === 'needsOperator' && !failure.concernsCredential;
  const { rows } = await sql<{ id: string }>`
    update connector set ${state} = ${health}, ${reason} = ${failure.reason}
    where account_id = ${scope.accountId} and phase <> 'removed' and (id = ${failure.connectorId} or (${!onlyOwn}::boolean and credential_key = ${scope.credentialKey}))
      and (${state}, ${reason}) is distinct from (${health}, ${failure.reason}) and (${health} = 'needsOperator' or ${state} <> 'needsOperator')
    returning id`.execute(trx);
  return rows.map((row) => row.id);
}

const columnsOf = (direction: HoldDirection) => [sql.ref(`health_${direction}`), sql.ref(`health_${direction}_reason`)] as const;

/**
 * A call succeeded: the hold of the credential ends, its open failed calls are settled, and health is ok again; what needs an operator
 * stays so at other connectors. Returns whose health changed.
 */
export async function releaseHold(db: Db, scope: HoldScope, connectorId: string): Promise<readonly string[]> {
  const [state, reason] = columnsOf(scope.direction);
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    await trx.deleteFrom('hold').where('account_id', '=', scope.accountId).where('credential_key', '=', scope.credentialKey).where('direction', '=', scope.direction).execute();
    await resolveCallAttempts(trx, scope);
    const { rows } = await sql<{ id: string }>`
      update connector set ${state} = 'ok', ${reason} = null
      where account_id = ${scope.accountId} and credential_key = ${scope.credentialKey} and (${state} = 'holding' or (${state} = 'needsOperator' and id = ${connectorId}))
      returning id`.execute(trx);
    return rows.map((row) => row.id);
  }));
}
