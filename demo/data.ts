import {
  EMAIL_CONSENT, EMAIL_PERMISSION_BIT, expectOutcome, generateDataset, prospectIdAt, streamProspects, type ExistingContact, type Expected, type ExpectedPerson,
} from '../sandbox/dataset/index.ts';
import type { DemoOptions } from './options.ts';

/** The data of a run, and what an oracle that shares no code with the hub says must become of them. */
export interface DemoData {
  readonly existingContacts: readonly ExistingContact[];
  /** Prospects of the first and of the second list sync, by id. */
  readonly firstIds: readonly string[];
  readonly secondIds: readonly string[];
  /** A tenth of the first ones, who are invited by a mailing, and the people they are. */
  readonly audienceIds: readonly string[];
  readonly audience: readonly ChosenPerson[];
  /** After the first list sync. */
  readonly first: Expected;
  /** After both. */
  readonly both: Expected;
  /** The second list by itself. */
  readonly second: Expected;
  /** Whom the demo does something to. */
  readonly chosen: ChosenPeople;
}

/** A person with the address as Mail+ has it. */
export interface ChosenPerson extends ExpectedPerson {
  readonly email: string;
}

/** People of the audience to whom something happens in Mail+; nobody is in two groups, nobody is in the second list. */
export interface ChosenPeople {
  /** A marketer corrects their surname. */
  readonly edited: readonly ChosenPerson[];
  readonly unsubscribed: readonly ChosenPerson[];
  /** Their address bounces outside of any mailing. */
  readonly bounced: readonly ChosenPerson[];
  /** Those invited who click in it, and whose message bounces. */
  readonly clicking: readonly ChosenPerson[];
  readonly bouncing: readonly ChosenPerson[];
}

const permission = { code: EMAIL_CONSENT.code, bit: EMAIL_PERMISSION_BIT } as const;
const audienceShare = 0.1;
const groupSizes = { edited: 10, unsubscribed: 10, bounced: 3, clicking: 50, bouncing: 5 } as const;

/** Makes the data of a run from its seed. */
export function makeData({ seed, contacts, prospects, moreProspects }: DemoOptions): DemoData {
  const { existingContacts, expected: first, prospects: cards } = generateDataset({ seed, prospects, existingContacts: contacts });
  const more = [...streamProspects(seed, prospects, prospects + moreProspects)];
  const second = expectOutcome({ prospects: more, existingContacts: [], permission });
  const both = expectOutcome({ prospects: [...cards, ...more], existingContacts, permission });
  const audienceIds = idsFrom(0, Math.ceil(prospects * audienceShare));
  const audience = peopleOf(first, new Set(audienceIds));
  return {
    existingContacts, first, both, second, audienceIds, audience,
    firstIds: idsFrom(0, prospects), secondIds: idsFrom(prospects, prospects + moreProspects),
    chosen: choose(audience.filter(({ email }) => !second.peopleByEmail.has(email))),
  };
}

function peopleOf({ peopleByEmail }: Expected, ids: ReadonlySet<string>): ChosenPerson[] {
  return [...peopleByEmail].filter(([, { prospectIds }]) => prospectIds.some((id) => ids.has(id))).map(([email, person]) => ({ email, ...person }));
}

function idsFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_unused, index) => prospectIdAt(from + index));
}

/** Those who share an address with somebody come first, so that what happens to them has to reach more than one card. */
function choose(candidates: readonly ChosenPerson[]): ChosenPeople {
  const people = candidates.toSorted((left, right) => Number(right.prospectIds.length === 2) - Number(left.prospectIds.length === 2));
  const mailable = people.filter(({ permissionOn }) => permissionOn);
  const edited = people.filter(({ permissionOn }) => !permissionOn).slice(0, groupSizes.edited);
  const take = (count: number): ChosenPerson[] => mailable.splice(0, Math.min(count, Math.floor(mailable.length / 2)));
  return { edited, unsubscribed: take(groupSizes.unsubscribed), bounced: take(groupSizes.bounced), clicking: take(groupSizes.clicking), bouncing: take(groupSizes.bouncing) };
}

/** How many cards these people have together. */
export const cardsOf = (people: Iterable<ExpectedPerson>): number => [...people].reduce((sum, { prospectIds }) => sum + prospectIds.length, 0);
