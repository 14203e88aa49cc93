import { describe, expect, it } from '@jest/globals';
import { endOf, lostGrants } from '../../../domain/consent/lost-grants.ts';
import type { PermissionState } from '../../../domain/model/record.ts';

const at = '2026-01-01T00:00:00.000Z';
const is = (state: PermissionState['state'], when: string | null = at): PermissionState => ({ state, at: state === 'unknown' ? null : when, connectorId: state === 'unknown' ? null : 'coins-1' });
const grant = { state: 'granted', at, connectorId: 'coins-1' };

describe('a grant that leaves a record with whoever made it', () => {
  it('is lost when nothing is known of the permission afterwards', () => {
    expect(lostGrants({ mail: is('granted') }, {})).toEqual([{ permission: 'mail', grant }]);
    expect(lostGrants({ sms: is('granted', null), mail: is('granted') }, { mail: is('unknown') })).toEqual([{ permission: 'sms', grant: { ...grant, at: null } }, { permission: 'mail', grant }]);
  });

  it('is not lost when the permission is granted or withdrawn by somebody else, and only grants are', () => {
    for (const state of ['granted', 'withdrawn'] as const) expect(lostGrants({ mail: is('granted') }, { mail: is(state) })).toEqual([]);
    for (const state of ['withdrawn', 'unknown'] as const) expect(lostGrants({ mail: is(state) }, {})).toEqual([]);
    expect(lostGrants(undefined, { mail: is('granted') })).toEqual([]);
  });

  it('is ended just before it was given, so that it counts again when it comes back; now when it has no date', () => {
    const now = '2026-05-05T00:00:00.000Z';
    const [dated] = lostGrants({ mail: is('granted') }, {});
    const [undated] = lostGrants({ mail: is('granted', null) }, {});
    expect([dated, undated].map((lost) => lost && endOf(lost, now))).toEqual(['2025-12-31T23:59:59.999Z', now]);
  });
});
