import { isBlocked } from '../consent/ledger.ts';
import { mayHoldOther } from '../consent/sent-calls.ts';
import type { Fields, Instant, Scalar } from '../model/fields.ts';
import { emptyMemory, type LinkMemory } from '../model/link-memory.ts';
import type { PermissionState } from '../model/record.ts';
import { isEmptyValue, isSameValue } from '../model/same-value.ts';
import { desiredPermissions, type DesiredPermission, type OptInStrategy } from './desired.ts';
import { lanes, type Lane, type Urgency } from './lanes.ts';

/** A field that the platform does not take, with the reason. */
export interface WithheldField {
  readonly key: string;
  readonly reason: string;
  /** What the platform would get: while it holds another value the record is shown as one with a field held back. */
  readonly value?: Scalar;
}

/** The desired ordinary fields in the platform's own terms: what a platform's `project` gives. */
export interface ProjectedFields {
  readonly fields: Fields;
  readonly withheld: readonly WithheldField[];
  /** Set when the record can not go to this platform at all, for example for want of an address. */
  readonly excluded?: string;
  /** Set when the thing is only to be taken away where it is: why nothing is sent where it is not. */
  readonly onlyTakesAway?: string;
  /** Keys that a new thing gets and nobody overwrites later, with the reason: a user name is not changed from outside. */
  readonly onlyWhenNew?: Readonly<Record<string, string>>;
  /** What to say where nothing differs, in place of that the platform holds it. */
  readonly note?: string;
}

/** All that the plan for one record towards one target depends on. */
export interface PlanInput {
  readonly projection: ProjectedFields;
  /** The decided permissions of the record, by the hub's name. */
  readonly consent: Readonly<Record<string, PermissionState>>;
  /** Hub permission to the platform's key, as linked for the connector. */
  readonly permissionKeys: Readonly<Record<string, string>>;
  readonly optInStrategy: OptInStrategy;
  /** `null` when there is no link. */
  readonly memory: LinkMemory | null;
  /** The platform does not have the thing yet. */
  readonly isNew: boolean;
  readonly urgency: Urgency;
}

/** What to send to one target, or why nothing goes. Reasons are for people and hold no personal data. */
export type DeliveryPlan =
  | {
    readonly kind: 'send'; readonly changes: Fields; readonly permissionDates: Readonly<Record<string, Instant | null>>;
    readonly withheld: readonly WithheldField[]; readonly lane: Lane; readonly reason: string; readonly heldBack?: string;
  }
  /** `heldBack`: fields that the platform holds otherwise and is not to get, for a person to read. */
  | { readonly kind: 'nothing'; readonly reason: string; readonly heldBack?: string }
  | { readonly kind: 'excluded'; readonly reason: string };

/** Said of a contact that an operator has blocked. */
const blockedReason = 'the contact is blocked: only withdrawals are told; `hub records unblock` ends it';

interface Difference {
  readonly changes: Record<string, Scalar>;
  readonly permissionDates: Record<string, Instant | null>;
  fieldCount: number;
  permissionCount: number;
  withdraws: boolean;
}

/**
 * Plans one delivery: desired minus held, key by key (design §4.1, §9). Pure.
 *
 * - A new thing gets every field that has a value, and every linked permission explicitly: without consent it is off.
 * - An existing one gets only what differs from what it is known to hold. An unknown permission is left as it is there.
 * - A key of which a write has no known outcome is sent again, unless every possible outcome is what is desired.
 * - `only-subscriptions` never switches off at an existing thing; `none` leaves permissions out altogether.
 * - A record that can not go to the platform still withdraws at a thing that is there.
 * - Of a blocked contact only withdrawals go out: it is not made anywhere, and nothing else of it is told.
 * - What is only to be taken away is not sent where nothing is, and nothing can be on its way.
 */
export function planDelivery(asked: PlanInput): DeliveryPlan {
  const input = isBlocked(asked.consent) ? { ...asked, projection: { fields: {}, withheld: [], excluded: blockedReason } } : asked;
  const memory = input.memory ?? emptyMemory;
  const difference: Difference = { changes: {}, permissionDates: {}, fieldCount: 0, permissionCount: 0, withdraws: false };
  const { onlyTakesAway } = input.projection;
  if (onlyTakesAway !== undefined && input.isNew && Object.keys(memory.sent).length === 0) return { kind: 'excluded', reason: onlyTakesAway };
  const isExcluded = input.projection.excluded !== undefined;
  if (!isExcluded) addFields(difference, input, memory);
  if (!isExcluded || !input.isNew) addPermissions(difference, input, memory, isExcluded);
  const count = difference.fieldCount + difference.permissionCount;
  const heldBack = heldBackText(input, memory);
  if (count === 0) return heldBack === undefined || isExcluded ? nothingToSend(input) : { kind: 'nothing', reason: heldBack, heldBack };
  return {
    kind: 'send', changes: difference.changes, permissionDates: difference.permissionDates, withheld: input.projection.withheld,
    lane: difference.withdraws ? lanes.withdrawal : lanes[input.urgency], reason: reasonToSend(input, difference),
    ...(heldBack === undefined ? {} : { heldBack }),
  };
}

