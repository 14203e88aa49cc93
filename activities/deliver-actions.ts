import type { Selectable } from 'kysely';
import type { HubError } from '../domain/errors.ts';
import { blameActions, claimActions, heldTargets } from '../db/repositories/deliver/actions.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import { throwIfStopped, mayBeToBlame, type DeliveryRun } from './delivery-run.ts';
import { failAction, runAction } from './run-action.ts';

type Action = Selectable<ActionTable>;

const claimSize = 64;
const inFlight = 4;
/** Attempts after which an action that nothing can be compared with is taken to be the cause itself. One that failed beside others that did not counts as many. */
const triesAlone = 3;

/** What became of a chunk. */
interface Chunk {
  did: boolean;
  /** Answers of the platform: while there are any, what fails is to blame itself. */
  answered: number;
  /** Failed now and before, while the connection works. */
  readonly suspects: { readonly action: Action; readonly error: HubError }[];
  readonly errors: Error[];
  /** Failed while the connection works. */
  readonly blamed: number[];
}

/**
 * Carries out actions in the order they were decided: one target's one after the other, a few targets at a time. One that has to wait
 * holds back only those for the same target. False when none was due or all have to wait.
 *
 * `erasures`: only those that anonymise a contact and did not fail yet.
 *
 * A failed call throws and the order stays. One that fails again while the connection works and the platform takes others fails alone.
 */
export async function runActions(run: DeliveryRun, only: 'erasures' | 'all' = 'all'): Promise<boolean> {
  for (;;) {
    const { did, claimed } = await runChunk(run, only);
    if (did || claimed < claimSize) return did;
  }
}

/** The next actions whose targets need not wait. Where nothing was done, all of their targets wait from now on. */
async function runChunk(run: DeliveryRun, only: 'erasures' | 'all'): Promise<{ readonly did: boolean; readonly claimed: number }> {
  const actions = await claimActions(run.deps.db, run.scope.connectorId, heldNow(run), claimSize, only);
  const chunk: Chunk = { did: false, answered: 0, suspects: [], errors: [], blamed: [] };
  const targets = byTarget(actions);
  const worker = async (): Promise<void> => {
    for (let next = targets.shift(); next !== undefined; next = targets.shift()) {
      if (chunk.errors.length > 0) return;
      await runTarget(run, next, chunk);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { did: await concludeChunk(run, chunk, actions.length), claimed: actions.length };
}

function byTarget(actions: readonly Action[]): Action[][] {
  const targets = new Map<string, Action[]>();
  for (const action of actions) targets.set(action.target, [...(targets.get(action.target) ?? []), action]);
  return [...targets.values()];
}

/** Waiting lists are looked at again when nothing else is left to do. True when there were any. */
export function lookAgain(run: DeliveryRun): boolean {
  const waiting = [...run.holds].filter(([, hold]) => hold.forDeliveries);
  for (const [target] of waiting) run.holds.delete(target);
  return waiting.length > 0;
}

/** Loads which targets wait for a time that an earlier run has set. */
export async function loadHolds(run: DeliveryRun): Promise<void> {
  for (const { target, notBefore } of await heldTargets(run.deps.db, run.scope.connectorId)) {
    run.holds.set(target, { until: Date.parse(notBefore), forDeliveries: false });
  }
}

function heldNow(run: DeliveryRun): readonly string[] {
  for (const [target, hold] of run.holds) if (hold.until <= run.deps.now()) run.holds.delete(target);
  return [...run.holds.keys()];
}

/** The actions of one target in order, until one has to wait or fails. Errors are kept, so that calls beside it are let finish. */
async function runTarget(run: DeliveryRun, actions: readonly Action[], chunk: Chunk): Promise<void> {
  for (const action of actions) {
    try {
      throwIfStopped(run.signal);
      const result = await runAction(run, action);
      if (result === 'waits') return;
      chunk.did = true;
      if (result === 'answered') chunk.answered += 1;
    } catch (error) {
      const own = await mayBeToBlame(run, error);
      if (own !== undefined) chunk.blamed.push(action.id);
      if (own !== undefined && action.failures > 0) chunk.suspects.push({ action, error: own });
      else chunk.errors.push(error instanceof Error ? error : new Error('An action failed.', { cause: error }));
      return;
    }
  }
}

async function concludeChunk(run: DeliveryRun, chunk: Chunk, claimed: number): Promise<boolean> {
  const [first] = chunk.suspects;
  await blameActions(run.deps.db, chunk.blamed, chunk.answered > 0 ? triesAlone : 1);
  const isProved = chunk.answered > 0 || (claimed === 1 && (first?.action.failures ?? 0) >= triesAlone);
  if (isProved) for (const { action, error } of chunk.suspects) await failAction(run, action, { code: 'RECORD_REFUSED', message: `The platform fails on this action alone: ${error.message}` });
  const [error] = chunk.errors;
  if (error !== undefined) throw error;
  if (!isProved && first !== undefined) throw first.error;
  return chunk.did || chunk.suspects.length > 0;
}
