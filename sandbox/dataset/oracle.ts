import type { ExistingContact } from './existing-contact.ts';
import { addStatement, NO_STATEMENTS, permissionAfter } from './oracle-consent.ts';
import type { Statement } from './oracle-consent.ts';
import { oracleEmail, oracleIsPhone, readProspect } from './oracle-fields.ts';
import { mostSwitches } from './oracle-switches.ts';
import type { Switches } from './oracle-switches.ts';

/** Why a prospect is refused. */
export type RejectReason = 'no email and no phone' | 'invalid';

/** One person that Mail+ must have in the end. */
export type ExpectedPerson = {
  /** The prospects that share the address, in the order in which they were sent. */
  prospectIds: string[];
  /** Whether Mail+ had a contact with this address before. */
  existedBefore: boolean;
  /** Whether the e-mail permission is on in the end. */
  permissionOn: boolean;
  /** How often the permission may be switched by what was said, whatever the order; more is a doubled effect. */
  mostSwitches: Switches;
};

/** What must be true at the outside systems when everything has arrived. */
export type Expected = {
  prospectsSent: number;
  prospectsAccepted: number;
  rejected: number;
  rejectedByReason: Record<RejectReason, number>;
  rejections: { prospectId: string; reason: RejectReason }[];
  /** Accepted prospects with a phone and no valid e-mail: kept by the hub, not delivered to Mail+. */
  excluded: number;
  excludedIds: string[];
  /** Distinct valid addresses among the accepted prospects. */
  people: number;
  peopleByEmail: Map<string, ExpectedPerson>;
  /** Accepted prospects with an address, less the people: those that went into someone else's contact. */
  mergedAway: number;
  /** Addresses that more than one prospect has. */
  sharedAddresses: number;
  contactsAtStart: number;
  contactsAtEnd: number;
  contactsNew: number;
  /** Contacts that Mail+ had and that a prospect is joined to. */
  contactsUpdated: number;
  permissionOnAtStart: number;
  permissionOnAtEnd: number;
};

/** What the oracle looks at. `permission` names the consent and the Mail+ bit that it is linked to. */
export type OracleInput = {
  prospects: Iterable<unknown>;
  existingContacts: Iterable<Pick<ExistingContact, 'permissions'> & { properties: { email: string } }>;
  permission: { code: string; bit: number };
};

type Gathered = { prospectIds: string[]; statements: Statement[] };
type Fates = Pick<Expected, 'rejections' | 'excludedIds'> & { sent: number; people: Map<string, Gathered> };

const idOf = (card: unknown): string => {
  const id = typeof card === 'object' && card !== null && 'prospectId' in card ? card.prospectId : undefined;
  return typeof id === 'string' ? id : '';
};

function judge(fates: Fates, card: unknown, code: string): void {
  fates.sent += 1;
  const prospect = readProspect(card);
  if (prospect === undefined) {
    fates.rejections.push({ prospectId: idOf(card), reason: 'invalid' });
    return;
  }
  const email = oracleEmail(prospect.email);
  if (email === undefined) {
    if (prospect.phones.some(oracleIsPhone)) fates.excludedIds.push(prospect.prospectId);
    else fates.rejections.push({ prospectId: prospect.prospectId, reason: 'no email and no phone' });
    return;
  }
  const person = fates.people.get(email) ?? { prospectIds: [], statements: [] };
  person.prospectIds.push(prospect.prospectId);
  for (const consent of prospect.consents) {
    if (consent.code === code) person.statements.push(consent);
  }
  fates.people.set(email, person);
}

/** Which addresses Mail+ has at the start, and whether the permission is on. */
function permissionsAtStart(contacts: OracleInput['existingContacts'], bit: number): Map<string, boolean> {
  const held = new Map<string, boolean>();
  for (const { properties, permissions } of contacts) {
    held.set(oracleEmail(properties.email) ?? properties.email, permissions.includes(bit));
  }
  return held;
}

const countOn = (values: Iterable<boolean>): number => [...values].filter(Boolean).length;

function expectPeople(people: Map<string, Gathered>, held: Map<string, boolean>): Map<string, ExpectedPerson> {
  const expected = new Map<string, ExpectedPerson>();
  for (const [email, { prospectIds, statements }] of people) {
    const before = held.get(email);
    const permissionOn = permissionAfter(statements.reduce(addStatement, NO_STATEMENTS), before ?? false);
    expected.set(email, { prospectIds, existedBefore: before !== undefined, permissionOn, mostSwitches: mostSwitches(statements) });
  }
  return expected;
}

function countContacts(people: Map<string, ExpectedPerson>, held: Map<string, boolean>) {
  const all = [...people.values()];
  const contactsUpdated = all.filter((person) => person.existedBefore).length;
  const atEnd = new Map(held);
  for (const [email, person] of people) atEnd.set(email, person.permissionOn);
  return {
    people: people.size,
    sharedAddresses: all.filter((person) => person.prospectIds.length > 1).length,
    contactsAtStart: held.size,
    contactsAtEnd: atEnd.size,
    contactsNew: people.size - contactsUpdated,
    contactsUpdated,
    permissionOnAtStart: countOn(held.values()),
    permissionOnAtEnd: countOn(atEnd.values()),
  };
}

/**
 * Works out, from nothing but what is on the wire, what a correct hub leaves behind: who is rejected, who is kept but not
 * delivered, who becomes which Mail+ contact, and whose e-mail permission is on.
 */
export function expectOutcome(input: OracleInput): Expected {
  const fates: Fates = { sent: 0, rejections: [], excludedIds: [], people: new Map() };
  for (const card of input.prospects) judge(fates, card, input.permission.code);
  const held = permissionsAtStart(input.existingContacts, input.permission.bit);
  const peopleByEmail = expectPeople(fates.people, held);
  const invalid = fates.rejections.filter(({ reason }) => reason === 'invalid').length;
  const accepted = fates.sent - fates.rejections.length;
  return {
    prospectsSent: fates.sent,
    prospectsAccepted: accepted,
    rejected: fates.rejections.length,
    rejectedByReason: { invalid, 'no email and no phone': fates.rejections.length - invalid },
    rejections: fates.rejections,
    excluded: fates.excludedIds.length,
    excludedIds: fates.excludedIds,
    peopleByEmail,
    mergedAway: accepted - fates.excludedIds.length - fates.people.size,
    ...countContacts(peopleByEmail, held),
  };
}
