import { describe, expect, it } from '@jest/globals';
import { createFaultPoint } from '../../../workers/fault-point.ts';

describe('a fault point', () => {
  const passes = (setting: string | undefined) => {
    let kills = 0;
    const pass = createFaultPoint(setting, () => (kills += 1));
    return { pass, kills: () => kills };
  };

  it('does nothing unless it is set', async () => {
    for (const setting of [undefined, '']) {
      const { pass, kills } = passes(setting);
      await pass('during-merge');
      expect(kills()).toBe(0);
    }
  });

  it('ends the process at the pass that is named, and never lets that pass go on', async () => {
    const { pass, kills } = passes('intent-before-call:3');
    await pass('intent-before-call');
    await pass('call-before-outcome');
    await pass('intent-before-call');
    expect(kills()).toBe(0);
    const third = pass('intent-before-call').then(() => 'went on');
    expect(await Promise.race([third, new Promise((resolve) => setImmediate(() => resolve('stands')))])).toBe('stands');
    expect(kills()).toBe(1);
  });

  it('means the first pass without a number', () => {
    const { pass, kills } = passes('during-merge');
    void pass('during-merge');
    expect(kills()).toBe(1);
  });

  it('refuses a name that there is not', () => {
    expect(() => createFaultPoint('during-lunch', () => undefined)).toThrow(/accepted-before-signal/);
  });
});
