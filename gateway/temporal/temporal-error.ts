import { isGrpcDeadlineError, isGrpcServiceError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { catalogue, type ErrorCode } from '../../domain/error-catalogue.ts';
import { HubError } from '../../domain/errors.ts';

const noWorker = 'No worker carried the command out in time. It may still happen: look at the status, and check that a worker runs (`hub doctor`).';

/** A Temporal client's error as one of the catalogue, or undefined when it is none. A refusal inside a workflow keeps its own code. */
export function toTemporalError(error: unknown): HubError | undefined {
  if (error instanceof WorkflowUpdateFailedError) return refusal(error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) return new HubError('TEMPORAL_UNAVAILABLE', noWorker, {}, error);
  if (isGrpcServiceError(error) || isConnectionError(error)) return new HubError('TEMPORAL_UNAVAILABLE', undefined, {}, error);
  if (error instanceof Error && error.cause instanceof Error) return toTemporalError(error.cause);
  return undefined;
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && /Failed to connect before the deadline|Tried to use closed Client/.test(error.message);
}

/** The validator's or the handler's failure; activities wrap theirs, so the innermost one that says a code counts. */
function refusal(error: WorkflowUpdateFailedError): HubError {
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) return new HubError(cause.type, cause.message, {}, error);
  }
  const said = error.cause instanceof ApplicationFailure ? error.cause.message : undefined;
  return new HubError('CONNECTOR_STATE', said, {}, error);
}

function isErrorCode(word: string | null | undefined): word is ErrorCode {
  return typeof word === 'string' && Object.hasOwn(catalogue, word);
}
