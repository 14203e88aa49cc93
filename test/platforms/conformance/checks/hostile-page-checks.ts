import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { expect } from '@jest/globals';
import type { SourceRow } from '../../../../domain/model/source-record.ts';
import type { SourcePage } from '../../../../platforms/platform.ts';
import { answers, answersJson } from '../../../support/hostile-source.ts';
import { errorOf } from '../calls.ts';
import type { PlatformHarness, Slot } from '../harness.ts';
import { people, person, personalWords, suiteWindow, type Person } from '../person.ts';
import { smallPageSize, type Subject } from '../subject.ts';
import { check, type Check } from './check.ts';
import { expectSoundRow } from './read-checks.ts';

const count = 40;
const everybody = people(count);

/** Pages that come in order over HTTP and are wrong in what they say. */
export function hostilePageChecks(harness: PlatformHarness): readonly Check[] {
  if (harness.platform.readPage === undefined) return [];
  return [...orderChecks(harness), ...rowChecks(harness), ...endChecks(harness), ...sizeChecks(harness)];
}

function orderChecks(harness: PlatformHarness): readonly Check[] {
  const { wire, idOf } = harness;
  const all = everybody.map(({ number }) => idOf(number));
  const findsAll = (title: string, rows: readonly Slot[]): Check => check(title, async (subject) => {
    serve(subject, rows);
    expect(distinct(await readAll(subject))).toEqual(all.toSorted());
  });
  const rows = everybody.map(wire.row);
  const sameTime = everybody.map((one) => wire.row({ ...one, changedAt: person(1).changedAt }));
  return [
    findsAll('misses nothing when rows come twice within a page', rows.flatMap((row, index) => (index % 5 === 0 ? [row, row] : [row]))),
    findsAll('misses nothing when rows come again on later pages', [...rows, ...rows.slice(0, smallPageSize), ...rows.slice(5, 20)]),
    findsAll('misses nothing when every row was changed at the same moment', sameTime),
    findsAll('misses nothing when rows come out of order', rows.toSorted((left, right) => (spread(left) < spread(right) ? -1 : 1))),
    findsAll('misses nothing when rows come backwards', rows.toReversed()),
    check('misses nothing that stays when others leave the list while it is read', async (subject) => {
      const left = [...rows];
      subject.hostile.play(answersJson((request) => {
        const answer = wire.page(request, left);
        left.splice(0, 1);
        return answer;
      }), { matches: wire.readsPage });
      const found = new Set(distinct(await readAll(subject)));
      expect(left.map((_, index) => idOf(count - index)).filter((id) => !found.has(id))).toEqual([]);
    }),
  ];
}

