import { expect } from '@jest/globals';
import { canonicalActivitySchema } from '../../../../domain/model/activity.ts';
import { contactFieldNames } from '../../../../domain/model/contact.ts';
import { fromFields } from '../../../../domain/model/contact-fields.ts';
import { extraPrefix } from '../../../../domain/model/fields.ts';
import type { SourceRow } from '../../../../domain/model/source-record.ts';
import type { SourcePage, StreamDefinition } from '../../../../platforms/platform.ts';
import { canonicalOf } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { person, suiteWindow } from '../person.ts';
import { smallPageSize, type Subject } from '../subject.ts';
import { check, type Check } from './check.ts';

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Pages, rows and single things of the sandbox. */
export function readChecks({ platform, wire, idOf, unknownIds, tellsOfMerges }: PlatformHarness): readonly Check[] {
  if (platform.readPage === undefined || platform.readRecords === undefined) return [];
  const { readPage, readRecords } = platform;
  const small: StreamDefinition = { ...wire.stream, pageSize: smallPageSize };
  const ids = (pages: readonly SourcePage[]): string[] => pages.flatMap(({ rows }) => rows.map(({ externalId }) => externalId));
  return [
    ...platform.description.streams.map((stream) => streamCheck(stream)),
    check('gives the same page for the same token', async (subject) => {
      const context = subject.context();
      const first = await readPage(context, small, suiteWindow, undefined);
      expect(first.nextPageToken).toBeDefined();
      for (const token of [undefined, first.nextPageToken]) {
        const [once, again] = [await readPage(context, small, suiteWindow, token), await readPage(context, small, suiteWindow, token)];
        expect([again.rows, again.rejected]).toEqual([once.rows, once.rejected]);
        expect(again.nextPageToken === undefined).toBe(once.nextPageToken === undefined);
      }
    }),
    check('gives a page with the time at which its read began', async (subject) => {
      const { readAt } = await readPage(subject.context({ now: () => Date.parse('2026-11-21T10:00:00.000Z') }), small, suiteWindow, undefined);
      expect(readAt).toBe('2026-11-21T10:00:00.000Z');
    }),
    check('gives no row for a window in which nothing changed', async (subject) => {
      const pages = await subject.readAll(subject.context(), small, { window: { from: '2024-01-01T00:00:00.000Z', to: '2024-02-01T00:00:00.000Z' } });
      expect(ids(pages)).toEqual([]);
    }),
    check('gives rows whose fields the model knows, with times in UTC and all that they were read from in held', async (subject) => {
      const rows = (await subject.readAll(subject.context(), small)).flatMap((page) => page.rows);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expectSoundRow(row);
    }),
    check('reads the people as they are', async (subject) => {
      const rows = (await subject.readAll(subject.context(), small)).flatMap((page) => page.rows);
      for (const row of rows) {
        const number = Number(/\d+$/.exec(row.externalId)?.[0]);
        expect(row.canonical).toMatchObject(canonicalOf(person(number)));
        expect(row.sourceTime).toBe(person(number).changedAt);
      }
    }),
    check('finds single contacts by id, each once, and reports those that are gone', async (subject) => {
      const page = await readRecords(subject.context(), 'contacts', [idOf(2), ...unknownIds, idOf(5), idOf(2)]);
      expect(page.rows.map(({ externalId, deleted = false }) => ({ externalId, deleted })).toSorted(byId)).toEqual([
        { externalId: idOf(2), deleted: false }, { externalId: idOf(5), deleted: false }, ...unknownIds.map((externalId) => ({ externalId, deleted: true })),
      ].toSorted(byId));
      expect(page.rejected).toEqual([]);
      expect(page.nextPageToken).toBeUndefined();
      for (const row of page.rows) if (row.deleted !== true) expectSoundRow(row);
    }),
    check('reads a single contact as a page does', async (subject) => {
      const context = subject.context();
      const [single] = (await readRecords(context, 'contacts', [idOf(3)])).rows;
      const row = (await subject.readAll(context, small)).flatMap((page) => page.rows).find(({ externalId }) => externalId === idOf(3));
      expect(single).toEqual(row);
    }),
    ...(tellsOfMerges ? [check('tells where a merged contact went', async (subject) => {
      subject.stand.merge?.(idOf(6), idOf(7));
      const page = await readRecords(subject.context(), 'contacts', [idOf(6)]);
      expect(page.mergedInto).toEqual({ [idOf(6)]: idOf(7) });
      expect(page.rows.map(({ externalId }) => externalId)).toEqual([idOf(7)]);
    })] : []),
    check('keeps strange ids in their place of the address', async (subject) => {
      const strange = ['a/b', 'a?b=c', 'a#b', 'a%2Fb', 'ä ö', '../x'];
      const page = await readRecords(subject.hostileContext(), 'contacts', strange);
      expect(page.rows.map(({ externalId }) => externalId).toSorted()).toEqual(strange.toSorted());
      expect(page.rows.every(({ deleted }) => deleted === true)).toBe(true);
    }),
    check('refuses a page token that is none of its own', async (subject) => {
      await subject.witness.failure(() => readPage(subject.context(), small, suiteWindow, 'no token of ours'));
    }),
  ];
}

const byId = (left: { externalId: string }, right: { externalId: string }): number => (left.externalId < right.externalId ? -1 : 1);

function streamCheck(stream: StreamDefinition): Check {
  return check(`gives everything of the stream «${stream.name}» once, over several pages, and nothing outside of the window`, async (subject: Subject) => {
    const settings = subject.harness.settingsFor?.(stream) ?? {};
    const pages = await subject.readAll(subject.context({ settings }), { ...stream, pageSize: smallPageSize });
    const found = [
      ...pages.flatMap((page) => page.rows.map((row) => row.externalId)),
      ...pages.flatMap((page) => page.activities.map(({ type, contactExternalId }) => `${type} ${contactExternalId}`)),
    ];
    expect(pages.length).toBeGreaterThan(1);
    expect(found.toSorted()).toEqual([...subject.stand.expected(stream)].toSorted());
    expect(pages.flatMap(({ rejected }) => rejected)).toEqual([]);
    for (const activity of pages.flatMap((page) => page.activities)) {
      expect(canonicalActivitySchema.parse(activity)).toEqual(activity);
      expect(activity.at).toMatch(utc);
    }
    const activityIds = pages.flatMap((page) => page.activities.map(({ externalId }) => externalId));
    expect(new Set(activityIds).size).toBe(activityIds.length);
  });
}

/** Fails for a row that the hub could not store, merge or compare. */
export function expectSoundRow(row: SourceRow): void {
  const names = Object.keys(row.canonical);
  const isKnown = (name: string): boolean => name.startsWith(extraPrefix) || (contactFieldNames as readonly string[]).includes(name);
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
  expect(() => fromFields(row.canonical)).not.toThrow();
  for (const time of [row.sourceTime, row.createdTime, ...row.consents.map(({ at }) => at)]) if (time != null) expect(time).toMatch(utc);
  const readFrom = [
    ...names.flatMap((name) => row.heldKeyOf[name] ?? []), ...row.consents.map(({ heldKey }) => heldKey), ...Object.values(row.observedPermissions ?? {}),
  ];
  expect(readFrom.filter((key) => !(key in row.held))).toEqual([]);
  expect([...Object.values(row.canonical), ...Object.values(row.held)].every((value) => value !== undefined)).toBe(true);
  expect(JSON.parse(JSON.stringify(row))).toEqual(row);
}
