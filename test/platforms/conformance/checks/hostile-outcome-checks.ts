import { expect } from '@jest/globals';
import { HubError } from '../../../../domain/errors.ts';
import type { DeliveryItem, DeliveryOutcome } from '../../../../platforms/platform.ts';
import { answers, rewrites } from '../../../support/hostile-source.ts';
import { changeItem, suiteItems } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { people, personalWords } from '../person.ts';
import { headCount, type Subject } from '../subject.ts';
import { check, type Check } from './check.ts';

/** Answers to writes that come in order over HTTP and say something else than they should. */
export function hostileOutcomeChecks(harness: PlatformHarness): readonly Check[] {
  if (harness.neverCalled === true) return [];
  const { deliver, act } = harness.platform;
  if (deliver === undefined) return [];
  const send = (subject: Subject, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> => deliver(subject.hostileContext(), 'contacts', items);
  const mixed = (subject: Subject): readonly DeliveryItem[] => [changeItem(harness.idOf(3), harness.refusedChanges), ...suiteItems(subject, [1, 2])];
  const kinds = ['refused', 'stored', 'stored'];
  return [
    ...([['in another order', (results: unknown[]) => results.toReversed()], ['twice', (results: unknown[]) => [...results, ...results]]] as const).map(([title, change]) =>
      check(`gives each item its own outcome when a platform that answers with a list gives its results ${title}`, async (subject) => {
        subject.hostile.play(rewrites((body) => (Array.isArray(body) ? change(body) : body)));
        expect((await send(subject, mixed(subject))).map(({ kind }) => kind)).toEqual(kinds);
      })),
    check('takes a list of results that leaves one out for a fault of the platform', async (subject) => {
      let isList = false;
      subject.hostile.play(rewrites((body) => {
        isList ||= Array.isArray(body);
        return Array.isArray(body) ? body.slice(1) : body;
      }));
      const ended = await send(subject, mixed(subject)).catch((error: unknown) => subject.witness.failure(() => Promise.reject(error)));
      if (isList) expect(ended).toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', facts: { mayHaveStored: true } });
      else expect(ended).toMatchObject(kinds.map((kind) => ({ kind })));
    }),
    ...[400, 404, 409, 422].map((status) => check(`keeps no word of a refusal with ${status} that names the person`, async (subject) => {
      const message = 'Wexfordt1-Changed <quillonne1@wexfordt.example>, +44 7700 900001, is wrong';
      subject.hostile.play(answers(status, JSON.stringify({ message, errorType: 'INVALID_PARAMS', field: 'quillonne1@wexfordt.example' })));
      const [action] = harness.actions(people(headCount));
      const calls: readonly (() => unknown)[] = [() => send(subject, suiteItems(subject, [1])), () => (action && act ? act(subject.hostileContext(), action) : undefined)];
      for (const call of calls) {
        const ended = await Promise.resolve().then(call).catch((error: unknown) => error);
        if (ended instanceof HubError) await subject.witness.failure(() => Promise.reject(ended));
        const kept = JSON.stringify(ended instanceof HubError ? [ended.message, ended.facts] : ended).toLowerCase();
        expect(personalWords.filter((word) => kept.includes(word) && !(call === calls[1] && word === 'wexfordt'))).toEqual([]);
      }
    })),
  ];
}
