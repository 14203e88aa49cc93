import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { stopRequested, type StoppableProcess } from '../../../workers/stop-request.ts';

/** A process that records how it is ended, and can be sent signals. */
function fakeProcess(env: Readonly<Record<string, string>> = {}) {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  const own = {
    ppid: 100, env,
    on: (signal: NodeJS.Signals, listener: () => void) => listeners.set(signal, listener),
    exit: (code: number) => void exits.push(code),
  } satisfies StoppableProcess;
  return { own, exits, send: (signal: NodeJS.Signals) => listeners.get(signal)?.() };
}

describe('a request to stop', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is the first SIGINT or SIGTERM', async () => {
    const { own, send, exits } = fakeProcess();
    const stopping = stopRequested(undefined, own);
    send('SIGTERM');
    await expect(stopping).resolves.toBe('SIGTERM');
    expect(exits).toEqual([]);
  });

  it('counts once when npm passes on the Ctrl-C of the terminal, and ends the process when somebody asks again', () => {
    const { own, send, exits } = fakeProcess();
    void stopRequested(undefined, own);
    send('SIGINT');
    jest.advanceTimersByTime(200);
    send('SIGINT');
    expect(exits).toEqual([]);
    jest.advanceTimersByTime(1_000);
    send('SIGINT');
    expect(exits).toEqual([130]);
  });

  it('is the end of the shell between npm and the process', async () => {
    const { own } = fakeProcess({ npm_lifecycle_event: 'start' });
    const stopping = stopRequested(undefined, own);
    own.ppid = 1;
    jest.advanceTimersByTime(1_000);
    await expect(stopping).resolves.toBe('npm ended');
  });

  it('is not the end of a shell that started it without npm', () => {
    const { own } = fakeProcess();
    void stopRequested(undefined, own);
    expect(jest.getTimerCount()).toBe(0);
  });
});
