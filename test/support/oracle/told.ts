/**
 * An oracle for people who are known to Mail+ and to Coins while pages, pulls and deliveries cross each other. It is told what people did
 * and when, what was read when, and which calls were under way when; it shares no code with the product. Where a hub can not know
 * (an edit that a call overwrote before it was read, a switch turned and turned back between two reads) more than one end is allowed.
 * Times are milliseconds; `place` is `mail` or the id of a card.
 */

export type Field = 'firstName' | 'city';
export type Key = Field | 'permission';

/** Somebody gave a field a value. Every value is given once. */
export interface Edit {
  readonly place: string;
  readonly field: Field;
  readonly value: string;
  readonly at: number;
  /** What the thing had when it was made: a value, not an edit. */
  readonly isFirst: boolean;
}

/** Somebody said yes or no. `at` is -Infinity for a yes without a date. */
export interface Word {
  readonly place: string;
  readonly isYes: boolean;
  readonly at: number;
}

/** A thing was shown to the hub as it was at `at`; the hub had taken that in at `takenAt`. `stamp`: when the thing said it was changed last. */
export interface Reading {
  readonly place: string;
  readonly at: number;
  readonly takenAt: number;
  readonly stamp: number;
  readonly isPull: boolean;
}

/** A call of the hub to one place, from its intent to the moment when the hub knew that it was over. */
export interface Call {
  readonly place: string;
  readonly keys: ReadonlySet<Key>;
  readonly openedAt: number;
  /** Infinity while nobody knows. */
  readonly closedAt: number;
  /** The hub learnt what became of it. */
  readonly isKnown: boolean;
}

/** Everything that is known of one person. */
export interface Told {
  readonly edits: readonly Edit[];
  readonly words: readonly Word[];
  readonly readings: readonly Reading[];
  readonly calls: readonly Call[];
}

const latest = (times: readonly number[]): number => Math.max(-Infinity, ...times);

/** A call with the key may have been under way at some moment of a span. */
function isDisturbed({ calls }: Told, place: string, key: Key, from: number, to: number): boolean {
  return calls.some((call) => call.place === place && call.keys.has(key) && call.openedAt <= to && call.closedAt >= from);
}

/** The first time that it was shown while nothing else had happened to it; undefined when that never was. */
function seenAt(told: Told, key: Key, { place, at }: { readonly place: string; readonly at: number }): Reading | undefined {
  const others = key === 'permission' ? told.words : told.edits.filter(({ field }) => field === key);
  const next = Math.min(Infinity, ...others.filter((other) => other.place === place && other.at > at).map((other) => other.at));
  return told.readings.find((read) => read.place === place && read.at >= at && read.at < next && !isDisturbed(told, place, key, at, read.takenAt));
}

/**
 * The same for a word. A switch at Mail+ is seen only if the hub knew how it stood before: what is turned and turned back between two
 * readings nobody sees. A card shows the word itself.
 */
function heardAt(told: Told, word: Word): Reading | undefined {
  if (word.place !== 'mail') return seenAt(told, 'permission', word);
  const before = latest(told.words.filter(({ place, at }) => place === 'mail' && at < word.at).map(({ at }) => at));
  const isKnown = before === -Infinity || told.readings.some((read) => read.place === 'mail' && read.at >= before && read.at < word.at && !isDisturbed(told, 'mail', 'permission', before, read.takenAt))
    || told.calls.some((call) => call.place === 'mail' && call.keys.has('permission') && call.isKnown && call.openedAt > before && call.closedAt < word.at);
  return isKnown ? seenAt(told, 'permission', word) : undefined;
}

interface Judged { readonly edit: Edit; readonly isSure: boolean; /** The latest date that the hub may have given it. */ readonly until: number }

function judge(told: Told, field: Field): readonly Judged[] {
  return told.edits.filter((edit) => edit.field === field).map((edit) => {
    const seen = seenAt(told, field, edit);
    return { edit, isSure: seen !== undefined, until: seen?.stamp ?? Infinity };
  });
}

/** Without those that were followed by a sure one at the same place. */
const upToDate = (all: readonly Judged[], sure: readonly Judged[]): readonly Judged[] =>
  all.filter(({ edit }) => !sure.some((other) => other.edit.place === edit.place && other.edit.at > edit.at));

function survivors(pool: readonly Judged[], sure: readonly Judged[]): readonly string[] {
  const floor = latest(sure.map(({ edit }) => edit.at));
  return pool.filter(({ until }) => until >= floor).map(({ edit }) => edit.value);
}

/** The values that a field may have at Mail+ in the end. */
export function allowedAtMail(told: Told, field: Field): readonly string[] {
  const all = judge(told, field);
  const sure = all.filter(({ isSure }) => isSure);
  return survivors(upToDate(all, sure), sure);
}

/**
 * The values that a field may have on a card in the end: those of its own users, and edits at Mail+, but never those of another card. An edit
 * at Mail+ that one on another card overtook need not arrive; an earlier one stays there then.
 */
export function allowedAtCard(told: Told, card: string, field: Field): readonly string[] {
  const all = judge(told, field);
  const others = all.filter(({ edit }) => edit.place !== card && edit.place !== 'mail');
  const pool = all.filter(({ edit }) => edit.place === card || (edit.place === 'mail' && !edit.isFirst));
  const arrives = pool.filter(({ edit, isSure }) => isSure && (edit.place === card || !others.some(({ until }) => until >= edit.at)));
  return survivors(upToDate(pool, arrives), arrives);
}

/** Whether mail may be sent in the end: yes, no, or what no hub can know. */
export function permissionOf(told: Told): 'yes' | 'no' | 'open' {
  const yeses = told.words.filter(({ isYes }) => isYes);
  const noes = told.words.filter(({ isYes }) => !isYes);
  if (told.words.every(({ at }) => at === -Infinity)) return yeses.length > 0 ? 'yes' : 'no';
  const lastNo = latest(noes.filter((word) => word.place !== 'mail' || heardAt(told, word) !== undefined).map(({ at }) => at));
  if (lastNo > latest(yeses.map(({ at }) => at))) return 'no';
  const isBlurred = told.calls.some((call) => call.place === 'mail' && call.keys.has('permission') && !call.isKnown);
  const noUntil = latest(noes.map((word) => (word.place === 'mail' ? (heardAt(told, word)?.takenAt ?? Infinity) : word.at)));
  return !isBlurred && yeses.some((word) => noUntil < sureFrom(told, word)) ? 'yes' : 'open';
}

/** The earliest date that the hub may have given a yes; -Infinity when it may not have counted it. */
function sureFrom(told: Told, word: Word): number {
  const seen = heardAt(told, word);
  if (word.at === -Infinity || seen === undefined) return -Infinity;
  const pulls = told.readings.filter((read) => read.place === word.place && read.isPull && read.at < word.at && !isDisturbed(told, word.place, 'permission', read.at, read.takenAt));
  const earlier = told.calls.filter((call) => call.place === word.place && call.keys.has('permission') && call.openedAt <= seen.takenAt);
  const isSettled = earlier.every((call) => pulls.some((read) => read.at > call.closedAt));
  if (!isSettled) return -Infinity;
  return word.place === 'mail' ? latest(pulls.map(({ at }) => at)) : word.at;
}
