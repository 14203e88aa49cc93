import { describe, expect, it } from '@jest/globals';
import { fieldsAfterRead, judgeRead, recordOutcome, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { maxSentCalls } from '../../../domain/consent/sent-calls.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { emptyMemory } from '../../../domain/model/link-memory.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

const t = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** A contact as a platform shows it: `name` is its own `fullName`, `note` has no place in what it holds. */
function shown(held: Fields, more: Partial<SourceRow> = {}): SourceRow {
  const { fullName } = held;
  return {
    dataType: 'contacts', externalId: '1', sourceTime: null, payload: null, canonical: fullName === undefined || fullName === '' ? {} : { name: fullName },
    held, heldKeyOf: { name: 'fullName' }, consents: [], ...more,
  };
}

const readOnce = (held: Fields, at = t(0)) => judgeRead(emptyMemory, shown(held), at).memory;
const written = (changes: Fields, at: number, memory = emptyMemory) => recordOutcome(recordSent(memory, changes, t(at - 1)), changes, t(at));

describe('judgeRead, fields', () => {
  it('takes everything for a statement on a link that was never read nor written', () => {
    const judged = judgeRead(emptyMemory, shown({ fullName: 'Ann' }), t(1));
    expect(judged).toEqual({
      stated: { name: 'Ann' }, covers: 'whole', statements: [], recheck: false,
      memory: { held: { fullName: 'Ann' }, sent: {}, echoes: {}, offSince: {}, outcomeAt: null, readAt: t(1) },
    });
  });

  it('finds no statement where nothing changed, and one where something did', () => {
    const memory = readOnce({ fullName: 'Ann' });
    expect(judgeRead(memory, shown({ fullName: 'Ann' }), t(1)).stated).toEqual({});
    expect(judgeRead(memory, shown({ fullName: 'Bea' }), t(1))).toMatchObject({ stated: { name: 'Bea' }, memory: { held: { fullName: 'Bea' } } });
  });

  it('takes a value that is gone for cleared, unless we emptied it', () => {
    expect(judgeRead(readOnce({ fullName: 'Ann' }), shown({ fullName: '' }), t(1)).stated).toEqual({ name: null });
    expect(judgeRead(readOnce({ fullName: 'Ann' }), shown({}), t(1)).stated).toEqual({ name: null });
    expect(judgeRead(written({ fullName: null }, 2, readOnce({ fullName: 'Ann' })), shown({}), t(3)).stated).toEqual({});
    expect(judgeRead(readOnce({}), shown({ fullName: '' }), t(1)).stated).toEqual({});
  });

  it('takes a key that the read could not show for what it was, so that it is no news when it is shown again', () => {
    const hidden = shown({}, { visible: { city: true } });
    const unseen = judgeRead(readOnce({ fullName: 'Ann' }), hidden, t(1));
    expect(unseen).toMatchObject({ stated: {}, memory: { held: { fullName: 'Ann' } } });
    expect(judgeRead(unseen.memory, shown({ fullName: 'Ann' }, { visible: { fullName: true } }), t(2)).stated).toEqual({});
    expect(judgeRead(unseen.memory, shown({}, { visible: { fullName: true } }), t(2)).stated).toEqual({ name: null });
    const ours = judgeRead(written({ fullName: 'Ours' }, 2), hidden, t(3));
    expect(judgeRead(ours.memory, shown({ fullName: 'Ours' }), t(4)).stated).toEqual({});
    expect(fieldsAfterRead({ name: 'Ann', title: 'Ms' }, shown({}, { visible: { city: true }, heldKeyOf: {} }), {})).toEqual({ name: 'Ann', title: 'Ms' });
  });

  it('keeps what was said when the shown value can not be read', () => {
    expect(judgeRead(readOnce({ fullName: 'Ann' }), shown({ fullName: '???' }, { canonical: {} }), t(1)).stated).toEqual({});
  });

  it('takes a field that no key stands for as the row has it', () => {
    const row = shown({ fullName: 'Ann' }, { canonical: { name: 'Ann', note: 'x' } });
    const judged = judgeRead(readOnce({ fullName: 'Ann' }), row, t(1));
    expect(judged.stated).toEqual({ note: 'x' });
    expect(fieldsAfterRead({ name: 'Ann', note: 'w', other: 1 }, row, judged.stated)).toEqual({ name: 'Ann', note: 'x' });
    expect(fieldsAfterRead(undefined, row, { name: 'Ann' })).toEqual({ name: 'Ann' });
  });

  it('knows its own write, and forgets it once a later read has shown it', () => {
    const memory = written({ fullName: 'Ours' }, 5);
    const first = judgeRead(memory, shown({ fullName: 'Ours' }), t(6));
    expect(first).toMatchObject({ stated: {}, recheck: false, memory: { sent: {}, held: { fullName: 'Ours' } } });
    const elsewhere = judgeRead(first.memory, shown({ fullName: 'Theirs' }), t(7));
    expect(judgeRead(elsewhere.memory, shown({ fullName: 'Ours' }), t(8)).stated).toEqual({ name: 'Ours' });
  });

  it('takes nothing from a read that began before our write had ended, and asks for another', () => {
    const memory = written({ fullName: 'Ours' }, 5, readOnce({ fullName: 'Before', city: 'York' }));
    for (const fullName of ['Before', 'Theirs']) {
      const judged = judgeRead(memory, shown({ fullName, city: 'York' }), t(5));
      expect(judged).toMatchObject({ stated: {}, recheck: true, memory: { held: { fullName: 'Ours', city: 'York' }, sent: memory.sent } });
    }
    expect(judgeRead(memory, shown({ fullName: 'Ours', city: 'York' }), t(5)).recheck).toBe(false);
  });

  it('judges the other keys of such a read as usual', () => {
    const memory = written({ city: 'Leeds' }, 5, readOnce({ fullName: 'Ann', city: 'York' }));
    expect(judgeRead(memory, shown({ fullName: 'Bea', city: 'Leeds' }), t(4))).toMatchObject({ stated: { name: 'Bea' }, recheck: false });
  });

  it('knows a write whose outcome nobody knows when it is read back', () => {
    const memory = recordSent(readOnce({ fullName: 'Before' }), { fullName: 'Ours' });
    expect(judgeRead(memory, shown({ fullName: 'Ours' }), t(6))).toMatchObject({ stated: {}, memory: { held: { fullName: 'Ours' }, sent: memory.sent } });
    expect(judgeRead(memory, shown({ fullName: 'Before' }), t(6))).toMatchObject({ stated: {}, memory: { held: { fullName: 'Before' }, sent: memory.sent } });
    expect(judgeRead(memory, shown({ fullName: 'Theirs' }), t(6)).stated).toEqual({ name: 'Theirs' });
  });

  it('confirms such a write, or that it never arrived, once it is known to be over', () => {
    const memory = recordUnknownOutcome(recordSent(readOnce({ fullName: 'Before' }), { fullName: 'Ours' }), t(5));
    for (const fullName of ['Ours', 'Before']) {
      expect(judgeRead(memory, shown({ fullName }), t(6))).toMatchObject({ stated: {}, recheck: false, memory: { held: { fullName }, sent: {} } });
    }
  });

  it('asks for another read when an older write of ours shows after a newer one, and lets it be repaired', () => {
    const memory = written({ fullName: 'Two' }, 8, written({ fullName: 'One' }, 5));
    const judged = judgeRead(memory, shown({ fullName: 'One' }), t(9));
    expect(judged).toMatchObject({ stated: {}, recheck: true, memory: { held: { fullName: 'One' }, sent: memory.sent } });
    expect(judgeRead(judged.memory, shown({ fullName: 'Two' }), t(10))).toMatchObject({ stated: {}, recheck: false, memory: { sent: {} } });
    expect(judgeRead(judged.memory, shown({ fullName: 'One' }), t(10))).toMatchObject({ stated: {}, recheck: false, memory: { sent: {} } });
  });

  it('takes nothing from a deletion', () => {
    const memory = readOnce({ fullName: 'Ann' });
    expect(judgeRead(memory, shown({}, { deleted: true }), t(1))).toEqual({ stated: {}, covers: 'whole', statements: [], recheck: false, memory: { ...memory, readAt: t(1) } });
  });

  it('takes an older read that comes late whole where we never wrote, and not at all where we did', () => {
    const memory = readOnce({ fullName: 'New', city: 'York' }, t(5));
    const row = shown({ city: 'York' }, { canonical: { city: 'York' }, heldKeyOf: { name: 'fullName', city: 'city' } });
    expect(judgeRead(memory, row, t(3))).toEqual({ stated: { city: 'York', name: null }, covers: 'whole', statements: [], memory, recheck: false });
    expect(judgeRead(recordSent(memory, { city: 'Hull' }), row, t(3))).toMatchObject({ stated: {}, covers: 'nothing' });
  });
});

describe('the memory of calls', () => {
  it('does not remember the same call under way twice', () => {
    const twice = recordSent(recordSent(emptyMemory, { a: 1 }, t(1)), { a: 2 }, t(2));
    expect(Object.values(recordSent(twice, { a: 1 }, t(3)).sent)).toEqual([
      { changes: { a: 2 }, endedAt: null, stored: false, startedAt: t(2) }, { changes: { a: 1 }, endedAt: null, stored: false, startedAt: t(1) },
    ]);
  });

  it('takes every other call for over when an outcome comes', () => {
    const memory = recordOutcome(recordSent(recordSent(emptyMemory, { a: 1 }), { a: 2 }), { a: 2 }, t(5));
    expect(memory).toMatchObject({ held: { a: 2 }, outcomeAt: t(5), sent: { 1: { stored: false, endedAt: t(5) }, 3: { stored: true, endedAt: t(5) } } });
  });

  it('stores an outcome whose intent it does not know', () => {
    expect(recordOutcome(emptyMemory, { a: 1 }, t(5)).sent).toEqual({ 1: { changes: { a: 1 }, endedAt: t(5), stored: true } });
  });

  it('is bounded', () => {
    let memory = emptyMemory;
    for (let n = 0; n < 3 * maxSentCalls; n += 1) memory = written({ a: n }, n + 1, memory);
    expect(Object.keys(memory.sent)).toHaveLength(maxSentCalls);
    expect(Object.values(memory.sent).at(-1)?.changes).toEqual({ a: 3 * maxSentCalls - 1 });
  });
});
