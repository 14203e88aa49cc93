import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Check } from './checks/check.ts';
import type { PlatformHarness } from './harness.ts';
import { Subject } from './subject.ts';
import { Witness } from './witness.ts';

/** A chapter of the suite: the rules of one matter, for a platform. */
export interface Chapter {
  readonly title: string;
  readonly checksOf: (harness: PlatformHarness) => readonly Check[];
}

/** Runs the chapters over the platforms, each check on a fresh sandbox, and at the end judges all that was said. */
export function runChapters(harnesses: readonly PlatformHarness[], chapters: readonly Chapter[]): void {
  for (const harness of harnesses) {
    const checked = chapters.map(({ title, checksOf }) => ({ title, checks: checksOf(harness) })).filter(({ checks }) => checks.length > 0);
    if (checked.length === 0) continue;
    describe(harness.platform.description.title, () => {
      const witness = new Witness(harness.secrets);
      for (const { title, checks } of checked) describe(title, () => runChecks(harness, witness, checks));
      it('gave away no name, address, number or secret in any failure or log line', () => {
        expect(witness.errors.length).toBeGreaterThan(0);
        expect(witness.leaks()).toEqual([]);
      });
    });
  }
}

function runChecks(harness: PlatformHarness, witness: Witness, checks: readonly Check[]): void {
  let subject: Subject | undefined;
  beforeEach(async () => {
    subject = await Subject.start(harness, witness);
  });
  afterEach(async () => {
    await subject?.close();
    subject = undefined;
  });
  for (const { title, run } of checks) {
    it(title, async () => {
      if (subject === undefined) throw new Error('the sandbox did not start');
      await run(subject);
    });
  }
}
