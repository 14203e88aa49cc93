import { expect } from '@jest/globals';
import type { PlatformHarness } from '../harness.ts';
import { people } from '../person.ts';
import { headCount } from '../subject.ts';
import { check, type Check } from './check.ts';

/** Actions. */
export function actChecks({ platform, actions }: PlatformHarness): readonly Check[] {
  const { act, actionKinds } = platform;
  if (act === undefined || actionKinds === undefined) return [];
  const examples = actions(people(headCount));
  return [
    check('has an example of each kind of action in this suite', () => {
      expect(examples.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(actionKinds).toSorted());
    }),
    check('carries out its actions, each with an effect of its own', async (subject) => {
      for (const action of examples) {
        const before = subject.stand.state();
        expect(await act(subject.context(), action)).toMatchObject({ kind: 'done' });
        expect(subject.stand.state()).not.toEqual(before);
      }
    }),
    ...examples.filter(({ kind }) => actionKinds[kind]?.repeatable).map((repeated) =>
      check(`has one effect of «${repeated.kind}», however often it comes`, async (subject) => {
        for (const action of examples) {
          const first = await act(subject.context(), action);
          if (action.kind !== repeated.kind) continue;
          const [state, effects] = [subject.stand.state(), subject.stand.effects()];
          expect(await act(subject.context(), action)).toMatchObject({ kind: first.kind });
          expect(subject.stand.state()).toEqual(state);
          expect(subject.stand.effects()).toEqual(effects);
        }
      })),
    check('takes an action of an unknown kind, or with another payload, for a mistake of the hub, without a call', async (subject) => {
      const [example] = examples;
      if (example === undefined) throw new Error('no action');
      for (const wrong of [{ ...example, kind: 'coffee.make' }, { ...example, payload: { sugar: 2 } }]) {
        const error = await subject.witness.failure(() => act(subject.hostileContext(), wrong));
        expect(error.recovery).toBe('bug');
      }
      expect(subject.hostile.arrivals).toEqual([]);
    }),
  ];
}
