import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { isDatabaseUnavailable } from '../db/unavailable.ts';
import { HubError, type ErrorCode, type Recovery } from '../domain/errors.ts';

/**
 * What an error means for the activity: `ladder`: the platform failed, the credential's ladder says when to try again; `operator`:
 * a person has to act before another attempt makes sense; `refuse`: what was asked is wrong; `again`: our own servers, a second
 * later; `slower`: a mistake of ours, ever more slowly.
 */
export type Verdict = 'ladder' | 'operator' | 'refuse' | 'again' | 'slower';

const verdicts: Readonly<Record<Recovery, Verdict>> = {
  retry: 'ladder', rateLimited: 'ladder', unknownOutcome: 'ladder',
  authorisation: 'operator', configuration: 'operator',
  refused: 'refuse', conflict: 'refuse',
  rejected: 'slower', bug: 'slower',
};
const ownAffairs: ReadonlySet<ErrorCode> = new Set(['DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE', 'SENDER_BUSY', 'FORM_UNAVAILABLE', 'MAPPING_CHANGED']);
const againAfterMs = 1_000;
const slowestMs = 60_000;

/** The one table from errors to what happens next. */
export function verdictOf(error: HubError): Verdict {
  return ownAffairs.has(error.code) ? 'again' : verdicts[error.recovery];
}

/** Any error as one of the catalogue. What is not ours keeps nothing but its class: its text may hold data. */
export function asHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (isDatabaseUnavailable(error)) return new HubError('DATABASE_UNAVAILABLE', undefined, {}, error);
  if (isGrpcServiceError(error)) return new HubError('TEMPORAL_UNAVAILABLE', undefined, {}, error);
  return new HubError('INTERNAL', `The hub made a mistake (${error instanceof Error ? error.name : typeof error}).`, {}, error);
}

/** How a failure is to be repeated. */
export interface Repetition {
  readonly nonRetryable?: boolean;
  readonly nextRetryDelayMs?: number;
  /** An expected failure that needs no warning in the worker's log. */
  readonly isExpected?: boolean;
}

/** The failure that Temporal keeps: our code, our sentence, and what a person can do. Never a cause, which may hold data, nor a stack. */
export function toFailure(error: HubError, { nonRetryable = false, nextRetryDelayMs, isExpected = false }: Repetition): ApplicationFailure {
  const failure = ApplicationFailure.create({
    message: error.message, type: error.code, nonRetryable, details: [{ fix: error.fix }],
    ...(nextRetryDelayMs === undefined ? {} : { nextRetryDelay: nextRetryDelayMs }),
    ...(isExpected ? { category: ApplicationFailureCategory.BENIGN } : {}),
  });
  failure.stack = `${failure.name}: ${failure.message}`;
  return failure;
}

/** The failure of an error that is on no ladder. `attempt` counts from 1. */
export function plainFailure(error: HubError, attempt: number): ApplicationFailure {
  const verdict = verdictOf(error);
  if (verdict === 'refuse' || verdict === 'operator') return toFailure(error, { nonRetryable: true });
  return toFailure(error, { nextRetryDelayMs: verdict === 'again' ? againAfterMs : Math.min(slowestMs, attempt * againAfterMs) });
}

/** What may be logged of an error that is not ours: class, code, and where in our code it came from. */
export function loggable(error: unknown): { readonly name: string; readonly code?: string; readonly frames?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8).map((line) => line.trim()).join(' < ');
  return { name: error.name, ...code, ...(frames === undefined ? {} : { frames }) };
}
