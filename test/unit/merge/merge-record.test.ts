import { describe, expect, it } from '@jest/globals';
import { diffFields, mergeSources } from '../../../domain/merge/merge-record.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { SourceState } from '../../../domain/model/record.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();

function source(connectorId: string, canonical: Fields, times: Record<string, number>, more: Partial<SourceState> = {}): SourceState {
  const fieldTimes = Object.fromEntries(Object.entries(times).map(([name, n]) => [name, day(n)]));
  return { connectorId, externalId: '1', dataType: 'contacts', canonical, fieldTimes, edited: [], versions: [], sourceTime: day(1), deleted: false, ...more };
}

describe('mergeSources', () => {
  it('takes each field from where it was said last, and says where that was', () => {
    const a = source('a', { name: 'A', city: 'Leeds' }, { name: 1, city: 9 }, { edited: ['city'] });
    const b = source('b', { name: 'B', city: 'York' }, { name: 5, city: 5 });
    expect(mergeSources([a, b], {})).toEqual({
      canonical: { city: 'Leeds', name: 'B' },
      provenance: {
        city: { connectorId: 'a', externalId: '1', at: day(9), edited: true },
        name: { connectorId: 'b', externalId: '1', at: day(5), edited: false },
      },
      deleted: false,
    });
  });

  it('lets a newer clearing win, and an absent field never', () => {
    const a = source('a', { name: null }, { name: 5 });
    const b = source('b', { name: 'B', city: 'York' }, { name: 1, city: 1 });
    expect(mergeSources([a, b], {}).canonical).toEqual({ city: 'York', name: null });
  });

  it('lets the default source go first, whatever the times', () => {
    const shop = source('shop', { name: 'new' }, { name: 9 });
    const stock = source('stock', { name: 'old' }, { name: 1 });
    expect(mergeSources([shop, stock], { defaultConnector: 'stock' }).canonical).toEqual({ name: 'old' });
  });

  it('lets an account order connectors per field instead; those not named come after, by time', () => {
    const [a, b, c] = [source('a', { f: 'a' }, { f: 1 }), source('b', { f: 'b' }, { f: 2 }), source('c', { f: 'c' }, { f: 3 })];
    const policy = { defaultConnector: 'c', fieldOrder: { f: ['x', 'a'] } };
    expect(mergeSources([a, b, c], policy).canonical).toEqual({ f: 'a' });
    expect(mergeSources([b, c], policy).canonical).toEqual({ f: 'c' });
  });

  it('decides between equal times by connector, then external id', () => {
    const a2 = source('a', { f: 'a2' }, { f: 1 }, { externalId: '2' });
    const a1 = source('a', { f: 'a1' }, { f: 1 });
    const b = source('b', { f: 'b' }, { f: 1 });
    for (const order of [[a2, a1, b], [b, a1, a2], [a1, b, a2]]) expect(mergeSources(order, {}).canonical).toEqual({ f: 'a1' });
  });

  it('leaves out deleted sources, and is deleted when all are', () => {
    const gone = source('a', { f: 'a' }, { f: 9 }, { deleted: true });
    const live = source('b', { f: 'b' }, { f: 1 });
    expect(mergeSources([gone, live], {})).toMatchObject({ canonical: { f: 'b' }, deleted: false });
    expect(mergeSources([gone], {})).toEqual({ canonical: {}, provenance: {}, deleted: true });
  });

  it('gives equal views as equal text', () => {
    const a = source('a', { x: 1, y: 2 }, { x: 1, y: 1 });
    const b = source('a', { y: 2, x: 1 }, { y: 1, x: 1 });
    expect(JSON.stringify(mergeSources([a], {}))).toBe(JSON.stringify(mergeSources([b], {})));
  });
});

describe('diffFields', () => {
  it('names what came, went and changed, and nothing else', () => {
    expect(diffFields({ same: 1, gone: 1, changed: 'a', cleared: 1 }, { same: 1, changed: 'b', cleared: null, fresh: false })).toEqual({
      gone: { from: 1, to: undefined }, changed: { from: 'a', to: 'b' }, cleared: { from: 1, to: null }, fresh: { from: undefined, to: false },
    });
    expect(diffFields({ a: 1 }, { a: 1 })).toEqual({});
  });
});
