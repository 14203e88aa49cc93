import { describe, expect, it } from '@jest/globals';
import { HubError } from '../../../domain/errors.ts';
import type { Platform, SourcePage } from '../../../platforms/platform.ts';
import type { Check } from './checks/check.ts';
import { actChecks } from './checks/act-checks.ts';
import { connectionChecks } from './checks/connection-checks.ts';
import { deliveryChecks } from './checks/delivery-checks.ts';
import { hostileAnswerChecks } from './checks/hostile-answer-checks.ts';
import { hostileOutcomeChecks } from './checks/hostile-outcome-checks.ts';
import { hostilePageChecks } from './checks/hostile-page-checks.ts';
import { readChecks } from './checks/read-checks.ts';
import { receiveChecks } from './checks/receive-checks.ts';
import { coinsHarness } from './coins-harness.ts';
import type { PlatformHarness } from './harness.ts';
import { mailplusHarness } from './mailplus-harness.ts';
import { Subject } from './subject.ts';
import { Witness } from './witness.ts';

/** A platform with one fault, and the check that has to find it. */
interface Mutant {
  readonly fault: string;
  readonly of: PlatformHarness;
  readonly change: (platform: Required<Platform>) => Partial<Platform>;
  readonly checksOf: (harness: PlatformHarness) => readonly Check[];
  readonly title: string;
}

const onPage = (change: (page: SourcePage) => SourcePage) => ({ readPage }: Required<Platform>): Partial<Platform> => ({
  readPage: async (...call) => change(await readPage(...call)),
});
const mutant = (fault: string, of: PlatformHarness, change: Mutant['change'], checksOf: Mutant['checksOf'], title: string): Mutant => ({ fault, of, change, checksOf, title });

