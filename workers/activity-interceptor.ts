import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { attempts, ladderUses, type Attempt } from '../activities/attempt.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { asHubError, loggable, plainFailure, verdictOf } from '../activities/failure.ts';
import { withHeartbeat } from '../activities/heartbeat.ts';
import type { Ladder } from '../activities/ladder.ts';

/** What the interceptor needs. */
export type InterceptorDependencies = Pick<ActivityDependencies, 'faultPoint' | 'log'> & { readonly ladder: Ladder };

/**
 * Around every activity: heartbeats from the first moment, the retry ladder of its connector's credential, and one table from errors to
 * failures, so that no failure that Temporal keeps holds anything but our own sentences.
 */
export class HubActivityInterceptor implements ActivityInboundCallsInterceptor {
  readonly #deps: InterceptorDependencies;
  readonly #context: Context;

  constructor(deps: InterceptorDependencies, context: Context) {
    this.#deps = deps;
    this.#context = context;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const attempt = attemptOf(this.#context.info.activityType, input.args[0]);
    try {
      return await withHeartbeat(async () => {
        const result = await (attempt === undefined ? next(input) : attempts.run(attempt, () => next(input)));
        if (attempt !== undefined) await this.#deps.ladder.completed(attempt);
        await this.#deps.faultPoint('commit-before-complete');
        return result;
      });
    } catch (error) {
      throw await this.#translate(error, attempt);
    }
  }

  async #translate(error: unknown, attempt: Attempt | undefined): Promise<unknown> {
    if (this.#context.cancellationSignal.aborted) return new CancelledFailure('The attempt was cancelled.');
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
    const hubError = asHubError(error);
    const { activityType, attempt: number, workflowExecution } = this.#context.info;
    const verdict = verdictOf(hubError);
    if (hubError.recovery === 'bug') this.#deps.log.error({ activity: activityType, connectorId: attempt?.connectorId, ...loggable(error) }, 'An activity failed by a mistake of the hub');
    if (attempt === undefined || (verdict !== 'ladder' && verdict !== 'operator')) return plainFailure(hubError, number);
    try {
      return await this.#deps.ladder.failed(attempt, hubError, { attempt: number, workflowId: workflowExecution?.workflowId ?? null, activityType });
    } catch (bookingError) {
      return plainFailure(asHubError(bookingError), number);
    }
  }
}

function attemptOf(activityType: string, input: unknown): Attempt | undefined {
  const use = Object.hasOwn(ladderUses, activityType) ? ladderUses[activityType] : undefined;
  if (use === undefined || typeof input !== 'object' || input === null || !('connectorId' in input) || typeof input.connectorId !== 'string') return undefined;
  return { use, connectorId: input.connectorId, standing: undefined, operation: undefined, succeeded: false, released: false };
}
