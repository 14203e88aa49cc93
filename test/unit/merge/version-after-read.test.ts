import { describe, expect, it } from '@jest/globals';
import { judgeRead, recordOutcome, recordSent } from '../../../domain/consent/link-memory.ts';
import { applyVersion } from '../../../domain/merge/source-state.ts';
import { versionAfterRead } from '../../../domain/merge/version-after-read.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

const t = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** A contact whose fields are held under their own names; `note` can not be an echo. */
const row = (fields: Fields, stamp: number | null, more: Partial<SourceRow> = {}): SourceRow => {
  const { note: _note, ...held } = fields;
  return {
    dataType: 'contacts', externalId: '1', sourceTime: stamp === null ? null : t(stamp), payload: null, canonical: fields, held,
    heldKeyOf: { name: 'name', city: 'city' }, consents: [], ...more,
  };
};

interface Known { readonly memory: LinkMemory; readonly state: SourceState | null }

function read(known: Known, shown: SourceRow, readMinute: number) {
  const judged = judgeRead(known.memory, shown, t(readMinute));
  const version = versionAfterRead(known.state, shown, judged, { connectorId: 'c', readAt: t(readMinute), receivedAt: t(readMinute) });
  const state = version === null ? known.state : applyVersion(known.state, version).state;
  return { memory: judged.memory, state, version };
}

const nobody: Known = { memory: emptyMemory, state: null };
const first = read(nobody, row({ name: 'Ann', city: 'York', note: 'x' }, 3), 10);
const write = (known: Known, changes: Fields, minute: number): Known =>
  ({ ...known, memory: recordOutcome(recordSent(known.memory, changes, t(minute - 1)), changes, t(minute)) });

describe('versionAfterRead', () => {
  it('takes the first read whole, with the date of creation', () => {
    expect(read(nobody, row({ name: 'Ann' }, 3, { createdTime: t(1) }), 10).version).toEqual({
      ref: { connectorId: 'c', externalId: '1' }, dataType: 'contacts', fields: { name: 'Ann' }, at: t(3), createdAt: t(1), receivedAt: t(10),
    });
    expect(read(nobody, row({ name: 'Ann' }, null), 10).version?.at).toBe(t(10));
  });

  it('lays changes over what was said before, and takes what can not be an echo as it is now', () => {
    expect(read(first, row({ name: 'Bea', city: 'York' }, 15), 20).state).toMatchObject({
      canonical: { name: 'Bea', city: 'York', note: null }, fieldTimes: { name: t(15), city: t(3), note: t(15) }, edited: ['name', 'note'],
    });
  });

  it('adds nothing where a row shows only what we wrote, however the stamp moved', () => {
    const known = write(first, { name: 'Ours' }, 15);
    expect(read(known, row({ name: 'Ours', city: 'York', note: 'x' }, 15), 20)).toMatchObject({ version: null, state: first.state });
    expect(read(write(nobody, { name: 'Ours' }, 15), row({ name: 'Ours' }, 15), 20)).toMatchObject({ version: null, state: null });
  });

  it('keeps what it said itself, not our value, beside what a person changed', () => {
    const known = write(first, { name: 'Ours' }, 15);
    expect(read(known, row({ name: 'Ours', city: 'Hull', note: 'x' }, 18), 20).state?.canonical).toEqual({ name: 'Ann', city: 'Hull', note: 'x' });
    expect(read(write(nobody, { name: 'Ours' }, 15), row({ name: 'Ours', city: 'Hull' }, 18), 20).state?.canonical).toEqual({ city: 'Hull' });
  });

  it('dates a change by the read when the stamp did not move', () => {
    expect(read(first, row({ name: 'Bea', city: 'York', note: 'x' }, 3), 20).state).toMatchObject({ canonical: { name: 'Bea' }, fieldTimes: { name: t(20), city: t(3) } });
    expect(read(first, row({ name: 'Ann', city: 'York', note: 'x' }, 3), 20).version).toBeNull();
  });

  it('takes nothing from a stamp older than what is known: the source was put back', () => {
    expect(read(first, row({ name: 'Older', city: 'York', note: 'x' }, 2), 20).version).toBeNull();
  });

  it('never dates back what is known because of a read that comes late', () => {
    const late = row({ name: 'Before', city: 'York', note: 'x' }, 1);
    expect(read(first, late, 5).state).toMatchObject({ canonical: { name: 'Ann' }, fieldTimes: { name: t(3), city: t(1) } });
    expect(read(write(first, { name: 'Ours' }, 15), late, 5).version).toBeNull();
  });

  it('gives a deletion its time, and takes the thing back when it is there again', () => {
    const gone = read(first, row({}, 12, { deleted: true }), 15);
    expect(gone.state).toMatchObject({ deleted: true, canonical: { name: 'Ann', city: 'York', note: 'x' } });
    expect(read(gone, row({ name: 'Ann', city: 'York', note: 'x' }, 18), 20).state).toMatchObject({ deleted: false, fieldTimes: { name: t(3) } });
    expect(read(write(gone, { name: 'Ann' }, 16), row({ name: 'Ann', city: 'York', note: 'x' }, 18), 20).state?.deleted).toBe(false);
  });
});
