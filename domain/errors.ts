import { catalogue, type ErrorCode, type Recovery } from './error-catalogue.ts';

export type { ErrorCode, Recovery } from './error-catalogue.ts';

/** Facts that go with an error: ids, counts, states. Never personal data or a secret: they reach logs and Temporal. */
export interface ErrorFacts {
  readonly connectorId?: string;
  readonly operation?: string;
  /** HTTP status of the platform's answer. */
  readonly status?: number;
  /** The platform's own error code, when it is a word and no free text. */
  readonly platformCode?: string;
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** What to do, where the catalogue's general advice does not fit the situation. */
  readonly fix?: string;
  readonly [fact: string]: string | number | boolean | undefined;
}

/**
 * The one error of the hub. `code` is stable and has a cause and a fix in the catalogue; `recovery` says what to do next.
 * The message is our own sentence without personal data; `cause` is for the local log only.
 */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message?: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message ?? catalogue[code].cause, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }

  get recovery(): Recovery {
    return catalogue[this.code].recovery;
  }

  /** What a person can do about it. */
  get fix(): string {
    return this.facts.fix ?? catalogue[this.code].fix;
  }
}

/** True for an error that stands for the given recovery. */
export function hasRecovery(error: unknown, ...recoveries: readonly Recovery[]): error is HubError {
  return error instanceof HubError && recoveries.includes(error.recovery);
}
