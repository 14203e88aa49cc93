import type { ApplicationFailure } from '@temporalio/common';
import { raiseHold, releaseHold, standingOf, type HoldFailure, type Standing } from '../db/repositories/hold.ts';
import type { Db } from '../db/database.ts';
import { catalogue, type ErrorCode } from '../domain/error-catalogue.ts';
import { HubError } from '../domain/errors.ts';
import { climb, type LadderMove } from '../domain/sync/retry-ladder.ts';
import type { Attempt, PlatformOperation } from './attempt.ts';
import { toFailure, verdictOf } from './failure.ts';

/** What the ladder needs. */
export interface LadderDependencies {
  readonly db: Db;
  readonly ladderMs: readonly number[];
  /** Told of connectors whose health changed. A hint. */
  readonly onHealthChanged: (connectorIds: readonly string[]) => void;
  /** In [0, 1), for the ±10 %. */
  readonly random: () => number;
}

/** Which attempt of which workflow it is. */
export interface AttemptFacts {
  readonly attempt: number;
  readonly workflowId: string | null;
  readonly activityType: string;
}

/** The retry ladder that all workflows of one credential climb together (design §6). */
export interface Ladder {
  /** Before a call. Throws an ApplicationFailure while the credential is held or an operator is needed. */
  mayCall(attempt: Attempt): Promise<void>;
  /** After a call that succeeded. */
  succeeded(attempt: Attempt, operation: PlatformOperation): Promise<void>;
  /** After an attempt that completed. */
  completed(attempt: Attempt): Promise<void>;
  /** After an attempt that the platform made fail: books it and says when to try again. */
  failed(attempt: Attempt, error: HubError, facts: AttemptFacts): Promise<ApplicationFailure>;
}

/** The ladder over the tables `hold` and `call_attempt`. */
export function createLadder(deps: LadderDependencies): Ladder {
  const lookUp = (attempt: Attempt): Promise<Standing | undefined> => (attempt.standing ??= standingOf(deps.db, attempt.connectorId, attempt.use.direction));
  const release = async (attempt: Attempt): Promise<void> => {
    const standing = await lookUp(attempt);
    if (standing === undefined || attempt.released || (standing.health === 'ok' && standing.code === null)) return;
    attempt.released = true;
    deps.onHealthChanged(await releaseHold(deps.db, standing, attempt.connectorId));
  };
  return {
    mayCall: async (attempt) => {
      const refusal = refusalOf(await lookUp(attempt));
      if (refusal !== undefined) throw refusal;
    },
    succeeded: async (attempt, operation) => {
      attempt.succeeded = true;
      if (attempt.use.progress.includes(operation)) await release(attempt);
    },
    completed: async (attempt) => {
      if (attempt.succeeded || (attempt.use.isQueue === true && (await lookUp(attempt))?.health === 'holding')) await release(attempt);
    },
    failed: async (attempt, error, facts) => {
      const standing = await lookUp(attempt);
      if (standing === undefined) return toFailure(error, { nonRetryable: true });
      const { move, changed } = await raiseHold(deps.db, standing, bookingOf(attempt, error, facts), (step) => moveAfter(deps, error, step));
      deps.onHealthChanged(changed);
      return move.kind === 'wait' ? toFailure(error, { nextRetryDelayMs: move.delayMs }) : toFailure(error, { nonRetryable: true });
    },
  };
}

function moveAfter({ ladderMs, random }: LadderDependencies, error: HubError, step: number): LadderMove {
  if (verdictOf(error) === 'operator') return { kind: 'needsOperator', step };
  const kind = error.recovery === 'rateLimited' ? 'rateLimited' : 'failed';
  const { retryAfterMs } = error.facts;
  return climb(step, { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, random(), ladderMs);
}

/** A credential that is held is not called: the attempt comes back when the wait is over, with the failure that caused it. */
function refusalOf(standing: Standing | undefined): ApplicationFailure | undefined {
  if (standing === undefined) return undefined;
  const code = standing.code !== null && Object.hasOwn(catalogue, standing.code) ? (standing.code as ErrorCode) : 'CONFIGURATION_INVALID';
  if (standing.health === 'needsOperator') return toFailure(new HubError(code, standing.reason ?? undefined), { nonRetryable: true, isExpected: true });
  if (standing.waitMs <= 0) return undefined;
  return toFailure(new HubError(code, `Waits with the other workflows of this login: ${standing.reason ?? catalogue[code].cause}`), { nextRetryDelayMs: standing.waitMs, isExpected: true });
}

function bookingOf(attempt: Attempt, error: HubError, facts: AttemptFacts): HoldFailure {
  const { status, platformCode, operation, retryAfterMs } = error.facts;
  return {
    connectorId: attempt.connectorId, reason: `${error.message} ${error.fix}`,
    endReason: verdictOf(error) === 'operator' ? `${error.message} ${error.fix}` : `${error.message} It has been tried as often as the retry ladder says, and is not tried again by itself: see to the platform, then \`hub failed retry\`.`,
    concernsCredential: error.recovery === 'authorisation', retryAfterMs: retryAfterMs ?? 0,
    call: {
      operation: operation ?? attempt.operation ?? facts.activityType, attempt: facts.attempt, status: status ?? null, code: error.code, message: error.message,
      platformCode: platformCode ?? null, workflowId: facts.workflowId,
    },
  };
}
