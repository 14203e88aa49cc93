import { describe, expect, it } from '@jest/globals';
import { decide, decideAll, type ConsentEvent } from '../../../domain/consent/ledger.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();
const event = (granted: boolean, n: number | null, more: Partial<ConsentEvent> = {}): ConsentEvent => ({
  permission: 'mail', granted, at: n === null ? null : day(n), receivedAt: day(100), connectorId: 'c', externalId: '1', mayGrant: true, evidence: 'form', ...more,
});

describe('decide', () => {
  it('is unknown when nobody said anything', () => {
    expect(decide([])).toEqual({ state: 'unknown', at: null, connectorId: null });
  });

  it('follows the newest dated event in both directions', () => {
    expect(decide([event(true, 5), event(false, 3)])).toEqual({ state: 'granted', at: day(5), connectorId: 'c' });
    expect(decide([event(false, 5), event(true, 3)])).toEqual({ state: 'withdrawn', at: day(5), connectorId: 'c' });
  });

  it('lets the withdrawal win at equal times', () => {
    expect(decide([event(true, 5), event(false, 5)]).state).toBe('withdrawn');
    expect(decide([event(false, 5), event(true, 5)]).state).toBe('withdrawn');
  });

  it('takes false without a date for never asked', () => {
    expect(decide([event(false, null)]).state).toBe('unknown');
    expect(decide([event(true, 3), event(false, null)]).state).toBe('granted');
    expect(decide([event(true, null), event(false, null)]).state).toBe('granted');
  });

  it('lets a grant without a date grant only where nothing dated speaks', () => {
    expect(decide([event(true, null)])).toEqual({ state: 'granted', at: null, connectorId: 'c' });
    expect(decide([event(true, null), event(false, 1)]).state).toBe('withdrawn');
    expect(decide([event(true, null), event(true, 1)])).toMatchObject({ state: 'granted', at: day(1) });
  });

  it('clamps dates ahead of receipt, so that a wrong clock does not win for ever', () => {
    expect(decide([event(true, 99, { receivedAt: day(10) }), event(false, 20)])).toMatchObject({ state: 'withdrawn', at: day(20) });
    expect(decide([event(false, 99, { receivedAt: day(10) }), event(true, 20)])).toMatchObject({ state: 'granted', at: day(20) });
  });

  it('ignores grants of a source that may not grant, never its withdrawals', () => {
    expect(decide([event(true, 5, { mayGrant: false })]).state).toBe('unknown');
    expect(decide([event(true, null, { mayGrant: false })]).state).toBe('unknown');
    expect(decide([event(true, 5), event(false, 6, { mayGrant: false })]).state).toBe('withdrawn');
  });

  it('names the same connector whatever the order', () => {
    const [a, b] = [event(true, 5, { connectorId: 'a' }), event(true, 5, { connectorId: 'b' })];
    expect(decide([a, b])).toEqual(decide([b, a]));
    const [x, y] = [event(true, null, { connectorId: 'x' }), event(true, null, { connectorId: 'y' })];
    expect(decide([y, x]).connectorId).toBe('x');
  });
});

describe('decideAll', () => {
  it('decides each permission by its own events', () => {
    expect(decideAll([event(true, 1, { permission: 'sms' }), event(false, 2), event(true, 1)])).toEqual({
      mail: { state: 'withdrawn', at: day(2), connectorId: 'c' }, sms: { state: 'granted', at: day(1), connectorId: 'c' },
    });
    expect(decideAll([])).toEqual({});
  });
});
