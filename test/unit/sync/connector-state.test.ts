import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  enterPhase, healthTransitions, newConnector, pause, phases, phaseTransitions, reportHealth, resume, syncStateOf,
  type ConnectorState, type Health,
} from '../../../domain/sync/connector-state.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const healths: fc.Arbitrary<Health> = fc.constantFrom<Health>({ state: 'ok' }, { state: 'holding', reason: 'the platform is away' }, { state: 'needsOperator', reason: 'login refused' });
const states: fc.Arbitrary<ConnectorState> = fc.record({ phase: fc.constantFrom(...phases), paused: fc.boolean(), health: fc.record({ in: healths, out: healths }) });
const direction = fc.constantFrom('in' as const, 'out' as const);

describe('a connector\'s state', () => {
  it('changes phase exactly as the table says', () => {
    fc.assert(fc.property(states, fc.constantFrom(...phases), (state, phase) => {
      const change = enterPhase(state, phase);
      const allowed = state.phase === phase || phaseTransitions[state.phase].includes(phase);
      expect(change.ok).toBe(allowed);
      if (change.ok) expect(change.state).toEqual({ ...state, phase });
    }));
  });

  it('leaves no way back from removed', () => {
    const removed: ConnectorState = { ...newConnector, phase: 'removed' };
    const reason = 'The connector is removed.';
    expect(phaseTransitions.removed).toEqual([]);
    expect([pause(removed), resume(removed), reportHealth(removed, 'in', { state: 'ok' })]).toEqual([1, 2, 3].map(() => ({ ok: false, reason })));
    expect(enterPhase(removed, 'live')).toEqual({ ok: false, reason: 'A connector that is removed cannot become live.' });
  });

  it('is touched by pause and resume in nothing but the pause', () => {
    fc.assert(fc.property(states.filter(({ phase }) => phase !== 'removed'), (state) => {
      expect(pause(state)).toEqual({ ok: true, state: { ...state, paused: true } });
      expect(resume(state)).toEqual({ ok: true, state: { ...state, paused: false } });
    }));
  });

  it('changes the health of one direction as the table says, and leaves the other', () => {
    fc.assert(fc.property(states.filter(({ phase }) => phase !== 'removed'), direction, healths, (state, side, health) => {
      const change = reportHealth(state, side, health);
      expect(change.ok).toBe(healthTransitions[state.health[side].state].includes(health.state));
      if (change.ok) expect(change.state).toEqual({ ...state, health: { ...state.health, [side]: health } });
    }));
  });

  it('keeps calling for an operator when an attempt under way fails once more', () => {
    const called = reportHealth(newConnector, 'out', { state: 'needsOperator', reason: 'login refused' });
    const state = called.ok ? called.state : newConnector;
    expect(reportHealth(state, 'out', { state: 'holding', reason: 'timeout' }).ok).toBe(false);
    expect(reportHealth(state, 'out', { state: 'ok' }).ok).toBe(true);
  });

  it('is summed up by what is most urgent', () => {
    const reason = 'x';
    expect(syncStateOf(newConnector)).toBe('onboarding');
    expect(syncStateOf({ ...newConnector, phase: 'live', paused: true })).toBe('paused');
    expect(syncStateOf({ ...newConnector, phase: 'live', health: { in: { state: 'holding', reason }, out: { state: 'ok' } } })).toBe('holding');
    expect(syncStateOf({ phase: 'live', paused: true, health: { in: { state: 'ok' }, out: { state: 'needsOperator', reason } } })).toBe('needsOperator');
    expect(syncStateOf({ phase: 'removed', paused: true, health: { in: { state: 'needsOperator', reason }, out: { state: 'ok' } } })).toBe('removed');
  });
});
