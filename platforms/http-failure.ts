import { HubError, type ErrorCode, type ErrorFacts } from '../domain/errors.ts';
import { parseRetryAfter } from '../domain/sync/retry-after.ts';

/** What was asked, in words that may be logged: the template and not the path, for a path carries ids. */
export interface CallName {
  readonly method: string;
  readonly template: string;
}

/** How far a call had come when it broke. */
export interface CallProgress {
  /** The whole request was handed to the network. */
  readonly requestSent: boolean;
  /** The status line came in. */
  readonly answerBegun: boolean;
}

/** Network errors that can only happen before a connection stands. */
const beforeConnection = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const connectionSteps = new Set(['lookup', 'connect', 'secureConnect', 'send']);

/**
 * The error for a call that broke on the way. For a GET every break is a plain retry. For a write it is a plain retry while
 * the request had not gone out whole, else an unknown outcome (PLATFORM_TIMEOUT, PLATFORM_RESET). The library's own error is
 * not kept as the cause: it carries the address and the headers.
 */
export function brokenCall(call: CallName, error: Error, progress: CallProgress): HubError {
  const networkCode = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  const step = 'event' in error && typeof error.event === 'string' ? error.event : undefined;
  const cause = new Error(`${error.name} ${networkCode}`);
  const facts = { ...factsOf(call), networkCode, ...(step === undefined ? {} : { step }) };
  const timedOut = error.name === 'TimeoutError' || networkCode === 'ETIMEDOUT';
  const neverArrived = beforeConnection.has(networkCode) || !progress.requestSent || (step !== undefined && connectionSteps.has(step));
  if (call.method === 'GET' || (neverArrived && !progress.answerBegun)) {
    const what = timedOut ? 'did not answer in time' : 'could not be reached or closed the connection';
    return new HubError('PLATFORM_UNREACHABLE', `${nameOf(call)}: the platform ${what} (${networkCode}).`, facts, cause);
  }
  if (timedOut) return new HubError('PLATFORM_TIMEOUT', `${nameOf(call)}: no answer in time; whether it was stored is not known.`, facts, cause);
  return new HubError('PLATFORM_RESET', `${nameOf(call)}: the connection broke after the request was sent; whether it was stored is not known.`, facts, cause);
}

/** What is needed of an answer to judge it. */
export interface StatusLine {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The header `Date`. */
  readonly date?: string | undefined;
}

/**
 * The error for a status that the caller did not ask to see, by one table (design §8): 401 and 403 PLATFORM_LOGIN_REFUSED,
 * 429 PLATFORM_RATE_LIMITED, 408 and 5xx PLATFORM_ERROR, 3xx CONFIGURATION_INVALID (redirects are not followed),
 * the rest PLATFORM_ANSWER_INVALID. `retryAfterMs` is a fact of 429 and 503 when the header is readable,
 * `clockAheadMs` of a refused login, by which our clock is ahead of the platform's; `mayHaveStored` of a write that ended in a 5xx.
 */
export function refusedCall(call: CallName, answer: StatusLine, nowMs: number): HubError {
  const { status } = answer;
  const retryAfterMs = status === 429 || status === 503 ? parseRetryAfter(answer.retryAfter, nowMs) : null;
  const facts: ErrorFacts = {
    ...factsOf(call), status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(status === 401 || status === 403 ? clockFacts(answer.date, nowMs) : {}),
    ...(status >= 500 && call.method !== 'GET' ? { mayHaveStored: true } : {}),
  };
  return new HubError(codeOfStatus(status), `${nameOf(call)}: ${sentenceOfStatus(status)}`, facts);
}

function clockFacts(date: string | undefined, nowMs: number): ErrorFacts {
  const theirsMs = Date.parse(date ?? '');
  return Number.isNaN(theirsMs) ? {} : { clockAheadMs: nowMs - theirsMs };
}

/** The error for an answer that came whole and cannot be used. `mayHaveStored` is a fact of writes. */
export function unusableAnswer(call: CallName, status: number, what: string): HubError {
  const facts = { ...factsOf(call), status, ...(call.method === 'GET' ? {} : { mayHaveStored: true }) };
  return new HubError('PLATFORM_ANSWER_INVALID', `${nameOf(call)}: ${what}`, facts);
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'PLATFORM_LOGIN_REFUSED';
  if (status === 429) return 'PLATFORM_RATE_LIMITED';
  if (status >= 500 || status === 408 || status === 425) return 'PLATFORM_ERROR';
  return status >= 300 && status < 400 ? 'CONFIGURATION_INVALID' : 'PLATFORM_ANSWER_INVALID';
}

function sentenceOfStatus(status: number): string {
  if (status === 401 || status === 403) return `the platform refused the credentials (${status}).`;
  if (status === 429) return 'the platform asks to slow down (429).';
  if (status >= 500) return `the platform answered with an internal error (${status}).`;
  if (status >= 300 && status < 400) return `the platform answers with a redirect (${status}); check the setting baseUrl.`;
  return `the platform answered ${status}, which was not expected here.`;
}

const nameOf = (call: CallName): string => `${call.method} ${call.template}`;
const factsOf = (call: CallName): ErrorFacts => ({ operation: nameOf(call) });
