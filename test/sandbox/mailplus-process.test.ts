import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFlags, usage } from '../../sandbox/mailplus/flags.ts';
import { untilStopped } from '../../sandbox/until-stopped.ts';
import type { StoppableProcess } from '../../sandbox/until-stopped.ts';

describe('the flags of the sandbox', () => {
  it('give the account that is asked for', () => {
    const flags = readFlags([
      '--port', '8081', '--merge-rules', 'email,externalId', '--no-audiences', '--no-shop', '--accept-replays', '--list-in-use-417', '--dates', 'epochMillis',
      '--skew-seconds', '60', '--credential', 'shop:hush:shopId', '--credential', 'crm:hush:crmId', '--option', 'authRefusalStatus=403', '--option', 'pagingAfter=current',
    ], { MAILPLUS_SANDBOX_SECRET: 'quiet', MAILPLUS_SANDBOX_MAX_LISTS: '5', MAILPLUS_SANDBOX_PORT: '9' });
    expect(flags?.sample).toBe(false);
    expect(flags?.options).toEqual({
      port: 8081, controlPort: 0, latencyMs: 0, skewToleranceMs: 60_000, refuseReplays: false, maxTemporaryLists: 5, maxAudiences: 100,
      audiencesLicensed: false, shopLicensed: false, temporaryListInUseStatus: 417, mergeRules: ['email', 'externalId'], dates: 'epochMillis', authRefusalStatus: 403, pagingAfter: 'current',
      credentials: [
        { key: 'sandbox-key', secret: 'quiet', externalIdField: 'externalId' },
        { key: 'shop', secret: 'hush', externalIdField: 'shopId' },
        { key: 'crm', secret: 'hush', externalIdField: 'crmId' },
      ],
    });
  });

  it.each([
    [['--port', 'eighty'], '--port'], [['--merge-rules', 'name'], '--merge-rules'], [['--dates', 'roman'], '--dates'],
    [['--credential', 'just-a-key'], '--credential'], [['--nothing'], '--nothing'], [['--option', 'colour=red'], 'colour'], [['--option', 'refuseReplays=perhaps'], 'refuseReplays'], [['--option', 'dates'], '--option'],
  ])('refuse %j, naming the flag', (args, named) => {
    expect(() => readFlags(args, {})).toThrow(named);
  });

  it('are all in the help text', () => {
    expect(readFlags(['--help'], {})).toBeUndefined();
    const named = usage.match(/--[a-z0-9-]+/g) ?? [];
    for (const flag of new Set(named)) {
      const value = { '--credential': 'a:b:c', '--merge-rules': 'email', '--dates': 'iso', '--option': 'maxAudiences=5' }[flag] ?? '1';
      const isSwitch = ['--no-audiences', '--no-shop', '--accept-replays', '--list-in-use-417', '--sample', '--help'].includes(flag);
      expect(() => readFlags(isSwitch ? [flag] : [flag, value], {})).not.toThrow();
    }
    expect(new Set(named).size).toBe(19);
  });
});

describe('the end of a sandbox process', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function fakeProcess(env: Readonly<Record<string, string>>) {
    const listeners = new Map<string, () => void>();
    const own = { ppid: 100, env, once: (signal: NodeJS.Signals, listener: () => void) => listeners.set(signal, listener) } satisfies StoppableProcess;
    return { own, send: (signal: NodeJS.Signals) => listeners.get(signal)?.() };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('comes with %s, and leaves no timer', async (signal) => {
    const { own, send } = fakeProcess({ npm_lifecycle_event: 'sandbox:mailplus' });
    const stopped = untilStopped(own);
    send(signal);
    await stopped;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('comes with the end of npm, which takes the shell with it but not the process', async () => {
    const { own } = fakeProcess({ npm_lifecycle_event: 'sandbox:mailplus' });
    const stopped = untilStopped(own);
    own.ppid = 1;
    jest.advanceTimersByTime(1_000);
    await stopped;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not come with the end of a parent that is not npm', () => {
    void untilStopped(fakeProcess({}).own);
    expect(jest.getTimerCount()).toBe(0);
  });
});
