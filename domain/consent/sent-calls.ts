import type { Fields, Instant, Scalar } from '../model/fields.ts';
import { later } from '../model/instants.ts';
import type { LinkMemory, SentCall } from '../model/link-memory.ts';
import { areSameFields, isSameValue } from '../model/same-value.ts';

/** Calls that are remembered of one link while no read confirms them; older ones are forgotten. */
export const maxSentCalls = 20;

type Calls = LinkMemory['sent'];

/** The calls with one more as the newest; `replaces` is the number of the one that it stands for. */
function append(sent: Calls, call: SentCall, replaces: string | undefined): Calls {
  const numbers = Object.keys(sent);
  const next = Number(numbers.at(-1) ?? 0) + 1;
  const isFull = numbers.length >= maxSentCalls && replaces === undefined;
  const kept: Record<string, SentCall> = {};
  for (const number of isFull ? numbers.slice(1) : numbers) {
    const known = sent[number];
    if (known !== undefined && number !== replaces) kept[number] = known;
  }
  kept[next] = call;
  return kept;
}

/** Number of the newest call under way with these changes and dates, if any. */
function findOpen(sent: Calls, changes: Fields, grantDates?: SentCall['grantDates']): string | undefined {
  let found: string | undefined;
  for (const number in sent) {
    const call = sent[number];
    if (call !== undefined && call.endedAt === null && areSameFields(call.changes, changes) && (grantDates === undefined || areSameFields(call.grantDates ?? {}, grantDates))) found = number;
  }
  return found;
}

/**
 * Remembers what is about to be sent; called in the transaction that stores the intent, before the call. `startedAt` is that moment
 * by our clock: give it, so that a person's grant soon after our own «off» can be dated as early as it may have been. `dates` are those that
 * the permissions among the changes are sent with, so that a grant with another date, from before the call, is known not to be ours.
 * The same call sent again takes the place of the one before.
 */
export function recordSent(memory: LinkMemory, changes: Fields, startedAt?: Instant, dates: Readonly<Record<string, Instant | null>> = {}): LinkMemory {
  const grantDates = grantDatesIn(changes, dates);
  const number = findOpen(memory.sent, changes, grantDates);
  const firstStart = number === undefined ? startedAt : (memory.sent[number]?.startedAt ?? startedAt);
  const call = { changes, ...(firstStart !== undefined && { startedAt: firstStart }), ...(Object.keys(grantDates).length > 0 && { grantDates }), endedAt: null, stored: false };
  return { ...memory, sent: append(memory.sent, call, number) };
}

function grantDatesIn(changes: Fields, dates: Readonly<Record<string, Instant | null>>): Readonly<Record<string, Instant>> {
  return Object.fromEntries(Object.entries(dates).flatMap(([key, at]) => (at !== null && changes[key] === true ? [[key, at]] : [])));
}

/**
 * Remembers that the platform stored `changes`, at the moment `at` when the outcome is stored. Since a connector has one sender, every
 * other call to this link is over by then too; what became of one without an outcome of its own stays unknown.
 */
export function recordOutcome(memory: LinkMemory, changes: Fields, at: Instant): LinkMemory {
  const number = findOpen(memory.sent, changes);
  const known = number === undefined ? undefined : memory.sent[number];
  const sent = append(endCalls(memory.sent, at), { ...(known ?? { changes }), endedAt: at, stored: true }, number);
  return { ...memory, held: { ...memory.held, ...changes }, sent, outcomeAt: later(memory.outcomeAt, at) };
}

/**
 * Remembers that no call to this link is under way any more at the moment `at`, while what became of the last one is not known: it was
 * cut off, given up, or refused (perhaps half-way). Without this a value that was never stored counts as «may be ours» until the next outcome.
 */
export function recordUnknownOutcome(memory: LinkMemory, at: Instant): LinkMemory {
  return { ...memory, sent: endCalls(memory.sent, at), outcomeAt: later(memory.outcomeAt, at) };
}

/** Forgets what was about to be sent, and was not: the call was never made. Other calls to the link are over by then, since a connector has one sender. */
export function recordNotSent(memory: LinkMemory): LinkMemory {
  const over = Object.entries(memory.sent).filter(([, call]) => call.endedAt !== null);
  return { ...memory, sent: Object.fromEntries(over) };
}

function endCalls(sent: Calls, at: Instant): Calls {
  const ended: Record<string, SentCall> = {};
  for (const number in sent) {
    const call = sent[number];
    if (call !== undefined) ended[number] = call.endedAt === null ? { ...call, endedAt: at } : call;
  }
  return ended;
}

/** What the calls that nobody has confirmed yet say about one key. */
export interface KeyTrace {
  /** The last call that the platform said it stored: what the key holds, unless a call in `unsettled` or a person changed it. */
  readonly stored: SentCall | null;
  readonly storedValue: Scalar | undefined;
  /** Values of calls after `stored` with no known outcome: each of them may be what the platform holds. */
  readonly unsettled: readonly Scalar[];
  /** Values that `stored` replaced. */
  readonly superseded: readonly Scalar[];
  /** A call with this key is under way. */
  readonly open: boolean;
  /** When the last call with this key that is over ended; `null` when none is. */
  readonly endedAt: Instant | null;
}

const none: readonly Scalar[] = [];

/** The trace of one key; `null` when nothing unconfirmed was sent for it. */
export function traceOf(sent: Calls, key: string): KeyTrace | null {
  let stored: SentCall | null = null;
  let storedValue: Scalar | undefined;
  let unsettled: readonly Scalar[] = none;
  let superseded: readonly Scalar[] = none;
  let endedAt: Instant | null = null;
  let open = false;
  let found = false;
  for (const number in sent) {
    const call = sent[number];
    const value = call?.changes[key];
    if (call === undefined || value === undefined) continue;
    found = true;
    if (call.endedAt === null) open = true;
    else endedAt = later(endedAt, call.endedAt);
    if (!call.stored) {
      unsettled = [...unsettled, value];
      continue;
    }
    superseded = [...superseded, ...(storedValue === undefined ? none : [storedValue]), ...unsettled];
    unsettled = none;
    stored = call;
    storedValue = value;
  }
  return found ? { stored, storedValue, unsettled, superseded, open, endedAt } : null;
}

/** True when the platform may hold something else than `value` because a call for the key has no known outcome. */
export function mayHoldOther(memory: LinkMemory, key: string, value: Scalar): boolean {
  const trace = traceOf(memory.sent, key);
  return trace !== null && trace.unsettled.some((other) => !isSameValue(other, value));
}

/** The calls without the given keys; a call that says nothing any more is gone. */
export function forgetKeys(sent: Calls, keys: ReadonlySet<string>): Calls {
  if (keys.size === 0) return sent;
  const kept: Record<string, SentCall> = {};
  for (const number in sent) {
    const call = sent[number];
    if (call === undefined) continue;
    const changes: Record<string, Scalar> = {};
    let count = 0;
    for (const key in call.changes) {
      const value = call.changes[key];
      if (value === undefined || keys.has(key)) continue;
      changes[key] = value;
      count += 1;
    }
    if (count > 0) kept[number] = { ...call, changes };
  }
  return kept;
}