const mutants: readonly Mutant[] = [
  mutant('drops the last row of a page', mailplusHarness, onPage((page) => ({ ...page, rows: page.rows.slice(0, -1) })), readChecks, 'of the stream «contacts» once'),
  mutant('gives a row twice', coinsHarness, onPage((page) => ({ ...page, rows: [...page.rows, ...page.rows.slice(0, 1)] })), readChecks, 'of the stream «prospects» once'),
  mutant('takes an empty page for the end', mailplusHarness, onPage(({ nextPageToken, ...page }) => ({ ...page, ...(page.rows.length > 0 && nextPageToken !== undefined ? { nextPageToken } : {}) })), hostilePageChecks, 'an empty page in the middle'),
  mutant('gives times in another zone', coinsHarness, onPage((page) => ({ ...page, rows: page.rows.map((row) => ({ ...row, sourceTime: '2026-01-01T02:00:00+01:00' })) })), readChecks, 'times in UTC'),
  mutant('invents a canonical field', mailplusHarness, onPage((page) => ({ ...page, rows: page.rows.map((row) => ({ ...row, canonical: { ...row.canonical, shoeSize: 42 } })) })), readChecks, 'fields the model knows'),
  mutant('forgets what a value was read from', coinsHarness, onPage((page) => ({ ...page, rows: page.rows.map((row) => ({ ...row, held: {} })) })), readChecks, 'read from in held'),
  mutant('drops what it does not know', mailplusHarness, onPage((page) => ({ ...page, rows: page.rows.map((row) => ({ ...row, payload: {} })) })), hostilePageChecks, 'keeps fields that it does not know'),
  mutant('drops rows that are wrong', coinsHarness, onPage((page) => ({ ...page, rejected: [] })), hostilePageChecks, 'the one row that is wrong'),
  mutant('calls a broken read an empty page', coinsHarness, ({ readPage }) => ({
    readPage: async (...call) => readPage(...call).catch(() => ({ rows: [], activities: [], rejected: [], readAt: '2026-01-01T00:00:00.000Z' })),
  }), hostileAnswerChecks, 'half of the body'),
  mutant('repeats a call by itself', mailplusHarness, ({ readPage }) => ({ readPage: async (...call) => readPage(...call).catch(() => readPage(...call)) }), hostileAnswerChecks, 'an error 500'),
  mutant('retries what has an unknown outcome', mailplusHarness, ({ deliver }) => ({
    deliver: async (...call) => deliver(...call).catch((error: unknown) => {
      throw error instanceof HubError && error.recovery === 'unknownOutcome' ? new HubError('PLATFORM_UNREACHABLE') : error;
    }),
  }), hostileAnswerChecks, 'a reset after it was done'),
  mutant('takes no token from the bucket', coinsHarness, ({ readRecords }) => ({ readRecords: (context, ...call) => readRecords({ ...context, acquire: () => Promise.resolve() }, ...call) }), connectionChecks, 'takes a token from the bucket'),
  mutant('turns outcomes round', mailplusHarness, ({ deliver }) => ({ deliver: async (...call) => (await deliver(...call)).toReversed() }), deliveryChecks, 'of each item what became of it'),
  mutant('shows whole sentences of the platform', coinsHarness, ({ deliver }) => ({
    deliver: async (...call) => (await deliver(...call)).map((outcome) => (outcome.kind === 'refused' ? { ...outcome, message: 'quillonne1@wexfordt.example' } : outcome)),
  }), hostileOutcomeChecks, 'refusal with 400'),
  mutant('projects an undefined value', coinsHarness, ({ project }) => ({
    project: (...call) => {
      const projection = project(...call);
      return { ...projection, fields: { ...projection.fields, title: undefined as unknown as null } };
    },
  }), deliveryChecks, 'projects purely'),
  mutant('writes into the record that it projects', mailplusHarness, ({ project }) => ({
    project: (context, dataType, record) => project(context, dataType, Object.assign(record, { seen: true })),
  }), deliveryChecks, 'projects purely'),
  mutant('gives each repeat of an action another id', coinsHarness, ({ act }) => ({
    act: (context, action) => act(context, { ...action, payload: { ...(action.payload as object), externalId: `A-${performance.now()}` } }),
  }), actChecks, 'one effect of «activity.create»'),
  mutant('gives each repeat of a task another id', coinsHarness, ({ act }) => ({
    act: (context, action) => act(context, action.kind === 'task.create' ? { ...action, payload: { ...(action.payload as object), externalId: `T-${performance.now()}` } } : action),
  }), actChecks, 'one effect of «task.create»'),
  mutant('makes another key of the same request', coinsHarness, ({ receive }) => ({ receive: (...call) => ({ ...receive(...call), key: `${performance.now()}` }) }), receiveChecks, 'the same request for the same event'),
];

async function start(harness: PlatformHarness): Promise<Subject> {
  return Subject.start(harness, new Witness(harness.secrets));
}

function theCheck(checks: readonly Check[], title: string): Check {
  const [found, ...others] = checks.filter((candidate) => candidate.title.includes(title));
  if (found === undefined || others.length > 0) throw new Error(`«${title}» names no check, or more than one`);
  return found;
}

describe('The conformance suite finds a platform that', () => {
  it.each(mutants.map((one) => [one.fault, one] as const))('%s', async (_fault, { of, change, checksOf, title }) => {
    const platform = { ...of.platform, ...change(of.platform as Required<Platform>) };
    const sound = theCheck(checksOf(of), title);
    const faulty = theCheck(checksOf({ ...of, platform }), title);
    const [subject, again] = [await start(of), await start({ ...of, platform })];
    try {
      await expect(Promise.resolve(sound.run(subject))).resolves.toBeUndefined();
      await expect(Promise.resolve().then(() => faulty.run(again))).rejects.toThrow();
    } finally {
      await Promise.all([subject.close(), again.close()]);
    }
  });

  it.each([
    ['a person', new HubError('PLATFORM_ERROR', 'Quillonne7 could not be stored.')],
    ['a number', new HubError('PLATFORM_ERROR', 'refused', { field: '+447700900007' })],
    ['a secret', new HubError('PLATFORM_ERROR', 'refused', {}, new Error('Authorization: Bearer hidden-word'))],
  ])('names %s in a failure', async (_what, error) => {
    const witness = new Witness(['hidden-word']);
    await witness.failure(() => Promise.reject(error));
    expect(witness.leaks()).toHaveLength(1);
  });
});
