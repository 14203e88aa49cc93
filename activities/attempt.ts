import { AsyncLocalStorage } from 'node:async_hooks';
import type { HoldDirection, Standing } from '../db/repositories/hold.ts';

/** Operations of a platform that count as calls on the retry ladder. */
export type PlatformOperation = 'readPage' | 'readRecords' | 'deliver' | 'act' | 'subscribe' | 'readReports';

/** How an activity uses the ladder of its connector's credential. */
export interface LadderUse {
  readonly direction: HoldDirection;
  /** Operations after which something is stored, so that a failure behind them is a first failure again. */
  readonly progress: readonly PlatformOperation[];
  /** Completes only when nothing is left to call for, so that a wait that is still shown then is over. */
  readonly isQueue?: boolean;
}

/**
 * Activities that call a platform. A pull starts its window afresh, so the pages before a failure are no progress; what a delivery
 * reads ahead is none either.
 */
export const ladderUses: Readonly<Record<string, LadderUse>> = {
  deliverPending: { direction: 'out', progress: ['deliver', 'act'], isQueue: true },
  drainInbox: { direction: 'in', progress: ['readRecords', 'subscribe'] },
  readSlice: { direction: 'in', progress: ['readPage'] },
  pullWindow: { direction: 'in', progress: [] },
  readReports: { direction: 'in', progress: ['readReports'] },
};

/** One attempt of an activity that uses a ladder. */
export interface Attempt {
  readonly use: LadderUse;
  readonly connectorId: string;
  /** Looked up before the first call of the attempt. */
  standing: Promise<Standing | undefined> | undefined;
  /** Operation of the last call, for the overview of failed calls. */
  operation: PlatformOperation | undefined;
  succeeded: boolean;
  released: boolean;
}

/** The attempt that the present code runs in; none outside of activities on a ladder. */
export const attempts = new AsyncLocalStorage<Attempt>();