function rowChecks({ wire, idOf }: PlatformHarness): readonly Check[] {
  const rows = people(5).map(wire.row);
  return [
    check('takes rows with null wherever a value may be absent', async (subject) => {
      serve(subject, rows.map(wire.withNulls));
      const pages = await readAll(subject);
      expect(distinct(pages)).toEqual(people(5).map(({ number }) => idOf(number)));
      expect(pages.flatMap(({ rejected }) => rejected)).toEqual([]);
      for (const row of pages.flatMap((page) => page.rows)) expectSoundRow(row);
    }),
    check('rejects the one row that is wrong in type, with where and why, and goes on', async (subject) => {
      const wrong = wire.withWrongType(wire.row(person(3)));
      serve(subject, rows.map((row, index) => (index === 2 ? wrong : row)));
      const pages = await readAll(subject);
      expect(distinct(pages)).toEqual([1, 2, 4, 5].map(idOf));
      const [rejected, ...others] = pages.flatMap((page) => page.rejected);
      expect(others).toEqual([]);
      expect(rejected).toMatchObject({ dataType: wire.stream.dataType, code: 'RECORD_INVALID', path: expect.stringMatching(/\S/), reason: expect.stringMatching(/\S/), payload: wrong });
      expect(personalWords.filter((word) => rejected?.reason.toLowerCase().includes(word))).toEqual([]);
    }),
    check('rejects what is no row at all, each by itself', async (subject) => {
      const strange = [42, 'a row', [], true] as unknown as readonly Slot[];
      serve(subject, [...rows, ...strange]);
      const pages = await readAll(subject);
      expect(distinct(pages)).toEqual(people(5).map(({ number }) => idOf(number)));
      expect(pages.flatMap(({ rejected }) => rejected).map(({ payload }) => payload)).toEqual(strange);
    }),
    check('reads a stamp without an offset in the time zone of the settings, and any other by its offset', async (subject) => {
      const stamps = ['2026-01-10T12:00:00', '2026-01-10T12:00:00+05:30', '2026-01-10T12:00:00Z', '2026-01-10T12:00:00.5Z'];
      serve(subject, stamps.map((stamp, index) => ({ ...wire.row(person(index + 1)), [wire.stream.cursorField]: stamp })));
      const pages = await readAll(subject, { timeZone: 'America/New_York' });
      const times = Object.fromEntries(pages.flatMap((page) => page.rows.map(({ externalId, sourceTime }) => [externalId, sourceTime])));
      expect(times).toEqual({
        [idOf(1)]: '2026-01-10T17:00:00.000Z', [idOf(2)]: '2026-01-10T06:30:00.000Z', [idOf(3)]: '2026-01-10T12:00:00.000Z', [idOf(4)]: '2026-01-10T12:00:00.500Z',
      });
    }),
    check('rejects a row with a stamp that is none', async (subject) => {
      serve(subject, rows.map((row, index) => (index === 2 ? { ...row, [wire.stream.cursorField]: '31/01/2026 noon' } : row)));
      const pages = await readAll(subject);
      expect(distinct(pages)).toEqual([1, 2, 4, 5].map(idOf));
      expect(pages.flatMap(({ rejected }) => rejected.map(({ externalId, path }) => [externalId, path]))).toEqual([[idOf(3), wire.stream.cursorField]]);
    }),
    check('hands over no text that PostgreSQL cannot store', async (subject) => {
      serve(subject, [wire.row({ ...person(1), firstName: 'Quil\u0000lonne\uD83D', lastName: 'Wex\uDC00fordt' })]);
      const [row] = (await readAll(subject)).flatMap((page) => page.rows);
      expect(row?.canonical).toMatchObject({ firstName: 'Quillonne\uFFFD', lastName: 'Wex\uFFFDfordt' });
      expect(JSON.stringify(row)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
    }),
    check('is not misled by fields with the names of what every object has', async (subject) => {
      const names = JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":"c","toString":"t","hasOwnProperty":"h"}') as Record<string, unknown>;
      serve(subject, rows.map((row) => everywhere(row, names) as Slot));
      const pages = await readAll(subject);
      expect(distinct(pages)).toEqual(people(5).map(({ number }) => idOf(number)));
      expect(pages.flatMap(({ rejected }) => rejected)).toEqual([]);
      expect('polluted' in {}).toBe(false);
    }),
    check('keeps fields that it does not know in the payload, and nowhere else', async (subject) => {
      const more = { invented: 'yes', nested: { deep: [1, { deeper: null }] } };
      serve(subject, rows);
      const plain = (await readAll(subject)).flatMap((page) => page.rows);
      serve(subject, rows.map((row) => ({ ...row, ...more })));
      const found = (await readAll(subject)).flatMap((page) => page.rows);
      const withoutPayload = (row: SourceRow): object => ({ ...row, payload: undefined });
      expect(found.map(withoutPayload)).toEqual(plain.map(withoutPayload));
      for (const { payload } of found) expect(payload).toMatchObject(more);
    }),
  ];
}

function endChecks({ wire, idOf }: PlatformHarness): readonly Check[] {
  const hidden = (places: number): readonly Slot[] => Array.from({ length: places }, () => null);
  const rows = everybody.map(wire.row);
  return [
    check('does not take an empty page in the middle for the end', async (subject) => {
      serve(subject, [...rows.slice(0, 15), ...hidden(4 * smallPageSize), ...rows.slice(15)]);
      const pages = await readAll(subject);
      expect(pages.some((page) => page.rows.length === 0)).toBe(true);
      expect(distinct(pages)).toEqual(everybody.map(({ number }) => idOf(number)).toSorted());
    }),
    check('does not take an empty first page for the end', async (subject) => {
      serve(subject, [...hidden(3 * smallPageSize), ...rows]);
      expect(distinct(await readAll(subject))).toEqual(everybody.map(({ number }) => idOf(number)).toSorted());
    }),
    check('ends when the source says so, with a few looks at most besides the pages', async (subject) => {
      serve(subject, rows);
      const pages = await readAll(subject);
      expect(pages.length).toBeLessThanOrEqual(2 * Math.ceil(count / smallPageSize));
      expect(subject.hostile.arrivals.length).toBeLessThanOrEqual(pages.length + 3);
    }),
    check('takes JSON that is no page for a fault of the platform, and never for an empty page', async (subject) => {
      for (const body of ['{"ok":true}', '{"message":"down for maintenance"}', 'null', '42', '"page"']) {
        subject.hostile.play(answers(200, body), { matches: wire.readsPage });
        const error = await subject.witness.failure(() => readAll(subject));
        expect({ body, ...errorOf(error) }).toEqual({ body, code: 'PLATFORM_ANSWER_INVALID', recovery: 'retry' });
      }
    }),
    ...([['gives the same page for ever', wire.stuckPage], ['never says that it is at its end', wire.endlessPage]] as const).map(([title, page]) =>
      check(`stops at a source that ${title}`, async (subject) => {
        subject.hostile.play(answersJson((request) => page(request, rows)), { matches: wire.readsPage });
        const error = await subject.witness.failure(() => readAll(subject));
        expect(errorOf(error)).toEqual({ code: 'PAGING_LOOP', recovery: 'configuration' });
        expect(subject.hostile.arrivals.length).toBeLessThan(200);
      })),
  ];
}

const hugePage = 10_000;
const hugePages = 5;
/** Of the processor, the server's part included; of the middle one of the pages, for a collection of all that other tests left may fall into one. */
const mostCpuMs = 5_000;
const mostGrowthBytes = 48 * 1024 * 1024;

function sizeChecks({ platform, wire }: PlatformHarness): readonly Check[] {
  return [
    check(`takes pages of ${hugePage} rows, each with bounded work, and keeps none of them`, async (subject) => {
      const rows = Array.from({ length: hugePage }, (_, index) => manyPerson(index)).map(wire.row);
      let body: string | undefined;
      subject.hostile.play(async (exchange) => {
        body ??= JSON.stringify(wire.page(await exchange.received(), rows));
        await answers(200, body)(exchange);
      }, { matches: wire.readsPage });
      const context = subject.hostileContext();
      let settledBytes = 0;
      const cpuMs: number[] = [];
      for (let read = 1; read <= hugePages; read += 1) {
        const started = process.cpuUsage();
        const page = await platform.readPage?.(context, { ...wire.stream, pageSize: hugePage }, suiteWindow, undefined);
        const { user, system } = process.cpuUsage(started);
        cpuMs.push((user + system) / 1_000);
        expect(page?.rows.length).toBe(hugePage);
        if (read === 2) settledBytes = heapBytes();
      }
      expect(cpuMs.toSorted((a, b) => a - b)[Math.floor(hugePages / 2)]).toBeLessThan(mostCpuMs);
      expect(heapBytes() - settledBytes).toBeLessThan(mostGrowthBytes);
    }),
  ];
}

/** One of many, all in the suite's window. */
function manyPerson(index: number): Person {
  return { ...person(1 + (index % 99)), number: index + 1, email: `quillonne${index}@wexfordt.example`, changedAt: new Date(Date.parse(suiteWindow.from) + index * 100).toISOString() };
}

/** Bytes in use after everything that can go has gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

function serve(subject: Subject, rows: readonly Slot[]): void {
  const { wire } = subject.harness;
  subject.hostile.play(answersJson((request) => wire.page(request, rows)), { matches: wire.readsPage });
}

/** The same value with these fields added to every object in it. */
function everywhere(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((part) => everywhere(part, names));
  if (typeof value !== 'object' || value === null) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([name, part]) => [name, everywhere(part, names)])), ...names };
}

function readAll(subject: Subject, settings: Readonly<Record<string, unknown>> = {}): Promise<readonly SourcePage[]> {
  return subject.readAll(subject.hostileContext({ settings }), { ...subject.harness.wire.stream, pageSize: smallPageSize });
}

function distinct(pages: readonly SourcePage[]): readonly string[] {
  return [...new Set(pages.flatMap((page) => page.rows.map(({ externalId }) => externalId)))].toSorted();
}

/** A repeatable order that has nothing to do with the one of the rows. */
function spread(row: Readonly<Record<string, unknown>>): number {
  return createHash('sha1').update(JSON.stringify(row)).digest().readUInt32BE();
}
