import { expect } from '@jest/globals';
import { HubError, type ErrorCode } from '../../../../domain/errors.ts';
import { catalogue, type Recovery } from '../../../../domain/error-catalogue.ts';
import {
  answers, compresses, cutsTheBody, halvesTheJson, labels, resetsAfterDoing, resetsBeforeReading, speaksNonsense, type Trick,
} from '../../../support/hostile-source.ts';
import { withServer } from '../../../support/with-server.ts';
import { suiteItems } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { people, suiteWindow } from '../person.ts';
import { headCount, type Subject } from '../subject.ts';
import { check, type Check } from './check.ts';

/** What a call that is answered like this has to end in. */
interface Trouble {
  readonly title: string;
  readonly trick: Trick;
  readonly read: ErrorCode;
  readonly write: ErrorCode;
  /** A write that ends in a plain retry says that it may have been stored all the same. */
  readonly mayHaveStored: boolean;
}

const html = { 'content-type': 'text/html' };
const page = '<html><head><title>Oops</title></head><body>Something went wrong</body></html>';
const nothingDone = (title: string, trick: Trick, read: ErrorCode, write: ErrorCode = read): Trouble => ({ title, trick, read, write, mayHaveStored: false });
const perhapsDone = (title: string, trick: Trick, code: ErrorCode): Trouble => ({ title, trick, read: code, write: code, mayHaveStored: true });

