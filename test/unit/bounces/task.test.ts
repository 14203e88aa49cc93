import { describe, expect, it } from '@jest/globals';
import { bounceTask } from '../../../domain/bounces/task.ts';

const hard = { kind: 'hard', bounces: 1, bouncedAt: '2026-11-20T09:12:00.000Z', otherCards: [] } as const;

describe('the task of a bounce', () => {
  it('names both leads: who follows the person up, and the new employer', () => {
    const { subject, description } = bounceTask(hard);
    expect(subject).toMatch(/bounced/);
    expect(description).toMatch(/2026-11-20.*hard bounce/);
    expect(description).toMatch(/1\. Who follows this person up\?/);
    expect(description).toMatch(/2\. Where does this person work now\?.*new employer/);
  });

  it('tells a hard bounce from soft ones', () => {
    expect(bounceTask({ ...hard, kind: 'soft', bounces: 4 }).description).toMatch(/bounced 4 times in a row, the last time on 2026-11-20 \(soft bounces\)/);
  });

  it('names the other cards of the person, however many there are, within what a platform takes', () => {
    expect(bounceTask(hard).description).not.toMatch(/also on/);
    expect(bounceTask({ ...hard, otherCards: ['P2', 'P3'] }).description).toMatch(/also on: P2, P3\.$/);
    const many = bounceTask({ ...hard, otherCards: Array.from({ length: 500 }, (_, index) => `P${index}`) }).description;
    expect(many).toMatch(/P4 and 495 more\.$/);
    expect(many.length).toBeLessThan(1_000);
  });
});
