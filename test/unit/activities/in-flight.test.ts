import { describe, expect, it } from '@jest/globals';
import { InFlight } from '../../../activities/in-flight.ts';

/** Work that ends when it is told to. */
function work() {
  let end = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { promise, end: () => end(), fail: (error: Error) => fail(error) };
}

describe('work in flight', () => {
  it('makes room when one piece ends, in whatever order', async () => {
    const inFlight = new InFlight<number>();
    const [first, second] = [work(), work()];
    inFlight.add(1, first.promise);
    await inFlight.room(2);
    inFlight.add(2, second.promise);
    const room = inFlight.room(2);
    second.end();
    await room;
    expect(inFlight.keys).toEqual([1]);
    first.end();
    await inFlight.idle();
    expect(inFlight.keys).toEqual([]);
  });

  it('tells a failure once all others have ended', async () => {
    const inFlight = new InFlight<number>();
    const [bad, slow] = [work(), work()];
    inFlight.add(1, bad.promise);
    inFlight.add(2, slow.promise);
    bad.fail(new Error('refused'));
    const order: string[] = [];
    const told = inFlight.room(2).catch((error: unknown) => void order.push(error instanceof Error ? error.message : 'unknown'));
    await Promise.resolve();
    order.push('the slow one ends');
    slow.end();
    await told;
    expect(order).toEqual(['the slow one ends', 'refused']);
    await expect(inFlight.idle()).rejects.toThrow('refused');
  });
});
