import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';

/** Why something does not go on by itself: our code, our sentence, and what a person can do. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** The refusal inside a failure of an activity or a child; undefined when it is something else, such as a cancellation. */
export function refusalOf(error: unknown): Refusal | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return { code: cause.type ?? 'INTERNAL', message: cause.message, fix: fixOf(cause.details?.[0]) };
    if (!(cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure)) return undefined;
  }
  return undefined;
}

function fixOf(details: unknown): string {
  return typeof details === 'object' && details !== null && 'fix' in details && typeof details.fix === 'string' ? details.fix : '';
}

/** A refusal as the workflow's or the update's own failure: its sentence is then the first thing that a person reads. */
export function refuse({ code, message, fix }: Refusal): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: code, message, nonRetryable: true, details: [{ fix }] });
  failure.stack = `${failure.name}: ${message}`;
  return failure;
}

/** Runs `work`; a refusal inside an activity's failure is thrown as it is, without its wrapping. */
export async function orRefuse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalOf(error);
    throw refusal === undefined ? error : refuse(refusal);
  }
}
