import { describe, expect, it } from '@jest/globals';
import { Checks } from '../../demo/checks.ts';
import { cardsOf, makeData } from '../../demo/data.ts';
import { switchedTooOften } from '../../demo/mailplus-checks.ts';
import { readOptions } from '../../demo/options.ts';

describe('options of the demo', () => {
  it('are those of the main job unless told otherwise', () => {
    expect(readOptions([])).toEqual({ once: false, seed: 2026, contacts: 5_000, prospects: 20_000, moreProspects: 5_000 });
    expect(readOptions(['--once', '--seed', '7'])).toMatchObject({ once: true, seed: 7 });
  });

  it('say what is wrong with them', () => {
    expect(() => readOptions(['--prospects', 'many'])).toThrow('--prospects must be a whole number of at least 500, not «many».');
    expect(() => readOptions(['--quick'])).toThrow('--quick');
  });

  it('give way to help', () => {
    expect(readOptions(['--help'])).toBeUndefined();
  });
});

describe('data of the demo', () => {
  const data = makeData({ once: true, seed: 11, contacts: 500, prospects: 2_000, moreProspects: 500 });
  const { edited, unsubscribed, bounced, clicking, bouncing } = data.chosen;

  it('let nothing happen twice to a person, nor to anybody who is on the second list', () => {
    const emails = [edited, unsubscribed, bounced, clicking, bouncing].flat().map(({ email }) => email);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.filter((email) => data.second.peopleByEmail.has(email))).toEqual([]);
  });

  it('choose people of the audience, some of whom have more than one card', () => {
    const audience = new Set(data.audience.map(({ email }) => email));
    expect([...edited, ...unsubscribed, ...clicking].every(({ email }) => audience.has(email))).toBe(true);
    expect(cardsOf(unsubscribed)).toBeGreaterThan(unsubscribed.length);
    expect([...unsubscribed, ...bounced, ...clicking, ...bouncing].every(({ permissionOn }) => permissionOn)).toBe(true);
  });

  it('send two lists without a prospect in common', () => {
    expect(data.firstIds).toHaveLength(2_000);
    expect(data.secondIds.filter((id) => data.firstIds.includes(id))).toEqual([]);
  });
});

describe('checks of the demo', () => {
  it('count those that do not hold, and show both numbers', () => {
    const checks = new Checks();
    checks.part('A part');
    checks.equal('as expected', 1_000, 1_000);
    checks.equal('one too many', 2, 3);
    checks.atMost('within the limit', 100, 100);
    expect(checks.summary).toEqual({ count: 3, failed: 1 });
    expect(checks.text()).toMatch(/one too many.*2.*3.*NOT OK/);
  });

  it('tell a permission that was switched as often as people said from one that was switched too often', () => {
    const person = (on: number) => ({ prospectIds: ['P1', 'P2', 'P3'], existedBefore: false, permissionOn: true, mostSwitches: { on, off: 1 } });
    const contact = (email: string) => ({ email, permissions: [2], properties: {}, permissionFlips: { 2: { on: 2, off: 1 } } });
    const peopleByEmail = new Map([['yes-no-yes@people.example', person(2)], ['yes@people.example', person(1)]]);
    expect(switchedTooOften({ repeatedFlips: [contact('Yes-No-Yes@people.example')] }, { peopleByEmail })).toBe(0);
    expect(switchedTooOften({ repeatedFlips: [contact('yes@people.example'), contact('unknown@people.example')] }, { peopleByEmail })).toBe(2);
  });
});
