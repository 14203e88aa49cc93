import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ActivityLog, distinctRecipients } from '../../sandbox/mailplus/state/activity-log.ts';

const activity = (atMs: number, changedMs: number, who: number) => ({ mailing: who % 3, who, atMs, changedMs, detail: 0 });

describe('a log of activities', () => {
  it('reads by time as a plain sorted list does, however it was filled and whenever it was read', () => {
    fc.assert(fc.property(
      fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), { maxLength: 20 }), { maxLength: 6 }),
      fc.integer({ min: -1, max: 21 }), fc.integer({ min: -1, max: 21 }),
      (batches, from, to) => {
        const log = new ActivityLog();
        const plain: { id: number; atMs: number; changedMs: number }[] = [];
        for (const batch of batches) {
          for (const [atMs, changedMs] of batch) {
            plain.push({ id: plain.length + 1, atMs, changedMs });
            log.record(plain.length, activity(atMs, changedMs, plain.length));
          }
          for (const [order, key] of [['date', 'atMs'], ['change', 'changedMs']] as const) {
            const row = log.between(order, from, to);
            const expected = plain.filter((entry) => entry[key] >= from && entry[key] < to).toSorted((left, right) => left[key] - right[key] || left.id - right.id);
            expect(Array.from({ length: row.size }, (_, index) => row.at(index).id)).toEqual(expected.map(({ id }) => id));
          }
        }
      },
    ), { seed: 20_261_121, numRuns: 300 });
  });

  it('keeps apart mailings and recipients, across the ends of its blocks', () => {
    const log = new ActivityLog();
    for (let who = 0; who < 140_000; who += 1) log.record(who + 1, activity(who, who, who));
    const second = log.ofMailing(1);
    expect([second.size, second.at(0).who, second.at(46_666).who]).toEqual([46_667, 1, 139_999]);
    expect(log.ofMailingBy(1, 65_536)).toEqual([{ id: 65_537, ...activity(65_536, 65_536, 65_536) }]);
    expect(log.ofMailingBy(2, 65_536)).toEqual([]);
    expect(log.by(new Set([3, 131_072])).map(({ id }) => id)).toEqual([4, 131_073]);
    expect(distinctRecipients([log.ofMailing(0), log.ofMailing(0), second])).toBe(46_667 * 2);
    expect(distinctRecipients([log], ({ who }) => who % 2 === 0)).toBe(70_000);
  });
});
