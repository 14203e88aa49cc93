import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeSources } from '../../../domain/merge/merge-record.ts';
import { applyVersion, type IncomingVersion } from '../../../domain/merge/source-state.ts';
import type { Fields, Scalar } from '../../../domain/model/fields.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed(), numRuns: 500 });

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const names = ['email', 'firstName', 'extra.plot'] as const;
const value = fc.constantFrom<Scalar>('a', 'b', 'c', null, 1, true);
const fields: fc.Arbitrary<Fields> = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });

/** A version by its source: times are minutes, close together so that they are often equal, and sometimes ahead of receipt. */
const version: fc.Arbitrary<IncomingVersion> = fc.record({
  connector: fc.constantFrom('a', 'b', 'c'), externalId: fc.constantFrom('1', '2'), fields, minute: fc.nat(12), receivedMinute: fc.integer({ min: 8, max: 12 }),
  createdMinute: fc.option(fc.nat(12), { nil: undefined }), deleted: fc.option(fc.constant(true), { freq: 7, nil: undefined }),
}).map((v) => ({
  ref: { connectorId: v.connector, externalId: v.externalId }, dataType: 'contacts', fields: v.deleted ? {} : v.fields, at: at(v.minute), receivedAt: at(v.receivedMinute),
  ...(v.createdMinute === undefined ? {} : { createdAt: at(v.createdMinute) }), ...(v.deleted === undefined ? {} : { deleted: true }),
}));

const policy = fc.record({
  defaultConnector: fc.constantFrom('a', 'b'),
  fieldOrder: fc.dictionary(fc.constantFrom(...names), fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'x'))),
}, { requiredKeys: [] });

const keyOf = (v: Pick<IncomingVersion, 'ref'>) => `${v.ref.connectorId}/${v.ref.externalId}`;

function applyAll(versions: readonly IncomingVersion[]): SourceState[] {
  const states = new Map<string, SourceState>();
  for (const each of versions) states.set(keyOf(each), applyVersion(states.get(keyOf(each)) ?? null, each).state);
  return [...states.values()];
}

const sorted = (states: readonly SourceState[]) => [...states].sort((a, b) => (keyOf({ ref: a }) < keyOf({ ref: b }) ? -1 : 1));

/** A list with the same versions in another order, some of them several times. */
const shuffledTwice = fc.array(version, { maxLength: 14 }).chain((versions) => fc.record({
  first: fc.constant(versions),
  second: fc.tuple(fc.shuffledSubarray(versions, { minLength: versions.length }), fc.subarray(versions)).chain(([all, again]) =>
    fc.array(fc.nat(20), { minLength: again.length, maxLength: again.length }).map((places) => {
      const list = [...all];
      again.forEach((each, i) => list.splice((places[i] ?? 0) % (list.length + 1), 0, each));
      return list;
    })),
}));

describe('the order of arrival', () => {
  it('never changes what is known of a source, nor the merged record', () => {
    fc.assert(fc.property(shuffledTwice, policy, ({ first, second }, rules) => {
      const [one, other] = [applyAll(first), applyAll(second)];
      expect(sorted(other)).toEqual(sorted(one));
      expect(JSON.stringify(mergeSources(other, rules))).toBe(JSON.stringify(mergeSources(one, rules)));
    }));
  });

  it('never makes a repeated version a change', () => {
    fc.assert(fc.property(fc.array(version, { minLength: 1, maxLength: 14 }), (versions) => {
      const states = new Map(applyAll(versions).map((state) => [keyOf({ ref: state }), state]));
      for (const each of versions) expect(applyVersion(states.get(keyOf(each)) ?? null, each).changed).toBe(false);
    }));
  });
});

interface Said { readonly at: string; readonly text: string; readonly fields: Fields; readonly deleted: boolean; readonly createdAt: string | undefined }

/** What a reader of the rules would work out by hand: all versions of one source on the table, read from old to new, field by field. */
function byHand(versions: readonly IncomingVersion[]) {
  const said: Said[] = versions.map((v) => ({
    at: v.at > v.receivedAt ? v.receivedAt : v.at, deleted: v.deleted === true, fields: v.fields, createdAt: v.createdAt,
    text: JSON.stringify(Object.entries(v.fields).sort(([a], [b]) => (a < b ? -1 : 1))),
  }));
  const rank = (s: Said) => `${s.at}${s.deleted ? 1 : 0}${s.text}`;
  said.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const live = said.filter((s) => !s.deleted);
  const birth = said.map((s) => s.createdAt).filter((x) => x !== undefined).sort()[0];
  const canonical: Record<string, Scalar> = {};
  const fieldTimes: Record<string, string> = {};
  for (const name of names) {
    const from = live.findIndex((s) => name in s.fields);
    if (from < 0) continue;
    const values = live.slice(from).map((s) => s.fields[name] ?? null);
    const present = values.at(-1) ?? null;
    const start = from + values.length - 1 - [...values].reverse().findIndex((x) => x !== present);
    const first = values.every((x) => x === present) ? from : start + 1;
    const time = live[first]?.at ?? '';
    canonical[name] = present;
    fieldTimes[name] = first === 0 && birth !== undefined && birth < time ? birth : time;
  }
  return { canonical, fieldTimes, deleted: said.at(-1)?.deleted ?? false, sourceTime: said.at(-1)?.at };
}

describe('what is known of a source', () => {
  it('is what one would work out by hand', () => {
    fc.assert(fc.property(fc.array(version, { minLength: 1, maxLength: 14 }), (versions) => {
      for (const state of applyAll(versions)) {
        const own = versions.filter((v) => keyOf(v) === `${state.connectorId}/${state.externalId}`);
        expect(state).toMatchObject(byHand(own));
      }
    }));
  });

  it('has a field edited only if it was seen with two values', () => {
    fc.assert(fc.property(fc.array(version, { minLength: 1, maxLength: 14 }), (versions) => {
      for (const state of applyAll(versions)) {
        const live = versions.filter((v) => keyOf(v) === `${state.connectorId}/${state.externalId}` && v.deleted !== true);
        for (const name of state.edited) expect(new Set(live.map((v) => v.fields[name] ?? null)).size).toBeGreaterThan(1);
      }
    }));
  });
});
