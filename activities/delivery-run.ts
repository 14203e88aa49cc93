import { HubError } from '../domain/errors.ts';
import type { SenderScope } from '../db/repositories/deliver/intent.ts';
import type { LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What the parts of a delivery run share. */
export interface DeliveryRun {
  readonly deps: ActivityDependencies;
  readonly connector: LoadedConnector;
  readonly scope: SenderScope;
  readonly signal: AbortSignal;
  readonly endsAt: number;
  /** Brings the hub up to date with the destination before something is created or switched on (design §4.6). */
  readonly lookAhead: () => Promise<boolean>;
  readonly tally: { sent: number; settled: number; actions: number };
}

/** A lost sender's lock or a cancelled activity ends everything; the reason is the first of them. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.reason instanceof HubError) throw signal.reason;
  signal.throwIfAborted();
}
