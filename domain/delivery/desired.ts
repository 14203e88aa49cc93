import { everyPermission } from '../consent/ledger.ts';
import type { Instant } from '../model/fields.ts';
import type { PermissionState } from '../model/record.ts';

/** Which permissions a connector is told, in the words of Spotler Connect (design §9). */
export type OptInStrategy = 'both' | 'only-subscriptions' | 'none';

/** What one permission key should be at a platform. `unknown`: nobody was ever asked. */
export interface DesiredPermission {
  readonly state: PermissionState['state'];
  /** When the person said so; `null` without a date. */
  readonly at: Instant | null;
}

const never: DesiredPermission = { state: 'unknown', at: null };

/**
 * The desired state of each permission key of a platform, before the opt-in strategy. Where two permissions of the hub are linked to one key,
 * a withdrawal of either counts, and a grant only when nothing else is known. Of a blocked contact all are withdrawn.
 */
export function desiredPermissions(
  consent: Readonly<Record<string, PermissionState>>, permissionKeys: Readonly<Record<string, string>>,
): Readonly<Record<string, DesiredPermission>> {
  const desired: Record<string, DesiredPermission> = {};
  for (const permission in permissionKeys) {
    const key = permissionKeys[permission];
    if (key === undefined) continue;
    const decided = consent[permission] ?? consent[everyPermission] ?? never;
    const other = desired[key];
    if (other === undefined || weight(decided) > weight(other)) desired[key] = { state: decided.state, at: decided.at };
  }
  return desired;
}

function weight({ state }: DesiredPermission): number {
  if (state === 'withdrawn') return 2;
  return state === 'unknown' ? 1 : 0;
}
