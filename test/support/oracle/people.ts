/**
 * An oracle for prospects: who belongs together, which value of a field counts, and who may be mailed. Written from the documents
 * (design §4, §9), it shares no code with the product: own normalisation, own survivorship, own ledger.
 */

/** One version of a prospect card, as a Coins user saved it. Times are minutes since an arbitrary zero. */
export interface SavedCard {
  readonly connector: string;
  readonly prospect: string;
  readonly minute: number;
  /** As typed, with capitals and spaces; empty for none. */
  readonly email: string;
  /** Field name to text; empty for none. */
  readonly texts: Readonly<Record<string, string>>;
  readonly consent: { readonly value: boolean; readonly minute: number | null } | null;
  readonly deleted?: boolean;
}

/** The value of one field of a group, and the prospect that it comes from. */
export interface ExpectedField {
  readonly value: string | null;
  readonly minute: number;
  readonly from: string;
}

export type Permission = 'granted' | 'withdrawn' | 'unknown';

/** What is expected of one group of prospects. */
export interface ExpectedGroup {
  readonly members: readonly string[];
  readonly email: string | null;
  readonly fields: Readonly<Record<string, ExpectedField>>;
  /**
   * What it may be. More than one where it depends on who was ever seen together: who goes away leaves the own withdrawals behind and takes
   * those of the others along, and what a deleted prospect said stays with those who shared its address, or goes with the one of them who moves.
   */
  readonly permissions: readonly Permission[];
}

type Histories = ReadonlyMap<string, readonly SavedCard[]>;
type Word = NonNullable<SavedCard['consent']>;

/** Name of a prospect in the whole account. */
export const nameOf = (card: Pick<SavedCard, 'connector' | 'prospect'>): string => `${card.connector}/${card.prospect}`;

/** Two spellings of an address are one when only capitals and outer spaces differ. */
export const spelled = (email: string): string | null => email.trim().toLowerCase() || null;

/** What is expected when all versions have arrived, in whatever order; groups by the name of their first member. Deleted prospects are in none. */
export function expectedGroups(cards: readonly SavedCard[]): readonly ExpectedGroup[] {
  const histories = new Map<string, SavedCard[]>();
  for (const card of cards.toSorted((a, b) => a.minute - b.minute)) histories.set(nameOf(card), [...(histories.get(nameOf(card)) ?? []), card]);
  const groups = new Map<string, string[]>();
  for (const name of [...histories.keys()].toSorted(byText)) {
    const address = lastAddress(histories, name) ?? `nobody but ${name}`;
    if (!isDeleted(histories, name)) groups.set(address, [...(groups.get(address) ?? []), name]);
  }
  return [...groups.values()].map((members) => expectGroup(histories, members)).toSorted((a, b) => byText(a.members[0] ?? '', b.members[0] ?? ''));
}

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));
const isDeleted = (histories: Histories, name: string): boolean => histories.get(name)?.at(-1)?.deleted === true;
const lastAddress = (histories: Histories, name: string) => spelled(textsOf(histories, name, (card) => card.email).at(-1)?.text ?? '');

/** What each version says of a field; a deletion says nothing. */
function textsOf(histories: Histories, name: string, textOf: (card: SavedCard) => string): { minute: number; text: string }[] {
  return (histories.get(name) ?? []).filter((card) => card.deleted !== true).map((card) => ({ minute: card.minute, text: textOf(card).trim() }));
}

function expectGroup(histories: Histories, members: readonly string[]): ExpectedGroup {
  const names = new Set(members.flatMap((name) => (histories.get(name) ?? []).flatMap(({ texts }) => Object.keys(texts))));
  const fields: Record<string, ExpectedField> = {};
  for (const field of names) {
    const best = newest(histories, members, (card) => card.texts[field] ?? '');
    if (best !== undefined) fields[field] = best;
  }
  const email = newest(histories, members, (card) => card.email)?.value ?? '';
  return { members, email: spelled(email), fields, permissions: expectPermissions(histories, members) };
}

/** The newest change wins; at equal times the first by name. */
function newest(histories: Histories, members: readonly string[], textOf: (card: SavedCard) => string): ExpectedField | undefined {
  let best: ExpectedField | undefined;
  for (const name of members) {
    const own = lastRun(textsOf(histories, name, textOf));
    if (own !== undefined && (best === undefined || own.minute > best.minute)) best = { ...own, from: name };
  }
  return best;
}

/** What a prospect says in the end, and since when without a break; nothing when it never said anything. */
function lastRun(said: readonly { minute: number; text: string }[]): { value: string | null; minute: number } | undefined {
  if (said.every(({ text }) => text === '')) return undefined;
  let run = said.at(-1);
  for (const one of said.toReversed()) {
    if (one.text !== run?.text) break;
    run = one;
  }
  return run === undefined ? undefined : { value: run.text === '' ? null : run.text, minute: run.minute };
}

function expectPermissions(histories: Histories, members: readonly string[]): readonly Permission[] {
  const address = lastAddress(histories, members[0] ?? '');
  const gone = [...histories.keys()].filter((name) => isDeleted(histories, name) && address !== null && lastAddress(histories, name) === address);
  const shared = new Set([...members, ...gone]);
  const inside = new Set([...members, ...gone.filter((name) => [...companionsOf(histories, new Set([name]))].every((other) => shared.has(other)))]);
  const own = [...inside].flatMap((name) => wordsOf(histories, name));
  const others = [...companionsOf(histories, inside)].filter((name) => !inside.has(name));
  const perhaps = others.flatMap((name) => wordsOf(histories, name).filter((word) => !word.value || isDeleted(histories, name)));
  return [...new Set([decided(own), ...perhaps.map((word) => decided([...own, word]))])];
}

/** False without a date was never asked. */
function wordsOf(histories: Histories, name: string): Word[] {
  return (histories.get(name) ?? []).flatMap(({ consent }) => (consent === null || (!consent.value && consent.minute === null) ? [] : [consent]));
}

/** The last dated word, the withdrawal at equal times; without any, a grant without a date. */
function decided(words: readonly Word[]): Permission {
  const last = words.filter((word) => word.minute !== null).toSorted((a, b) => (a.minute ?? 0) - (b.minute ?? 0) || Number(b.value) - Number(a.value)).at(-1);
  if (last !== undefined) return last.value ? 'granted' : 'withdrawn';
  return words.some((word) => word.value) ? 'granted' : 'unknown';
}

/** Everybody who can be reached over addresses that two ever had. */
function companionsOf(histories: Histories, start: ReadonlySet<string>): ReadonlySet<string> {
  const addressesOf = (name: string) => new Set((histories.get(name) ?? []).flatMap(({ email }) => spelled(email) ?? []));
  const reached = new Set(start);
  for (const name of reached) {
    const addresses = addressesOf(name);
    for (const other of histories.keys()) if ([...addressesOf(other)].some((address) => addresses.has(address))) reached.add(other);
  }
  return reached;
}
