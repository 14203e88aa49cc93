import type { Instant } from '../model/fields.ts';
import { justBefore } from '../model/instants.ts';
import type { PermissionState } from '../model/record.ts';

type Consent = Readonly<Record<string, PermissionState>>;

/** A grant that a record had, and that nothing it still has says anything about. */
export interface LostGrant {
  readonly permission: string;
  readonly grant: PermissionState & { readonly connectorId: string };
}

/**
 * The grants that left a record together with whoever made them: granted before, unknown after. What is withdrawn or granted anew is not lost.
 * In the order of the permissions in `before`. Pure.
 */
export function lostGrants(before: Consent | undefined, after: Consent): readonly LostGrant[] {
  return Object.entries(before ?? {}).flatMap(([permission, { state, at, connectorId }]) => {
    const isLost = state === 'granted' && connectorId !== null && (after[permission]?.state ?? 'unknown') === 'unknown';
    return isLost ? [{ permission, grant: { state, at, connectorId } }] : [];
  });
}

/** When the entry is dated that ends a lost grant: just before it, so that the same grant counts again when it comes back; `now` for one without a date. */
export function endOf({ grant }: LostGrant, now: Instant): Instant {
  return grant.at === null ? now : justBefore(grant.at);
}
