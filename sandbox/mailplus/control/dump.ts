import type { Account } from '../state/account.ts';
import { bitsOf, permissionsProperty } from '../state/apply-patches.ts';
import type { EffectTotals } from '../state/effect-totals.ts';
import type { BitFlips, Contact } from '../state/contact.ts';

/** A contact with everything that is known of it. Set properties are their enabled bits. */
export interface ContactDump {
  readonly encryptedId: string;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly email: string | undefined;
  readonly properties: Readonly<Record<string, string | number | readonly number[]>>;
  readonly permissions: readonly number[];
  readonly inactive: string | undefined;
  readonly testGroup: boolean;
  readonly created: string;
  readonly lastChanged: string;
  readonly changingUpserts: number;
  readonly identicalUpserts: number;
  readonly refusedUpserts: number;
  readonly permissionFlips: Readonly<Record<number, BitFlips>>;
}

/** How the account stands, in numbers. */
export interface StateSummary {
  readonly contacts: number;
  readonly anonymised: number;
  readonly inactive: number;
  readonly lists: number;
  readonly audiences: number;
  readonly campaigns: number;
  readonly automations: number;
  readonly forms: number;
  readonly formResults: number;
  readonly products: number;
  readonly orders: number;
  readonly mailings: number;
  readonly bounces: number;
  /** Per bit, how many contacts have it on. */
  readonly permissions: Readonly<Record<number, number>>;
}

/** What the API did to the account, exactly. Histograms: how many contacts had that many. */
export interface Effects {
  readonly totals: Readonly<EffectTotals>;
  readonly listsCreated: Readonly<Record<string, number>>;
  readonly listsDeleted: number;
  readonly changingUpserts: Readonly<Record<number, number>>;
  readonly identicalUpserts: Readonly<Record<number, number>>;
  /** Contacts with a permission that was switched on, or off, more than once; the first 1,000. */
  readonly repeatedFlips: readonly ContactDump[];
}

const maxRepeated = 1_000;

/** Everything about one contact. */
export function dumpContact(account: Account, contact: Contact): ContactDump {
  const { id: _id, createdMs, lastChangedMs, softBouncesInARow: _soft, inactive, ...rest } = contact;
  return {
    ...rest,
    inactive,
    email: account.catalogue.emailOf(contact.properties),
    permissions: bitsOf(contact.properties[permissionsProperty]),
    created: new Date(createdMs).toISOString(),
    lastChanged: new Date(lastChangedMs).toISOString(),
  };
}

/** Counts what the account holds; looks at every contact. */
export function summarise(account: Account): StateSummary {
  const contacts = [...account.contacts.all()];
  const anonymised = contacts.filter((contact) => contact.inactive === 'anonymised').length;
  return {
    contacts: contacts.length - anonymised,
    anonymised,
    inactive: contacts.filter((contact) => contact.inactive !== undefined).length - anonymised,
    lists: account.lists.size,
    audiences: account.audiences.size,
    campaigns: account.campaigns.all().length,
    automations: account.automations.all().length,
    forms: account.forms.all().length,
    formResults: account.forms.results().length,
    products: account.products.size,
    orders: account.orders.size,
    mailings: account.mailings.all().length,
    bounces: account.mailings.bounces.size,
    permissions: histogram(contacts.flatMap((contact) => bitsOf(contact.properties[permissionsProperty]))),
  };
}

/** Sums up the per-contact effect counters; looks at every contact. */
export function effectsOf(account: Account): Effects {
  const contacts = [...account.contacts.all()];
  const repeated = contacts.filter((contact) => Object.values(contact.permissionFlips).some(({ on, off }) => on > 1 || off > 1));
  return {
    totals: account.totals,
    listsCreated: Object.fromEntries(account.lists.createdByName),
    listsDeleted: account.lists.deleted,
    changingUpserts: histogram(contacts.map((contact) => contact.changingUpserts)),
    identicalUpserts: histogram(contacts.map((contact) => contact.identicalUpserts)),
    repeatedFlips: repeated.slice(0, maxRepeated).map((contact) => dumpContact(account, contact)),
  };
}

function histogram(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
