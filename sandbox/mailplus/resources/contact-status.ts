import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import { requireContact } from './contact.ts';

/** Taking a contact out of mailings, and out of the account (contract 3.8). Both take no body. */
export const contactStatusOperations: readonly Operation[] = [
  { method: 'PUT', path: 'contact/inactivate/{externalId}', handle: inactivate },
  { method: 'PUT', path: 'contact/anonymize/{externalId}', handle: anonymise },
];

function inactivate(call: Call): Reply {
  const contact = requireContact(call);
  const changed = call.account.inactivate(contact, 'api', call.account.nowMs());
  call.account.totals.inactivated += changed ? 1 : 0;
  return done(call, changed ? 'inactivated' : 'identical');
}

function anonymise(call: Call): Reply {
  call.account.anonymise(requireContact(call));
  call.account.totals.anonymised += 1;
  return done(call, 'anonymised');
}

function done(call: Call, outcome: string): Reply {
  call.notes.changed = outcome !== 'identical';
  call.notes.contacts.push(noteContact(call.path['externalId'] ?? '', outcome));
  return noContent;
}
