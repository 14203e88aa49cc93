import { describe, expect, it } from '@jest/globals';
import { judgeReach, type MailFact } from '../../../domain/bounces/rule.ts';

const at = (day: number, hour = 12) => `2026-10-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const never = { address: null, resolved: null };

function fact(kind: MailFact['kind'], mailingId: string | null, day: number, more: { hour?: number; bounce?: 'hard' | 'soft' } = {}): MailFact {
  const { hour = 12, bounce } = more;
  return { id: `${kind}-${mailingId ?? 'none'}-${day}-${hour}`, kind, at: at(day, hour), mailingId, ...(bounce === undefined ? {} : { bounce }) };
}
const hard = (mailingId: string | null, day: number) => fact('bounced', mailingId, day, { bounce: 'hard' });
const soft = (mailingId: string | null, day: number) => fact('bounced', mailingId, day, { bounce: 'soft' });

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return items.map((item) => ({ item, place: next() })).toSorted((a, b) => a.place - b.place).map(({ item }) => item);
}

describe('an address to which mail bounces', () => {
  it('is given up after one hard bounce', () => {
    expect(judgeReach([fact('sent', 'm1', 1), hard('m1', 1)], never)).toEqual({ state: 'bouncing', kind: 'hard', cause: hard('m1', 1), bounces: 1, lastAt: at(1) });
  });

  it('is given up after four soft bounces in a row, and not after three', () => {
    const row = [soft('m1', 1), soft('m2', 2), soft('m3', 3), soft('m4', 4), soft('m5', 5)];
    expect(judgeReach(row.slice(0, 3), never)).toEqual({ state: 'reachable', arrivedAt: null });
    expect(judgeReach(row, never)).toEqual({ state: 'bouncing', kind: 'soft', cause: soft('m4', 4), bounces: 5, lastAt: at(5) });
  });

  it('is not given up when a mail between soft bounces went through, or was not heard of again', () => {
    const between = (one: MailFact) => judgeReach([soft('m1', 1), soft('m2', 2), soft('m3', 3), one, soft('m5', 5), soft('m6', 6), soft('m7', 7)], never).state;
    expect(between(fact('sent', 'm4', 4))).toBe('reachable');
    expect(between(fact('opened', 'm4', 4))).toBe('reachable');
    expect(between(soft('m4', 4))).toBe('bouncing');
  });

  it('counts a mail that bounced softly and was opened after all as arrived, one that bounced hard as bounced', () => {
    const opened = fact('opened', 'm1', 1, { hour: 15 });
    expect(judgeReach([fact('sent', 'm1', 1), soft('m1', 1), opened], never)).toEqual({ state: 'reachable', arrivedAt: at(1) });
    expect(judgeReach([fact('sent', 'm1', 1), hard('m1', 1), opened], never)).toMatchObject({ state: 'bouncing' });
  });

  it('is reachable again when a later mail is opened or clicked, not when one is only sent', () => {
    for (const kind of ['opened', 'clicked'] as const) {
      expect(judgeReach([hard('m1', 1), fact('sent', 'm2', 2), fact(kind, 'm2', 3)], never)).toEqual({ state: 'reachable', arrivedAt: at(2) });
    }
    expect(judgeReach([hard('m1', 1), fact('sent', 'm2', 2)], never)).toMatchObject({ state: 'bouncing' });
  });

  it('stays given up when an old mail is opened: it stands where it was sent', () => {
    expect(judgeReach([fact('sent', 'm1', 1), fact('sent', 'm2', 2), hard('m2', 2), fact('opened', 'm1', 5)], never)).toMatchObject({ state: 'bouncing' });
  });

  it('is told apart by each sending of a mailing that goes to one contact several times', () => {
    const welcome = [fact('sent', 'welcome', 1), fact('opened', 'welcome', 1, { hour: 13 }), fact('sent', 'welcome', 20), hard('welcome', 20)];
    expect(judgeReach(welcome, never)).toMatchObject({ state: 'bouncing' });
    const unseen = welcome.filter(({ kind }) => kind !== 'sent');
    expect(judgeReach([...unseen, fact('sent', 'm2', 5), fact('opened', 'm2', 5, { hour: 13 })], never)).toMatchObject({ state: 'bouncing' });
  });

  it('is judged by mails outside mailings, each for itself', () => {
    expect(judgeReach([1, 2, 3, 4].map((day) => soft(null, day)), never)).toMatchObject({ state: 'bouncing', kind: 'soft', bounces: 4 });
  });

  it('is not judged by mail that was sent to the address before it, nor by bounces of a case that is resolved', () => {
    const facts = [fact('sent', 'm1', 1), hard('m1', 3)];
    expect(judgeReach(facts, { address: at(2), resolved: null })).toEqual({ state: 'reachable', arrivedAt: null });
    expect(judgeReach(facts, { address: null, resolved: at(3) })).toEqual({ state: 'reachable', arrivedAt: null });
    expect(judgeReach([...facts, fact('sent', 'm2', 4), hard('m2', 4)], { address: at(2), resolved: at(3) })).toMatchObject({ state: 'bouncing', cause: hard('m2', 4), bounces: 1 });
  });

  it('is judged alike in whatever order things come to be known', () => {
    const facts = [
      fact('sent', 'm1', 1), soft('m1', 1), fact('sent', 'm2', 2), soft('m2', 2), fact('sent', 'm3', 3), fact('opened', 'm3', 4), fact('sent', 'm5', 5), hard('m5', 5),
      fact('sent', 'm6', 6), soft('m6', 6), fact('clicked', 'm3', 9),
    ];
    for (let seed = 1; seed <= 50; seed += 1) {
      expect({ seed, reach: judgeReach(shuffled(facts, seed), never) }).toEqual({ seed, reach: { state: 'bouncing', kind: 'hard', cause: hard('m5', 5), bounces: 2, lastAt: at(6) } });
    }
  });

  it('joins a bounce to its mail also when its feed gives whole seconds, or a clock is a little behind', () => {
    const facts = [1, 2, 3, 4].flatMap((day): MailFact[] => {
      const bounce = soft(`m${day}`, day);
      return [{ ...fact('sent', `m${day}`, day), at: at(day).replace('.000', '.900') }, bounce];
    });
    expect(judgeReach(facts, never)).toMatchObject({ state: 'bouncing', kind: 'soft', bounces: 4 });
  });
});
