import { describe, expect, it } from '@jest/globals';
import { judgeRead, recordOutcome, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { overwrittenVersion } from '../../../domain/merge/overwritten-version.ts';
import { applyVersion } from '../../../domain/merge/source-state.ts';
import { versionAfterRead } from '../../../domain/merge/version-after-read.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

const t = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

const row = (fields: Fields, stamp: number, more: Partial<SourceRow> = {}): SourceRow => ({
  dataType: 'contacts', externalId: '1', sourceTime: t(stamp), payload: null, canonical: fields, held: fields, heldKeyOf: { name: 'name', city: 'city' }, consents: [], ...more,
});

interface Known { readonly memory: LinkMemory; readonly state: SourceState | null }

const nobody: Known = { memory: emptyMemory, state: null };

function read(known: Known, shown: SourceRow, readMinute: number): Known {
  const times = { connectorId: 'c', readAt: t(readMinute), receivedAt: t(readMinute) };
  const judged = judgeRead(known.memory, shown, t(readMinute));
  let { state } = known;
  const overwritten = overwrittenVersion(known.memory, state, shown, judged, times);
  if (overwritten !== null) state = applyVersion(state, overwritten).state;
  const version = versionAfterRead(state, shown, judged, times);
  return { memory: judged.memory, state: version === null ? state : applyVersion(state, version).state };
}

const write = (known: Known, changes: Fields, minute: number): Known =>
  ({ ...known, memory: recordOutcome(recordSent(known.memory, changes, t(minute - 1)), changes, t(minute)) });

describe('overwrittenVersion', () => {
  it('makes the first edit of a thing that we wrote an edit, at its own time', () => {
    const known = write(nobody, { name: 'Ours' }, 10);
    expect(read(known, row({ name: 'Edited' }, 15, { createdTime: t(1) }), 20).state).toMatchObject({
      canonical: { name: 'Edited' }, edited: ['name'], fieldTimes: { name: t(15) },
    });
  });

  it('takes a value that may have been there before us for one that is first seen', () => {
    const known = write(nobody, { name: 'Ours' }, 10);
    expect(read(known, row({ name: 'Ours', city: 'York' }, 15, { createdTime: t(1) }), 20).state).toMatchObject({
      canonical: { city: 'York' }, edited: [], fieldTimes: { city: t(1) },
    });
  });

  it('takes it for an edit where the thing is there since our call only, or a read had shown all of it', () => {
    const known = write(nobody, { name: 'Ours' }, 10);
    expect(read(known, row({ name: 'Ours', city: 'York' }, 15, { createdTime: t(9) }), 20).state).toMatchObject({ edited: ['city'] });
    const seen = read(known, row({ name: 'Ours' }, 10, { createdTime: t(1) }), 12);
    expect(read(seen, row({ name: 'Ours', city: 'York' }, 15, { createdTime: t(1) }), 20).state).toMatchObject({ edited: ['city'] });
  });

  it('takes a value for no edit that may have stood there because our call never arrived', () => {
    const memory = recordUnknownOutcome(recordSent(emptyMemory, { name: 'Ours' }, t(9)), t(10));
    expect(read({ memory, state: null }, row({ name: 'Theirs' }, 5, { createdTime: t(1) }), 20).state).toMatchObject({ canonical: { name: 'Theirs' }, edited: [] });
  });

  it('dates an own value anew that comes back after we had written another one', () => {
    const first = read(nobody, row({ name: 'Own', city: 'York' }, 3), 5);
    const known = read(write(first, { name: 'Ours' }, 10), row({ name: 'Ours', city: 'York' }, 10), 12);
    expect(known.state).toEqual(first.state);
    const back = read(known, row({ name: 'Own', city: 'York' }, 15), 20).state;
    expect(back).toMatchObject({ canonical: { name: 'Own', city: 'York' }, fieldTimes: { name: t(15), city: t(3) }, edited: ['name'] });
  });

  it('adds nothing where the stamp did not move: the source was put back', () => {
    const first = read(nobody, row({ name: 'Own' }, 12), 13);
    const known = write(first, { name: 'Ours' }, 15);
    for (const stamp of [12, 11]) expect(read(known, row({ name: 'Own' }, stamp), 20).state).toEqual(first.state);
  });

  it('is nothing at a thing that the hub never wrote', () => {
    const first = read(nobody, row({ name: 'Own' }, 3), 5);
    expect(read(first, row({ name: 'Other' }, 8), 10).state).toMatchObject({ versions: [{ at: t(3) }, { at: t(8) }] });
  });
});
