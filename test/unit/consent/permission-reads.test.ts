import { describe, expect, it } from '@jest/globals';
import { judgeRead, recordOutcome, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

const t = (minute: number, ms = 0) => new Date(Date.UTC(2026, 0, 1, 0, minute, 0, ms)).toISOString();
const base = { dataType: 'contacts', externalId: '1', payload: null, canonical: {}, heldKeyOf: {} } as const;

/** A contact at a platform that shows only the present state of the permission. */
const bit = (on: boolean | undefined, changed: number | null = null): SourceRow =>
  ({ ...base, sourceTime: changed === null ? null : t(changed), held: on === undefined ? {} : { p: on }, consents: [], observedPermissions: { mail: 'p' } });

/** A contact at a platform that dates its permissions. */
const dated = (granted: boolean, at: number | null): SourceRow =>
  ({ ...base, sourceTime: null, held: { p: granted }, consents: [{ permission: 'mail', granted, at: at === null ? null : t(at), evidence: 'card', heldKey: 'p' }] });

const after = (row: SourceRow, at: number, memory = emptyMemory) => judgeRead(memory, row, t(at)).memory;
const said = (memory: LinkMemory, row: SourceRow, at: number) => judgeRead(memory, row, t(at)).statements.map(({ granted, at: date }) => [granted, date]);
const written = (on: boolean, at: number, memory = emptyMemory) => recordOutcome(recordSent(memory, { p: on }, t(at - 1)), { p: on }, t(at));

describe('a permission of which only the present state can be read', () => {
  it('is a grant without a date when it is on at first sight, and says nothing when it is off', () => {
    expect(said(emptyMemory, bit(true), 1)).toEqual([[true, null]]);
    expect(said(emptyMemory, bit(false), 1)).toEqual([]);
  });

  it('says nothing while it stays', () => {
    for (const on of [true, false]) expect(said(after(bit(on), 1), bit(on), 2)).toEqual([]);
  });

  it('dates a withdrawal at the end of the interval, or at the source\'s stamp inside it', () => {
    const on = after(bit(true), 1);
    expect(said(on, bit(false), 9)).toEqual([[false, t(9)]]);
    expect(said(on, bit(false, 4), 9)).toEqual([[false, t(4)]]);
    for (const outside of [0, 1, 10]) expect(said(on, bit(false, outside), 9)).toEqual([[false, t(9)]]);
    expect(said(on, bit(undefined), 9)).toEqual([[false, t(9)]]);
  });

  it('dates a grant at the start of the interval, after what was concluded from the read that saw it off', () => {
    expect(said(after(bit(false), 1), bit(true, 4), 9)).toEqual([[true, t(1, 1)]]);
    const off = after(bit(false), 5, after(bit(true), 1));
    expect(said(after(bit(true), 1), bit(false), 5)).toEqual([[false, t(5)]]);
    expect(said(off, bit(true), 9)).toEqual([[true, t(5, 1)]]);
  });

  it('is no grant when the source says that nothing changed in the interval', () => {
    expect(said(after(bit(false), 5), bit(true, 4), 9)).toEqual([]);
  });

  it('grants nothing while our «off» has not arrived, and does once a person switches it on after it', () => {
    const on = after(bit(true), 1);
    const sent = recordSent(on, { p: false }, t(4));
    expect(said(sent, bit(true), 5)).toEqual([]);
    const off = recordOutcome(sent, { p: false }, t(6));
    expect(judgeRead(off, bit(true), t(5))).toMatchObject({ statements: [], recheck: true, memory: { held: { p: false } } });
    expect(said(off, bit(true), 9)).toEqual([[true, t(4, 1)]]);
    expect(said(recordOutcome({ ...off, held: { p: true } }, { p: false }, t(6)), bit(true), 9)).toEqual([[true, t(6, 1)]]);
  });

  it('is off by the person when our last confirmed write said on', () => {
    const on = written(true, 5, after(bit(false), 1));
    expect(said(on, bit(true), 6)).toEqual([]);
    expect(said(on, bit(false), 6)).toEqual([[false, t(6)]]);
    expect(said(written(true, 9, written(false, 5, after(bit(true), 1))), bit(false), 10)).toEqual([[false, t(10)]]);
  });

  it('is not switched on by an older write of ours that shows again', () => {
    const off = written(false, 9, written(true, 5, after(bit(false), 1)));
    expect(judgeRead(off, bit(true), t(10))).toMatchObject({ statements: [], recheck: true, memory: { held: { p: true } } });
  });

  it('of a write with an unknown outcome says nothing when it is read back', () => {
    for (const on of [true, false]) {
      const open = recordSent(after(bit(!on), 1), { p: on }, t(4));
      expect(judgeRead(open, bit(on), t(6))).toMatchObject({ statements: [], memory: { held: { p: on } } });
      expect(judgeRead(recordUnknownOutcome(open, t(5)), bit(on), t(6))).toMatchObject({ statements: [], memory: { held: { p: on }, sent: {} } });
      expect(said(recordSent(emptyMemory, { p: on }), bit(on), 6)).toEqual([]);
    }
  });

  it('is withdrawn when the thing changed after such a write was over', () => {
    const off = recordUnknownOutcome(recordSent(after(bit(true), 1), { p: false }, t(4)), t(5));
    expect(said(off, bit(false, 7), 8)).toEqual([[false, t(7)]]);
    const on = recordUnknownOutcome(recordSent(after(bit(false), 1), { p: true }, t(4)), t(5));
    expect(said(on, bit(false, 7), 8)).toEqual([[false, t(7)]]);
    expect(said(on, bit(false, 3), 8)).toEqual([]);
  });

  it('is a grant without a date when a contact that we meant to create turns out to have it on', () => {
    expect(said(recordUnknownOutcome(recordSent(emptyMemory, { p: false }), t(5)), bit(true), 6)).toEqual([[true, null]]);
    expect(said(written(false, 5), bit(true), 6)).toEqual([[true, t(4, 1)]]);
  });

  it('that was on in a read that comes late, and off in a later one, was withdrawn', () => {
    expect(said(after(bit(false), 5), bit(true), 3)).toEqual([[false, t(5)]]);
    expect(said(after(bit(true), 5), bit(false), 3)).toEqual([]);
    expect(said(written(false, 6, after(bit(true), 5)), bit(true), 3)).toEqual([]);
  });

  it('was withdrawn when it was first seen off, whatever was read since, and once', () => {
    const off = after(bit(false), 9, after(bit(undefined), 7, after(bit(false), 5)));
    expect(said(off, bit(true), 3)).toEqual([[false, t(5)]]);
    expect(said(after(bit(true), 3, off), bit(true), 4)).toEqual([]);
    expect(said(after(bit(true), 3, after(bit(false), 5)), bit(true), 9)).toEqual([[true, t(5, 1)]]);
  });

  it('is not withdrawn a second time by a late read of the time before a withdrawal that is known', () => {
    const off = after(bit(false), 9, after(bit(false, 4), 5, after(bit(true), 1)));
    expect(said(off, bit(true), 3)).toEqual([]);
    expect(said(after(bit(true), 7, after(bit(false), 5)), bit(true), 3)).toEqual([]);
  });
});

describe('a permission that the platform dates', () => {
  it('is a statement in both directions', () => {
    for (const granted of [true, false]) expect(said(emptyMemory, dated(granted, 3), 5)).toEqual([[granted, t(3)]]);
  });

  it('is an echo while our own grant is unconfirmed, and stays one with that date', () => {
    const first = judgeRead(written(true, 5), dated(true, 5), t(6));
    expect(first).toMatchObject({ statements: [], memory: { echoes: { p: t(5) }, sent: {} } });
    expect(said(first.memory, dated(true, 5), 7)).toEqual([]);
    expect(said(first.memory, dated(true, 4), 7)).toEqual([]);
    expect(said(first.memory, dated(true, 7), 8)).toEqual([[true, t(7)]]);
  });

  it('is granted by a date after the end of our own unconfirmed grant, but not while that is under way', () => {
    expect(said(written(true, 5), dated(true, 6), 7)).toEqual([[true, t(6)]]);
    expect(said(written(false, 6, written(true, 5)), dated(true, 7), 8)).toEqual([[true, t(7)]]);
    expect(said(recordUnknownOutcome(recordSent(emptyMemory, { p: true }), t(5)), dated(true, 6), 7)).toEqual([[true, t(6)]]);
    expect(said(recordSent(emptyMemory, { p: true }), dated(true, 6), 7)).toEqual([]);
  });

  it('is granted by a card that has another date than the one we sent, from well before the call', () => {
    const call = recordSent(emptyMemory, { p: true }, t(60), { p: t(3) });
    for (const sent of [call, recordOutcome(call, { p: true }, t(61)), recordUnknownOutcome(call, t(61))]) {
      expect(said(sent, dated(true, 3), 70)).toEqual([]);
      expect(said(sent, dated(true, 20), 70)).toEqual([[true, t(20)]]);
      expect(said(sent, dated(true, 51), 70)).toEqual([]);
    }
    const resent = recordSent(call, { p: true }, t(62), { p: t(5) });
    for (const minute of [3, 5]) expect(said(resent, dated(true, minute), 70)).toEqual([]);
    expect(said(recordSent(emptyMemory, { p: true }, t(60), { p: null }), dated(true, 20), 70)).toEqual([]);
  });

  it('is withdrawn by every dated withdrawal, whatever we sent', () => {
    expect(said(written(true, 5), dated(false, 4), 6)).toEqual([[false, t(4)]]);
    expect(said(written(false, 5), dated(false, 4), 4)).toEqual([[false, t(4)]]);
    expect(said(after(dated(true, 6), 7), dated(false, 4), 5)).toEqual([[false, t(4)]]);
  });

  it('counts a grant of a read that comes late only where we never wrote', () => {
    expect(said(after(dated(false, 6), 7), dated(true, 4), 5)).toEqual([[true, t(4)]]);
    expect(said(written(false, 8, after(dated(false, 6), 7)), dated(true, 4), 5)).toEqual([]);
  });

  it('says nothing when it is false without a date, and is a grant without a date when it is on and new', () => {
    expect(said(emptyMemory, dated(false, null), 1)).toEqual([]);
    expect(said(after(dated(true, 1), 2), dated(false, null), 3)).toEqual([]);
    expect(said(emptyMemory, dated(true, null), 1)).toEqual([[true, null]]);
    expect(said(after(dated(true, null), 1), dated(true, null), 2)).toEqual([]);
    expect(said(after(dated(false, null), 1), dated(true, null), 2)).toEqual([[true, null]]);
    expect(said(written(true, 5), dated(true, null), 6)).toEqual([]);
  });
});