/** The projection with what is not overwritten as the platform holds it; what it would get besides is held back. Pure. */
export function withKept<Projected extends ProjectedFields>(projection: Projected, { held }: LinkMemory, isNew: boolean): Projected {
  const kept = isNew ? [] : Object.entries(projection.onlyWhenNew ?? {}).filter(([key]) => projection.fields[key] !== undefined && !isEmptyValue(held[key] ?? null));
  if (kept.length === 0) return projection;
  const fields = { ...projection.fields, ...Object.fromEntries(kept.map(([key]) => [key, held[key] ?? null])) };
  return { ...projection, fields, withheld: [...projection.withheld, ...kept.map(([key, reason]) => ({ key, reason, value: projection.fields[key] ?? null }))] };
}

function heldBackText({ projection, isNew }: PlanInput, { held }: LinkMemory): string | undefined {
  const differing = projection.withheld.filter(({ key, value }) => value !== undefined && !(isNew ? isEmptyValue(value) : isSameValue(value, held[key])));
  return differing.length === 0 ? undefined : differing.map(({ key, reason }) => `«${key}» is held back: ${reason}`).join('; ');
}

function addFields(difference: Difference, { projection, isNew }: PlanInput, memory: LinkMemory): void {
  for (const key in projection.fields) {
    const value = projection.fields[key] ?? null;
    const differs = isNew ? !isEmptyValue(value) : !isSameValue(value, memory.held[key]) || mayHoldOther(memory, key, value);
    if (!differs) continue;
    difference.changes[key] = value;
    difference.fieldCount += 1;
  }
}

function addPermissions(difference: Difference, input: PlanInput, memory: LinkMemory, onlyWithdrawals: boolean): void {
  if (input.optInStrategy === 'none') return;
  const desired = desiredPermissions(input.consent, input.permissionKeys);
  for (const key in desired) {
    const permission = desired[key];
    const value = permission === undefined ? undefined : valueToSend(input, memory, key, permission);
    if (permission === undefined || value === undefined || (onlyWithdrawals && value)) continue;
    difference.changes[key] = value;
    difference.permissionDates[key] = permission.state === 'unknown' ? null : permission.at;
    difference.permissionCount += 1;
    if (!value && !input.isNew) difference.withdraws = true;
  }
}

/** What a permission key has to become, or nothing when it stays. */
function valueToSend({ isNew, optInStrategy }: PlanInput, memory: LinkMemory, key: string, { state }: DesiredPermission): boolean | undefined {
  if (isNew) return state === 'granted';
  if (state === 'unknown') return isOnItsWay(memory, key, optInStrategy) ? false : undefined;
  const value = state === 'granted';
  if (!value && optInStrategy === 'only-subscriptions') return undefined;
  return memory.held[key] !== value || mayHoldOther(memory, key, value) ? value : undefined;
}

/** Something was sent for the key and nobody knows whether it arrived: perhaps the thing is new there. */
function isOnItsWay(memory: LinkMemory, key: string, optInStrategy: OptInStrategy): boolean {
  const held = memory.held[key];
  if (held !== undefined && optInStrategy === 'only-subscriptions') return false;
  return mayHoldOther(memory, key, held ?? null);
}

function nothingToSend({ projection }: PlanInput): DeliveryPlan {
  if (projection.excluded !== undefined) return { kind: 'excluded', reason: projection.excluded };
  const keys = projection.withheld.map((field) => field.key).join(', ');
  return { kind: 'nothing', reason: keys === '' ? (projection.note ?? 'the platform holds all of it already') : `nothing differs but what the platform does not take: ${keys}` };
}

function reasonToSend({ isNew, projection }: PlanInput, difference: Difference): string {
  if (projection.excluded !== undefined) return 'permissions were withdrawn; nothing else can go there';
  if (isNew) return 'the platform does not have it yet';
  const parts = [counted(difference.fieldCount, 'field'), counted(difference.permissionCount, 'permission')].filter((part) => part !== '');
  const isOne = difference.fieldCount + difference.permissionCount === 1;
  return `${parts.join(' and ')} ${isOne ? 'differs' : 'differ'} from what the platform holds`;
}

function counted(count: number, word: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
