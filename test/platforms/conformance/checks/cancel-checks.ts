import { expect } from '@jest/globals';
import type { PlatformContext } from '../../../../platforms/platform.ts';
import { drips, keepsSilent, type Trick } from '../../../support/hostile-source.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { suiteItems } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { people, suiteWindow } from '../person.ts';
import { headCount, type Subject } from '../subject.ts';
import { check, type Check } from './check.ts';

const promptlyMs = 1_000;

/** Calls that take too long are given up when the hub says so. */
export function cancelChecks(harness: PlatformHarness): readonly Check[] {
  if (harness.neverCalled === true) return [];
  const { platform, wire, idOf, actions } = harness;
  const [action] = actions(people(headCount));
  const { readPage, readRecords, deliver, act } = platform;
  const calls: readonly (readonly [string, ((subject: Subject, context: PlatformContext) => Promise<unknown>) | undefined])[] = [
    ['a check', (_subject, context) => platform.checkConnection(context)],
    ['a page', readPage && ((_subject, context) => readPage(context, wire.stream, suiteWindow, undefined))],
    ['a single contact', readRecords && ((_subject, context) => readRecords(context, 'contacts', [idOf(1)]))],
    ['a delivery', deliver && ((subject, context) => deliver(context, 'contacts', suiteItems(subject, [1])))],
    ['an action', act && action && ((_subject, context) => act(context, action))],
  ];
  const slow: readonly (readonly [string, Trick])[] = [['does not answer', keepsSilent], ['answers a byte at a time', drips]];
  return slow.flatMap(([title, trick]) => calls.flatMap(([name, start]) => (start === undefined ? [] : check(`gives up ${name} at once when it is cancelled while the platform ${title}`, async (subject) => {
      subject.hostile.play(trick);
      const controller = new AbortController();
      const stopped = new Error('stopped by the hub');
      const ended = start(subject, subject.hostileContext({ signal: controller.signal })).then(() => 'answered', (error: unknown) => error);
      await waitFor(() => subject.hostile.arrivals.length > 0, { message: 'the call to arrive' });
      const startedMs = performance.now();
      controller.abort(stopped);
      expect(await ended).toBe(stopped);
      expect(performance.now() - startedMs).toBeLessThan(promptlyMs);
      expect(subject.hostile.arrivals.length).toBe(1);
    }))));
}
