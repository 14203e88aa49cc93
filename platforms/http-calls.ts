import type { ErrorCode } from '../domain/errors.ts';

/** One finished call to a platform: facts for metrics, without a host, a query string or an id. */
export interface PlatformCall {
  readonly platform: string;
  readonly method: string;
  /** The path with its variable parts left open, as `/contact/{externalId}`. */
  readonly template: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The code of the error that the call ended with; absent after success. */
  readonly code?: ErrorCode;
  readonly durationMs: number;
}

/** Told of every finished call. Must not throw. */
export type CallListener = (call: PlatformCall) => void;

const listeners = new Set<CallListener>();

/** Registers a listener for the calls of all platforms in this process; the result takes it away again. */
export function onPlatformCall(listener: CallListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Tells every listener of a finished call. */
export function reportPlatformCall(call: PlatformCall): void {
  for (const listener of listeners) listener(call);
}
