import type { DeliveryItem, SourcePage } from '../../platforms/platform.ts';
import { emailBit } from './hub-world.ts';
import type { Call, Edit, Key, Reading, Word } from './oracle/told.ts';

/** The two systems that the hub stands between. */
export type Side = 'mail' | 'coins';

/** What the oracle is told of one person, as it grows. */
export interface Person {
  readonly email: string;
  /** Ids of the cards in Coins. */
  readonly cards: readonly string[];
  readonly edits: Edit[];
  readonly words: Word[];
  readonly readings: Reading[];
  calls: OpenCall[];
}

type OpenCall = { -readonly [K in keyof Call]: Call[K] };

const keyNames: Readonly<Record<string, Key>> = {
  firstName: 'firstName', city: 'city', [`permissions:${emailBit}`]: 'permission', forename: 'firstName', 'address.town': 'city', 'consent:EMAIL_MKT': 'permission',
};
const everyKey: ReadonlySet<Key> = new Set<Key>(['firstName', 'city', 'permission']);
const sideOf = ({ place }: Pick<Call, 'place'>): Side => (place === 'mail' ? 'mail' : 'coins');

/** Notes down calls and readings of the hub for the oracle, as seen from outside: which things, which keys, when. */
export class SyncNotes {
  readonly #people: readonly Person[];
  /** Off while several things happen at once, so that nobody can say what was seen first. */
  isOn = true;
  #reading: { readonly person: Person; readonly reading: Omit<Reading, 'takenAt'> }[] = [];

  constructor(people: readonly Person[]) {
    this.#people = people;
  }

  /** A call is about to be made. Until it is known what is in it, it may be about everybody. */
  callOpens(side: Side, openedAt: number): void {
    for (const person of this.#people) {
      for (const place of side === 'mail' ? ['mail'] : person.cards) person.calls.push({ place, keys: everyKey, openedAt, closedAt: Infinity, isKnown: false });
    }
  }

  /** The call is made: what it is about is known now. `isOf`: whether an item is about a person at Mail+. */
  callIsMade(side: Side, items: readonly DeliveryItem[], isOf: (person: Person, item: DeliveryItem) => boolean): void {
    for (const person of this.#people) {
      person.calls = person.calls.filter((call) => {
        if (sideOf(call) !== side || call.closedAt !== Infinity) return true;
        const own = items.filter((item) => (side === 'mail' ? isOf(person, item) : item.externalId === call.place));
        call.keys = new Set(own.flatMap(({ changes }) => Object.keys(changes).flatMap((name) => keyNames[name] ?? [])));
        return call.keys.size > 0;
      });
    }
  }

  /** The hub knows that no call to a side is under way any more, and perhaps what became of the last one. */
  callsClose(side: Side, closedAt: number, isKnown: boolean): void {
    for (const call of this.#people.flatMap(({ calls }) => calls)) {
      if (sideOf(call) === side && call.closedAt === Infinity) Object.assign(call, { closedAt, isKnown });
    }
  }

  /** The hub reads a page; it has taken it in when it does the next thing. Cards that no page of a list sync has brought yet are left out. */
  reads(side: Side, page: SourcePage): void {
    if (!this.isOn) return;
    for (const row of page.rows) {
      const place = side === 'mail' ? 'mail' : row.externalId;
      const person = this.#people.find(({ email, readings }) => (side === 'mail' ? email === row.canonical['email'] : readings.some((known) => known.place === place)));
      if (person !== undefined) this.#reading.push({ person, reading: { place, at: Date.parse(page.readAt), stamp: Date.parse(row.sourceTime ?? ''), isPull: true } });
    }
  }

  /** All that was read is taken in. */
  takesIn(takenAt: number): void {
    for (const { person, reading } of this.#reading) person.readings.push({ ...reading, takenAt });
    this.#reading = [];
  }

  /** A page of a list sync brought a card. */
  brings(reading: Reading): void {
    if (this.isOn) this.#people.find(({ cards }) => cards.includes(reading.place))?.readings.push(reading);
  }
}
