import type { Account } from '../state/account.ts';
import { bitsOf, permissionsProperty } from '../state/apply-patches.ts';
import type { Contact } from '../state/contact.ts';
import type { MailingType } from '../state/mailings.ts';
import { ControlError } from './control-error.ts';
import type { RecipientFinder } from './draw-share.ts';
import type { RecipientChoice } from './mailing-schemas.ts';
import { defaultExternalIdField, selectContact } from './selector.ts';

/** Numbers of everybody that a mailing goes to, each once: the named ones, then the chosen ones, then the generated ones. */
export function chooseRecipients(account: Account, choice: RecipientChoice, type: MailingType): Uint32Array {
  const chosen = new Set(recipientFinder(account)(choice));
  for (const contact of chosenContacts(account, choice, type)) chosen.add(contact.id);
  const { generated } = choice;
  if (generated === undefined) return Uint32Array.from(chosen);
  const first = account.recipients.generated(generated.externalIdPrefix);
  if (first === undefined) throw new ControlError(400, 'There are too many prefixes of generated recipients');
  const all = new Uint32Array(chosen.size + generated.count);
  all.set([...chosen]);
  for (let index = 0; index < generated.count; index += 1) all[chosen.size + index] = first + index;
  return all;
}

/** Finds contacts by address, and contacts and generated recipients by external id; 404 for nobody. */
export function recipientFinder(account: Account): RecipientFinder {
  return ({ emails, externalIds }) => [
    ...(emails ?? []).map((email) => selectContact(account, { email }).id),
    ...(externalIds ?? []).map((externalId) => {
      const who = account.recipients.find(defaultExternalIdField(account), externalId);
      if (who === undefined) throw new ControlError(404, `No recipient has the id ${externalId}`);
      return who;
    }),
  ];
}

function chosenContacts(account: Account, { list, bit }: RecipientChoice, type: MailingType): Contact[] {
  if (list === undefined && bit === undefined) return [];
  const from = list === undefined ? account.contacts.all() : membersOf(account, list);
  return [...from].filter((contact) => contact.inactive === undefined && canReceive(account, contact, type)
    && (bit === undefined || bitsOf(contact.properties[permissionsProperty]).includes(bit)));
}

function membersOf(account: Account, name: string): Iterable<Contact> {
  const list = account.lists.all().find((one) => one.name === name);
  if (list === undefined) throw new ControlError(404, 'No such list');
  return list.members;
}

function canReceive(account: Account, contact: Contact, type: MailingType): boolean {
  return type === 'SMS'
    ? account.catalogue.hasMobileNumber(contact.properties)
    : account.catalogue.emailOf(contact.properties) !== undefined;
}
