import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SortedBlocks } from '../../sandbox/mailplus/state/sorted-blocks.ts';

interface Item {
  readonly id: number;
  time: number;
}

describe('the index on lastChanged', () => {
  it('agrees with sorting everything, whatever is added, moved and removed', () => {
    const step = fc.record({ id: fc.nat(200), time: fc.nat(50), remove: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { maxLength: 400 }), fc.nat(60), fc.nat(60), (steps, from, to) => {
      const index = new SortedBlocks<Item>((item) => item.time, (item) => item.id);
      const items = new Map<number, Item>();
      for (const { id, time, remove } of steps) {
        const item = items.get(id) ?? { id, time };
        if (items.has(id)) index.remove(item);
        items.delete(id);
        if (remove) continue;
        item.time = time;
        items.set(id, item);
        index.add(item);
      }
      const sorted = [...items.values()].sort((left, right) => left.time - right.time || left.id - right.id);
      expect(index.range(0, index.size)).toEqual(sorted);
      expect(index.between(from, to)).toEqual(sorted.filter(({ time }) => time >= from && time < to));
    }), { seed: 20240301 });
  });

  it('keeps 50,000 items in order when they come in any order and move to the end', () => {
    const index = new SortedBlocks<Item>((item) => item.time, (item) => item.id);
    const items = Array.from({ length: 50_000 }, (_, id) => ({ id, time: (id * 7_919) % 50_000 }));
    for (const item of items) index.add(item);
    expect(index.range(20_000, 20_003).map(({ time }) => time)).toEqual([20_000, 20_001, 20_002]);
    for (const item of items) {
      index.remove(item);
      item.time = 100_000 + item.id;
      index.add(item);
    }
    expect([index.size, index.rankOf(100_000), index.rankOf(149_999)]).toEqual([50_000, 0, 49_999]);
    expect(index.range(49_998, 60_000).map(({ id }) => id)).toEqual([49_998, 49_999]);
  });
});
