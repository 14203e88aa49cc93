import { HubError } from '../domain/errors.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import type { Claims } from './claims-ahead.ts';
import type { SenderScope } from '../db/repositories/deliver/sender.ts';
import { mappingGeneration } from '../db/repositories/mapping/mapping-runs.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
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
  /** Targets of actions that have to wait, and what is behind each in the order. */
  readonly holds: Map<string, ActionHold>;
  /** Data types that the platform's licence does not have, as this run was told, with its words. */
  readonly unlicensed: Map<DataType, string>;
  /** Records of other types may wait for those that are sent. Only this sender lets one wait, so that it is looked up once for each claim. */
  readonly isAwaited: boolean;
  /** Whether the last call was short enough to work ahead of the next one. */
  readonly pace: { isQuick: boolean };
  readonly claims: Claims;
  readonly tally: { sent: number; settled: number; actions: number };
}

/** Why no action is carried out for a target just now. */
export interface ActionHold {
  /** When to look again, in milliseconds. */
  readonly until: number;
  /** It waits for something that this run may bring about, so it is looked at again when nothing else is left. */
  readonly forDeliveries: boolean;
}

/** A lost sender's lock or a cancelled activity ends everything; the reason is the first of them. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.reason instanceof HubError) throw signal.reason;
  signal.throwIfAborted();
}

const blamable: ReadonlySet<string> = new Set(['PLATFORM_ERROR', 'PLATFORM_TIMEOUT', 'PLATFORM_RESET', 'PLATFORM_ANSWER_INVALID']);

/**
 * Whether what was sent may be to blame for a failed call: the platform got it and failed, while its connection check succeeds.
 * Never so for a failure of our own servers or a lost sender's lock.
 */
export async function mayBeToBlame(run: DeliveryRun, error: unknown): Promise<HubError | undefined> {
  if (!(error instanceof HubError) || !blamable.has(error.code) || run.signal.aborted) return undefined;
  return await connectionProblem(run) === undefined ? error : undefined;
}

/** What the connection check says just now; `undefined` when it succeeds. */
export async function connectionProblem(run: DeliveryRun): Promise<Error | undefined> {
  try {
    await run.connector.platform.checkConnection(platformContext(run.deps, run.connector, run.signal));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('The connection check failed.', { cause: error });
  }
}

/**
 * Throws MAPPING_CHANGED when the connector was loaded with another mapping than it has now. Asked between claiming and planning: what
 * was raised because of the change is then never planned by the old mapping.
 */
export async function requireCurrentMapping({ deps, connector: { row, mapping } }: DeliveryRun): Promise<void> {
  if (mapping === undefined || (await mappingGeneration(deps.db, row.id, false)) === row.mapping_generation) return;
  throw new HubError('MAPPING_CHANGED', undefined, { connectorId: row.id });
}
