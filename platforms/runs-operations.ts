import type { HubError } from '../domain/errors.ts';
import type { PlatformContext } from './platform.ts';

/** One operation of a platform's API, for a person to choose. */
export interface OperationSummary {
  /** What is typed, as `contact.get`. */
  readonly name: string;
  readonly method: string;
  /** Its variable parts as `{name}`. */
  readonly path: string;
  readonly about: string;
  /** Whether it changes the platform, or what people receive. */
  readonly changes: boolean;
  /** Whether a repeat leaves everything as one call does. */
  readonly idempotent: boolean;
  readonly paging: 'none' | 'array' | 'offset' | 'fixed';
  /** Names of what is given; what begins with `body.` is part of the body. */
  readonly input: readonly { readonly name: string; readonly needed: boolean }[];
  readonly note?: string;
}

/** What was sent for a person, and what came back. Holds personal data: for that person's eyes, never for a log. No secret. */
export interface OperationRun {
  readonly sent: {
    readonly method: string;
    readonly path: string;
    readonly ids: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, string | number | boolean>>;
    readonly body?: unknown;
  };
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The answer as it came. */
  readonly answer?: unknown;
  /** What went wrong. */
  readonly problem?: HubError;
  /** Where the answer differs from the contract. */
  readonly note?: string;
}

/** Runs single operations of the platform's API for support. Throws REQUEST_INVALID, with the field, before anything is sent. */
export interface RunsOperations {
  readonly operations: readonly OperationSummary[];
  runOperation(context: PlatformContext, name: string, input: unknown): Promise<OperationRun>;
}
