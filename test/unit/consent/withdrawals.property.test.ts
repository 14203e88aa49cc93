import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testSeed } from '../../support/test-seed.ts';
import type { Fate } from './simulated-hub.ts';
import type { PlatformKind } from './simulated-platform.ts';
import { World, type Beginning, type During, type Step } from './simulated-world.ts';

fc.configureGlobal({ seed: testSeed(), numRuns: 1_500 });

const where = fc.constantFrom<0 | 1>(0, 1);
const during = fc.constantFrom<During>('nothing', 'nothing', 'read', 'snapshot');
const deliver = (...fates: Fate[]): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('deliver' as const), where, fate: fc.constantFrom(...fates), looksFirst: fc.boolean(), during: fc.tuple(during, during) });
const turn: fc.Arbitrary<Step> = fc.record({ do: fc.constant('turn' as const), where });
const rename: fc.Arbitrary<Step> = fc.record({ do: fc.constant('rename' as const), where });
const snapshot: fc.Arbitrary<Step> = fc.record({ do: fc.constant('snapshot' as const), where });
const read: fc.Arbitrary<Step> = fc.record({ do: fc.constant('read' as const), where });
const judge: fc.Arbitrary<Step> = fc.record({ do: fc.constant('judge' as const), which: fc.nat(9) });
const say: fc.Arbitrary<Step> = fc.record({ do: fc.constant('say' as const), granted: fc.boolean(), arrives: fc.boolean() });
const arrive: fc.Arbitrary<Step> = fc.record({ do: fc.constant('arrive' as const), which: fc.nat(9) });
const oldList: fc.Arbitrary<Step> = fc.record({ do: fc.constant('import' as const), granted: fc.boolean() });

const histories = (step: fc.Arbitrary<Step>) => fc.array(step, { minLength: 4, maxLength: 30, size: 'max' });
const begin = (...kinds: PlatformKind[]): fc.Arbitrary<Beginning> => {
  const kind = fc.constantFrom(...kinds);
  return fc.record({ kinds: fc.tuple(kind, kind), exists: fc.tuple(fc.boolean(), fc.boolean()), isOn: fc.tuple(fc.boolean(), fc.boolean()) });
};

/** Calls may be cut off; then a platform that shows neither dates nor stamps leaves no way to tell our own doing from a person's. */
const stormy = { start: begin('bit', 'dated', 'stamping'), steps: histories(fc.oneof(deliver('stored', 'stored', 'cut', 'lost'), deliver('stored'), turn, turn, rename, snapshot, read, judge, say, say, arrive, oldList)) };
const calm = { start: begin('bit', 'bare', 'dated', 'stamping'), steps: histories(fc.oneof(deliver('stored'), deliver('stored'), turn, turn, rename, snapshot, read, judge, say, say, arrive, oldList)) };

function live(start: Beginning, steps: readonly Step[], each: (world: World) => void = () => undefined): World {
  const world = new World(start);
  for (const step of steps) {
    world.run(step);
    each(world);
  }
  return world;
}

describe.each([['where calls are cut off', stormy], ['where every outcome is learnt', calm]])('a withdrawal, %s', (_title, { start, steps }) => {
  it('is never undone by older data, an echo, an unknown outcome read back, or an unrelated edit', () => {
    fc.assert(fc.property(start, steps, (beginning, history) => {
      live(beginning, history, (world) => {
        if (world.hub.permission.state === 'granted') expect(world.lastWord(true)).toMatchObject({ granted: true });
      });
    }));
  });

  it('that was the person\'s last word holds everywhere once everything has arrived', () => {
    fc.assert(fc.property(start, steps, (beginning, history) => {
      const world = live(beginning, history);
      world.settle();
      const last = world.lastWord(false);
      if (last === undefined || last.granted) return;
      expect([world.hub.permission.state, ...world.platforms.map((platform) => platform.isOn)]).toEqual(['withdrawn', false, false]);
    }));
  });
});

describe('planning', () => {
  it('finds nothing to send once everything has arrived, and all sides hold the same', () => {
    fc.assert(fc.property(stormy.start, stormy.steps, (beginning, history) => {
      const world = live(beginning, history);
      world.settle();
      for (const platform of world.platforms) expect(world.hub.plan(platform).kind).toBe('nothing');
      expect(new Set([world.hub.name, ...world.platforms.map((platform) => platform.name)]).size).toBe(1);
    }));
  });

  it('finds nothing to send a second time, wherever a history ends', () => {
    fc.assert(fc.property(stormy.start, stormy.steps, where, (beginning, history, i) => {
      const world = live(beginning, history);
      const platform = world.platforms[i];
      world.hub.deliver(platform, 'stored', 10_000);
      expect(world.hub.plan(platform).kind).toBe('nothing');
    }));
  });
});

describe('the last name that anybody gave', () => {
  it('is the one that all sides have in the end, whatever was sent, cut off, or read late', () => {
    const steps = histories(fc.oneof(deliver('stored', 'cut', 'lost'), rename, snapshot, read, judge));
    fc.assert(fc.property(begin('bit', 'dated'), steps, (beginning, history) => {
      const world = live(beginning, history);
      world.settle();
      if (world.lastName === null) return;
      expect([world.hub.name, ...world.platforms.map((platform) => platform.name)]).toEqual([world.lastName, world.lastName, world.lastName]);
    }));
  });
});
