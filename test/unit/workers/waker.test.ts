import { describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createWaker } from '../../../activities/wake.ts';
import { waitFor } from '../../support/wait-for.ts';

const client = {} as Client;

function recorded(fails = false) {
  const sent: string[] = [];
  const warned: string[] = [];
  const log = { debug: () => undefined, info: () => undefined, warn: (_facts: object, message: string) => void warned.push(message), error: () => undefined };
  const waker = createWaker(client, log, async (_client, target, connectorId) => {
    sent.push(`${target}/${connectorId}`);
    if (fails) throw new Error('away');
  });
  return { waker, sent, warned };
}

describe('the waker', () => {
  it('sends the first wake at once and merges those that follow', async () => {
    const { waker, sent } = recorded();
    for (let i = 0; i < 100; i += 1) waker.wake('deliver', 'a');
    expect(sent).toEqual(['deliver/a']);
    await waitFor(() => sent.length === 2);
    await waker.close();
    expect(sent).toEqual(['deliver/a', 'deliver/a']);
  });

  it('keeps workflows apart', async () => {
    const { waker, sent } = recorded();
    waker.wake('deliver', 'a');
    waker.wake('deliver', 'b');
    waker.wake('sync', 'a');
    expect(sent).toEqual(['deliver/a', 'deliver/b', 'sync/a']);
    await waker.close();
  });

  it('sends what is due when it is closed', async () => {
    const { waker, sent } = recorded();
    waker.wake('connector', 'a');
    waker.wake('connector', 'a');
    await waker.close();
    expect(sent).toEqual(['connector/a', 'connector/a']);
  });

  it('only logs a wake that was not taken', async () => {
    const { waker, warned } = recorded(true);
    waker.wake('sync', 'a');
    await waker.close();
    expect(warned).toEqual(['A wake was not taken; the sweep will find the work']);
  });
});
