import { describe, expect, it } from '@jest/globals';
import { applyVersion, type IncomingVersion } from '../../../domain/merge/source-state.ts';
import { maxVersions } from '../../../domain/merge/versions.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { SourceState } from '../../../domain/model/record.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();
const version = (at: string, fields: Fields, more: Partial<IncomingVersion> = {}): IncomingVersion =>
  ({ ref: { connectorId: 'c', externalId: '1' }, dataType: 'contacts', fields, at, receivedAt: day(300), ...more });

function apply(...versions: IncomingVersion[]): SourceState {
  let state: SourceState | null = null;
  for (const each of versions) state = applyVersion(state, each).state;
  if (state === null) throw new Error('no version');
  return state;
}

describe('applyVersion', () => {
  it('keeps no versions while there is one, and dates its fields by its own time', () => {
    const { state, changed } = applyVersion(null, version(day(3), { a: 1, b: null }));
    expect(changed).toBe(true);
    expect(state).toEqual({
      connectorId: 'c', externalId: '1', dataType: 'contacts', canonical: { a: 1, b: null }, fieldTimes: { a: day(3), b: day(3) },
      edited: [], versions: [], sourceTime: day(3), deleted: false,
    });
  });

  it('dates a field by the first version of the unbroken run of its value', () => {
    const state = apply(version(day(1), { a: 1, b: 1 }), version(day(2), { a: 2, b: 1 }), version(day(3), { a: 2, b: 1 }));
    expect(state.canonical).toEqual({ a: 2, b: 1 });
    expect(state.fieldTimes).toEqual({ a: day(2), b: day(1) });
    expect(state.edited).toEqual(['a']);
    expect(state.sourceTime).toBe(day(3));
  });

  it('takes a value that came back as said again', () => {
    expect(apply(version(day(1), { a: 1 }), version(day(2), { a: 2 }), version(day(3), { a: 1 })).fieldTimes).toEqual({ a: day(3) });
  });

  it('takes a field that is gone for cleared since the first version without it, and one that appears for edited', () => {
    const state = apply(version(day(1), { a: 1 }), version(day(2), { b: 1 }), version(day(3), { b: 1 }));
    expect(state.canonical).toEqual({ a: null, b: 1 });
    expect(state.fieldTimes).toEqual({ a: day(2), b: day(2) });
    expect(state.edited).toEqual(['a', 'b']);
  });

  it('dates what the first version has by the creation of the thing, and what changed later by the version', () => {
    const state = apply(version(day(5), { a: 1, b: 1 }, { createdAt: day(2) }), version(day(9), { a: 1, b: 2 }, { createdAt: day(2) }));
    expect(state.fieldTimes).toEqual({ a: day(2), b: day(9) });
  });

  it('ignores a creation after the version itself', () => {
    expect(apply(version(day(5), { a: 1 }, { createdAt: day(7) })).fieldTimes).toEqual({ a: day(5) });
  });

  it('clamps a time ahead of receipt', () => {
    expect(apply(version(day(90), { a: 1 }, { receivedAt: day(10) })).sourceTime).toBe(day(10));
  });

  it('says that nothing changed when it has the version already, also an older one', () => {
    const first = version(day(1), { a: 1 });
    const second = version(day(2), { a: 2 });
    const state = apply(first, second);
    for (const known of [first, second]) expect(applyVersion(state, known)).toEqual({ state, changed: false });
    expect(applyVersion(apply(first), version(day(1), { a: 1 })).changed).toBe(false);
  });

  it('lets an older version that comes late change times only', () => {
    const state = apply(version(day(5), { a: 1, b: 2 }), version(day(3), { a: 1, b: 1 }));
    expect(state.canonical).toEqual({ a: 1, b: 2 });
    expect(state.fieldTimes).toEqual({ a: day(3), b: day(5) });
  });

  it('decides between versions of the same moment by their content, not by their arrival', () => {
    const one = version(day(1), { a: 'x' });
    const other = version(day(1), { a: 'y' });
    expect(apply(one, other)).toEqual(apply(other, one));
  });

  it('is deleted by a newer deletion only, and keeps what was known', () => {
    const live = version(day(2), { a: 1 });
    const gone = (n: number) => version(day(n), {}, { deleted: true });
    expect(apply(live, gone(3))).toMatchObject({ deleted: true, canonical: { a: 1 }, sourceTime: day(3) });
    expect(apply(gone(3), live)).toMatchObject({ deleted: true, canonical: { a: 1 } });
    expect(apply(live, gone(2)).deleted).toBe(true);
    expect(apply(gone(1), live).deleted).toBe(false);
    expect(apply(live, gone(3), version(day(4), { a: 1 }))).toMatchObject({ deleted: false, fieldTimes: { a: day(2) }, edited: [] });
  });

  it('goes on from a state that was marked as deleted without a version of its own', () => {
    const marked = { ...apply(version(day(2), { a: 1 }, { createdAt: day(1) })), deleted: true };
    expect(applyVersion(marked, version(day(5), { a: 1, b: 1 })).state).toMatchObject({ deleted: false, fieldTimes: { a: day(1), b: day(5) } });
  });

  it('keeps 50 versions, and with them the time of a value that is older and a clearing that is older', () => {
    let state = apply(version(day(1), { always: 1, cleared: 1 }), version(day(2), { always: 1, counter: 0 }));
    for (let n = 3; n <= 120; n += 1) state = applyVersion(state, version(day(n), { always: 1, counter: n })).state;
    expect(state.versions).toHaveLength(maxVersions);
    expect(state.canonical).toEqual({ always: 1, cleared: null, counter: 120 });
    expect(state.fieldTimes).toEqual({ always: day(1), cleared: day(2), counter: day(120) });
    expect(state.edited).toEqual(['cleared', 'counter']);
    expect(applyVersion(state, version(day(1), { always: 2 })).changed).toBe(false);
  });

  it('drops deletions first when there are too many versions', () => {
    let state = apply(version(day(1), { a: 1 }, { createdAt: day(0) }));
    for (let n = 2; n <= 110; n += 2) {
      state = applyVersion(state, version(day(n), {}, { deleted: true })).state;
      state = applyVersion(state, version(day(n + 1), { a: 1 })).state;
    }
    expect(state).toMatchObject({ deleted: false, canonical: { a: 1 }, fieldTimes: { a: day(0) }, edited: [] });
    expect(state.versions).toHaveLength(maxVersions);
  });
});