const troubles: readonly Trouble[] = [
  perhapsDone('an error 500 in HTML', answers(500, page, html), 'PLATFORM_ERROR'),
  perhapsDone('an error 503 without a word', answers(503), 'PLATFORM_ERROR'),
  nothingDone('a 408', answers(408), 'PLATFORM_ERROR'),
  nothingDone('a 429', answers(429), 'PLATFORM_RATE_LIMITED'),
  nothingDone('a 401', answers(401, page, html), 'PLATFORM_LOGIN_REFUSED'),
  nothingDone('a 403', answers(403, '{"message":"no"}'), 'PLATFORM_LOGIN_REFUSED'),
  nothingDone('a status that no contract names', answers(418, '{"message":"teapot"}'), 'PLATFORM_ANSWER_INVALID'),
  perhapsDone('nothing with a 200', answers(200), 'PLATFORM_ANSWER_INVALID'),
  perhapsDone('HTML with a 200', answers(200, page, html), 'PLATFORM_ANSWER_INVALID'),
  perhapsDone('HTML that calls itself JSON', answers(200, page), 'PLATFORM_ANSWER_INVALID'),
  perhapsDone('text with a 200', answers(200, '"maintenance"'), 'PLATFORM_ANSWER_INVALID'),
  perhapsDone('half of the JSON', halvesTheJson, 'PLATFORM_ANSWER_INVALID'),
  nothingDone('half of the body, and the connection cut', cutsTheBody, 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'),
  nothingDone('a reset before the body was read', resetsBeforeReading, 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'),
  nothingDone('a reset after it was done', resetsAfterDoing, 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'),
  nothingDone('something that is not HTTP', speaksNonsense, 'PLATFORM_UNREACHABLE', 'PLATFORM_RESET'),
];

/** What the hub does next for each code; the catalogue has to agree. */
const recoveryOf: Partial<Record<ErrorCode, Recovery>> = {
  PLATFORM_ERROR: 'retry', PLATFORM_UNREACHABLE: 'retry', PLATFORM_ANSWER_INVALID: 'retry', PLATFORM_RATE_LIMITED: 'rateLimited',
  PLATFORM_RESET: 'unknownOutcome', PLATFORM_LOGIN_REFUSED: 'authorisation',
};

interface Call {
  readonly name: string;
  /** It must not be made twice: when it may have arrived, its outcome is unknown. */
  readonly isOnce?: boolean;
  /** Not every licence has it: one look tells that from a refused key. */
  readonly isLicensed?: boolean;
  run(subject: Subject): Promise<unknown>;
}

function callsOf({ platform, wire, idOf, actions, ownAnswers = [] }: PlatformHarness): readonly Call[] {
  const { readPage, readRecords, deliver, act, actionKinds } = platform;
  const calls: (Call | undefined)[] = [
    readPage && { name: 'a page', run: (subject) => readPage(subject.hostileContext(), wire.stream, suiteWindow, undefined) },
    readRecords && { name: 'a single contact', run: (subject) => readRecords(subject.hostileContext(), 'contacts', [idOf(1)]) },
    deliver && { name: 'a delivery', run: (subject) => deliver(subject.hostileContext(), 'contacts', suiteItems(subject, [1])) },
    ...actions(people(headCount)).filter(({ kind }) => !ownAnswers.includes(kind)).map((action) => act && { name: `«${action.kind}»`, isOnce: actionKinds?.[action.kind]?.repeatable === false, isLicensed: actionKinds?.[action.kind]?.licensed === true, run: (subject: Subject) => act(subject.hostileContext(), action) }),
  ];
  return calls.flatMap((call) => call ?? []);
}

/** Answers that are wrong before anybody looks at what they say. */
export function hostileAnswerChecks(harness: PlatformHarness): readonly Check[] {
  return [...troubleChecks(harness), ...waitChecks(harness), ...harmlessChecks(harness), ...repeatChecks(harness), redirectCheck(harness)];
}

const codeOfOnce = ({ write, mayHaveStored }: Trouble): ErrorCode => (mayHaveStored || catalogue[write].recovery === 'unknownOutcome' ? 'PLATFORM_OUTCOME_UNKNOWN' : write);

function troubleChecks(harness: PlatformHarness): readonly Check[] {
  return troubles.map((trouble) => check(`meets ${trouble.title}: one call, the right recovery, and all is well afterwards`, async (subject) => {
    for (const code of [trouble.read, trouble.write]) expect(catalogue[code].recovery).toBe(recoveryOf[code]);
    for (const { name, isOnce = false, isLicensed = false, run } of callsOf(harness)) {
      subject.hostile.reset();
      subject.hostile.play(trouble.trick);
      const error = await subject.witness.failure(() => run(subject));
      const [arrival, ...more] = subject.hostile.arrivals;
      const others = more.filter(({ method }) => !isLicensed || method !== 'GET');
      const isRead = arrival?.method === 'GET';
      expect({ name, code: error.code, others, mayHaveStored: error.facts['mayHaveStored'] === true })
        .toEqual({ name, code: isRead ? trouble.read : isOnce ? codeOfOnce(trouble) : trouble.write, others: [], mayHaveStored: !isRead && trouble.mayHaveStored });
      subject.hostile.reset();
      await run(subject);
    }
  }));
}

/** `Retry-After` as it comes, and how long the hub may be told to wait, in milliseconds. */
const waits: readonly (readonly [title: string, header: () => string | undefined, fromMs: number | undefined, toMs: number | undefined])[] = [
  ['in seconds', () => '7', 7_000, 7_000],
  ['as a date', () => new Date(Date.now() + 60_000).toUTCString(), 50_000, 60_000],
  ['as a date that has passed', () => 'Fri, 21 Nov 2025 10:00:00 GMT', 0, 0],
  ['as nonsense', () => 'soon', undefined, undefined],
  ['as less than nothing', () => '-5', undefined, undefined],
  ['not at all', () => undefined, undefined, undefined],
];

function waitChecks(harness: PlatformHarness): readonly Check[] {
  return waits.map(([title, header, fromMs, toMs]) => check(`is told to slow down, and how long to wait ${title}`, async (subject) => {
    const value = header();
    subject.hostile.play(answers(429, '{"message":"slow down"}', { 'content-type': 'application/json', ...(value === undefined ? {} : { 'retry-after': value }) }));
    for (const { run } of callsOf(harness)) {
      const { recovery, facts } = await subject.witness.failure(() => run(subject));
      expect(recovery).toBe('rateLimited');
      if (fromMs === undefined || toMs === undefined) expect(facts.retryAfterMs).toBeUndefined();
      else expect(fromMs <= Number(facts.retryAfterMs) && Number(facts.retryAfterMs) <= toMs).toBe(true);
    }
  }));
}

function harmlessChecks(harness: PlatformHarness): readonly Check[] {
  return [
    check('takes a right answer under a wrong content type', async (subject) => {
      for (const { run } of callsOf(harness)) {
        subject.hostile.reset();
        const plain = await run(subject);
        subject.hostile.play(labels('text/plain; charset=iso-8859-1'));
        expect(withoutTime(await run(subject))).toEqual(withoutTime(plain));
      }
    }),
    check('asks for no compressed answer, and reads one or refuses it, but never takes it for another', async (subject) => {
      for (const { isOnce = false, run } of callsOf(harness)) {
        subject.hostile.reset();
        const plain = await run(subject);
        expect(subject.hostile.arrivals.flatMap(({ headers }) => headers['accept-encoding'] ?? [])).toEqual([]);
        subject.hostile.play(compresses);
        const answer = await run(subject).catch((error: unknown) => subject.witness.failure(() => Promise.reject(error)));
        if (answer instanceof HubError) expect(answer.code).toBe(isOnce && answer.facts['mayHaveStored'] === true ? 'PLATFORM_OUTCOME_UNKNOWN' : 'PLATFORM_ANSWER_INVALID');
        else if (!isUnreadableRefusal(answer)) expect(withoutTime(answer)).toEqual(withoutTime(plain));
      }
    }),
  ];
}

/** Tricks after which the sandbox has done what was asked for, although the call ended in an error. */
const doneUnseen: readonly (readonly [string, Trick])[] = [['a reset', resetsAfterDoing], ['half a body', cutsTheBody], ['half of the JSON', halvesTheJson]];

function repeatChecks(harness: PlatformHarness): readonly Check[] {
  const writes = callsOf(harness).slice(-1 - harness.actions(people(headCount)).length);
  return doneUnseen.map(([title, trick]) => check(`does a write once when it is sent again after ${title} that followed the deed`, async (subject) => {
    for (const { run } of writes) {
      subject.hostile.play(trick, { times: 1, matches: ({ method }) => method !== 'GET' });
      const ended = await run(subject).catch((error: unknown) => subject.witness.failure(() => Promise.reject(error)));
      const [state, effects] = [subject.stand.state(), subject.stand.effects()];
      await run(subject);
      if (ended instanceof HubError) continue;
      expect([subject.stand.state(), subject.stand.effects()]).toEqual([state, effects]);
    }
  }));
}

function redirectCheck(harness: PlatformHarness): Check {
  return check('follows no redirect, so that no other host ever sees the credentials or a person', async (subject) => {
    const seen: string[] = [];
    const other = await withServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        subject.hostile.play(answers(status, '', { location: `${other.url}/elsewhere` }));
        for (const { run } of callsOf(harness)) {
          const { code, recovery, message } = await subject.witness.failure(() => run(subject));
          expect({ code, recovery }).toEqual({ code: 'CONFIGURATION_INVALID', recovery: 'configuration' });
          expect(message).toContain('redirect');
        }
      }
      expect(seen).toEqual([]);
    } finally {
      await other.close();
    }
  });
}

/** A refusal of an action for a reason that cannot be read: no other answer was made of it. */
function isUnreadableRefusal(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'refused' && 'code' in answer && answer.code === 'PLATFORM_REFUSED';
}

/** An answer apart from when it was read, and from what it says of earlier ones. */
function withoutTime(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'readAt' || key === 'nextPageToken' || key === 'note' ? undefined : value)));
}
