import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectorClasses, type ConnectorClass } from '../../../domain/presets/connector-classes.ts';
import { checkOnboarding, onboardingStatus, onboardingSteps } from '../../../domain/presets/onboarding.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const inOrder: readonly ConnectorClass[] = ['e-fulfilment', 'marketing-automation', 'sales-channel', 'marketplace', 'crm', 'analytics', 'activities'];

describe('checkOnboarding', () => {
  it('takes every class in the page\'s order, any of them left out', () => {
    fc.assert(fc.property(fc.subarray([...inOrder]), (chosen) => {
      chosen.forEach((added, index) => expect(checkOnboarding(chosen.slice(0, index), added)).toEqual({ ok: true }));
    }));
  });

  it('takes activities and analytics in either order', () => {
    expect(checkOnboarding(['activities'], 'analytics').ok).toBe(true);
    expect(checkOnboarding(['analytics'], 'activities').ok).toBe(true);
  });

  it('takes another connector of a class that is there, whatever came after it', () => {
    expect(checkOnboarding(['marketing-automation', 'crm', 'analytics'], 'marketing-automation').ok).toBe(true);
    expect(checkOnboarding(['e-fulfilment', 'crm'], 'e-fulfilment').ok).toBe(true);
  });

  it('refuses a class of an earlier step with the reason and the right order', () => {
    const check = checkOnboarding(['crm'], 'marketing-automation');
    expect(check).toMatchObject({ ok: false, code: 'out-of-order', order: onboardingSteps.map(({ title }) => title) });
    expect(check.ok ? '' : check.reason).toContain('Marketing automation comes before what is already connected (CRM)');
    expect(checkOnboarding(['crm'], 'marketing-automation', { override: true }).ok).toBe(true);
  });

  it('asks for a yes of its own before late e-fulfilment', () => {
    expect(checkOnboarding(['sales-channel'], 'e-fulfilment')).toMatchObject({ ok: false, code: 'late-fulfilment' });
    expect(checkOnboarding(['sales-channel'], 'e-fulfilment', { override: true }).ok).toBe(false);
    expect(checkOnboarding(['sales-channel'], 'e-fulfilment', { acceptLateFulfilment: true }).ok).toBe(true);
    expect(checkOnboarding(['crm'], 'marketing-automation', { acceptLateFulfilment: true }).ok).toBe(false);
  });

  it('does not depend on the order or the number of what is there', () => {
    const classes = fc.array(fc.constantFrom(...connectorClasses));
    fc.assert(fc.property(classes, fc.constantFrom(...connectorClasses), (existing, added) => {
      expect(checkOnboarding([...existing].reverse().concat(existing), added)).toEqual(checkOnboarding(existing, added));
    }));
  });
});

describe('onboardingStatus', () => {
  const states = (existing: readonly ConnectorClass[]) => onboardingStatus(existing).map(({ state }) => state);

  it('starts with the first step', () => {
    expect(states([])).toEqual(['next', 'open', 'open', 'open', 'open', 'open']);
  });

  it('shows what is done, what was skipped, and what is next', () => {
    expect(states(['marketing-automation'])).toEqual(['skipped', 'done', 'next', 'open', 'open', 'open']);
    expect(states(['marketing-automation', 'crm'])).toEqual(['skipped', 'done', 'skipped', 'skipped', 'done', 'next']);
    expect(states(['analytics'])).toEqual(['skipped', 'skipped', 'skipped', 'skipped', 'skipped', 'done']);
  });

  it('has at most one next step, and adding it is in order', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...connectorClasses)), (existing) => {
      const next = onboardingStatus(existing).filter(({ state }) => state === 'next');
      expect(next.length).toBeLessThanOrEqual(1);
      for (const one of next.flatMap((step) => step.classes)) expect(checkOnboarding(existing, one).ok).toBe(true);
    }));
  });
});
