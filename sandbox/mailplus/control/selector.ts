import type { Account } from '../state/account.ts';
import type { Contact } from '../state/contact.ts';
import { ControlError } from './control-error.ts';
import type { ContactSelector } from './schemas.ts';

/** The contact that a selector names; 404 when there is none. */
export function selectContact(account: Account, selector: ContactSelector): Contact {
  const found = findContact(account, selector);
  if (found === undefined) throw new ControlError(404, `No contact matches ${JSON.stringify(selector)}`);
  return found;
}

/** The external-id field that is meant when none is named: that of the first credential. */
export function defaultExternalIdField(account: Account): string {
  return account.options.credentials[0]?.externalIdField ?? 'externalId';
}

function findContact(account: Account, selector: ContactSelector): Contact | undefined {
  if ('email' in selector) return account.contacts.byEmail(selector.email)[0];
  if ('encryptedId' in selector) return account.contacts.byEncryptedId(selector.encryptedId);
  return account.contacts.byExternalId(selector.externalIdField ?? defaultExternalIdField(account), selector.externalId);
}
