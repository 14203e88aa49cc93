/** Where a connector is in its life. */
export const phases = ['onboarding', 'backfilling', 'live', 'removed'] as const;
/** One of `phases`. */
export type Phase = (typeof phases)[number];

/** `in`: from the platform to the hub; `out`: from the hub to the platform. */
export type SyncDirection = 'in' | 'out';

/** `holding`: waits on the retry ladder and goes on by itself; `needsOperator`: waits for a person. */
export type HealthState = 'ok' | 'holding' | 'needsOperator';

/** How one direction is. `reason` is a sentence for a person, without personal data. */
export type Health = { readonly state: 'ok' } | { readonly state: 'holding' | 'needsOperator'; readonly reason: string };

/** A connector's state is three things, not one (design §6). */
export interface ConnectorState {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly health: Readonly<Record<SyncDirection, Health>>;
}

/** From each phase, the phases that may follow. Nothing follows `removed`. A live connector backfills again when asked to by hand. */
export const phaseTransitions: Readonly<Record<Phase, readonly Phase[]>> = {
  onboarding: ['backfilling', 'live', 'removed'],
  backfilling: ['live', 'removed'],
  live: ['backfilling', 'removed'],
  removed: [],
};

/**
 * From each health, what may follow. What needs an operator is not made to look better by an attempt that was already under
 * way and failed: only a success or a retry by hand ends it, both as `ok`.
 */
export const healthTransitions: Readonly<Record<HealthState, readonly HealthState[]>> = {
  ok: ['ok', 'holding', 'needsOperator'],
  holding: ['ok', 'holding', 'needsOperator'],
  needsOperator: ['ok', 'needsOperator'],
};

/** The state after a change, or why there is none. */
export type StateChange =
  | { readonly ok: true; readonly state: ConnectorState }
  | { readonly ok: false; readonly reason: string };

/** The state of a connector that was just added. */
export const newConnector: ConnectorState = { phase: 'onboarding', paused: false, health: { in: { state: 'ok' }, out: { state: 'ok' } } };

/** Moves to another phase; the same phase again is no change. */
export function enterPhase(state: ConnectorState, phase: Phase): StateChange {
  if (state.phase === phase) return { ok: true, state };
  if (!phaseTransitions[state.phase].includes(phase)) return { ok: false, reason: `A connector that is ${state.phase} cannot become ${phase}.` };
  return { ok: true, state: { ...state, phase } };
}

/** Stops new work until `resume`; touches nothing else. Repeating it changes nothing. */
export function pause(state: ConnectorState): StateChange {
  return setPaused(state, true);
}

/** Ends a pause; touches neither phase nor health. Repeating it changes nothing. */
export function resume(state: ConnectorState): StateChange {
  return setPaused(state, false);
}

function setPaused(state: ConnectorState, paused: boolean): StateChange {
  if (state.phase === 'removed') return { ok: false, reason: 'The connector is removed.' };
  return { ok: true, state: state.paused === paused ? state : { ...state, paused } };
}

/** Records how one direction is; the other one stays as it is. */
export function reportHealth(state: ConnectorState, direction: SyncDirection, health: Health): StateChange {
  const present = state.health[direction].state;
  if (state.phase === 'removed') return { ok: false, reason: 'The connector is removed.' };
  if (!healthTransitions[present].includes(health.state)) return { ok: false, reason: `What is ${present} cannot become ${health.state}.` };
  return { ok: true, state: { ...state, health: { ...state.health, [direction]: health } } };
}

/** One word for lists and search attributes: the most urgent of the three, for a person who looks for what to do. */
export type SyncState = Phase | 'paused' | 'holding' | 'needsOperator';

/** Sums the state up: removed, then needsOperator, paused, holding, else the phase. */
export function syncStateOf({ phase, paused, health }: ConnectorState): SyncState {
  const states = [health.in.state, health.out.state];
  if (phase === 'removed') return phase;
  if (states.includes('needsOperator')) return 'needsOperator';
  if (paused) return 'paused';
  return states.includes('holding') ? 'holding' : phase;
}
