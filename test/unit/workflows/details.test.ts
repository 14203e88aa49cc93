import { describe, expect, it } from '@jest/globals';
import type { ConnectorReport } from '../../../activities/connector-report.ts';
import { connectorDetails } from '../../../workflows/details.ts';

const message = 'POST /contact/list: the platform answered with an internal error (503).';
const live: ConnectorReport = {
  accountId: 'main', platform: 'mailplus', platformTitle: 'Spotler Mail+', isTest: false, syncState: 'live', backfills: [],
  state: { phase: 'live', paused: false, health: { in: { state: 'ok' }, out: { state: 'ok' } } },
  counts: { inboxWaiting: 0, deliveries: { pending: 26, excluded: 58 }, actionsPending: 1, rejected: 0 },
};
const holding: ConnectorReport = {
  ...live, syncState: 'holding',
  state: { ...live.state, health: { in: { state: 'ok' }, out: { state: 'holding', reason: `${message} Nothing to do: it is tried again.` } } },
  lastError: { code: 'PLATFORM_ERROR', message, fix: 'Nothing to do: it is tried again.', at: '2026-11-21T14:56:13.535Z', nextAttemptAt: '2026-11-21T15:01:23.953Z' },
};

describe('the details of a connector in the Temporal UI', () => {
  it('tell what waits apart from what does not belong there', () => {
    const lines = connectorDetails('mailplus-1', live, []).split('\n');
    expect(lines).toContain('- Waiting: 0 in the inbox, 26 to send, 1 action');
    expect(lines).toContain('- Left out: 58, which do not belong at this platform (`hub status` tells why)');
    expect(lines.some((line) => line.includes('retryFailed'))).toBe(false);
  });

  it('name the button, the next attempt, and what is wrong once', () => {
    const text = connectorDetails('mailplus-1', holding, []);
    expect(text).toContain('- To try at once: send the signal or update `retryFailed` to this workflow');
    expect(text).toContain('  - Next attempt: 2026-11-21 15:01:23 UTC');
    expect(text.split(message)).toHaveLength(2);
  });

  it('say what to do and then which button to press, when an operator is needed', () => {
    const text = connectorDetails('mailplus-1', { ...holding, syncState: 'needsOperator', state: live.state }, []);
    expect(text).toContain('- When that is done: send the signal or update `retryFailed`');
    expect(text).toContain('  - What to do: Nothing to do: it is tried again.');
  });

  it('count what was refused on either side', () => {
    const text = connectorDetails('mailplus-1', { ...live, counts: { ...live.counts, deliveries: { failed: 3, parked: 2 }, rejected: 4 } }, []);
    expect(text).toContain('0 to send, 2 parked');
    expect(text).toContain('- Refused by the platform: 3');
    expect(text).toContain('- Rejected on the way in: 4');
  });

  it('say once what is wrong with both directions', () => {
    const refused = { state: 'needsOperator', reason: 'Mail+ refused key and secret (401).' } as const;
    const lines = connectorDetails('mailplus-1', { ...live, syncState: 'needsOperator', state: { ...live.state, health: { in: refused, out: refused } } }, []).split('\n');
    expect(lines.filter((line) => line.includes('401'))).toEqual(['- Reading and sending: needsOperator. Mail+ refused key and secret (401).']);
  });
});
