import { invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteWrite } from '../journal/contact-notes.ts';
import { writeContact } from '../state/upsert.ts';
import type { WriteMode } from '../state/upsert.ts';
import { bodyObject, contactInput, flag, withExternalId } from './request-body.ts';
import type { IdentifiedContact } from './request-body.ts';

const maxContacts = 100;

/** Insert of up to 100 contacts at once; what became of each is in its code, the status stays 200 (contract 3.6). */
export const contactListOperations: readonly Operation[] = [
  { method: 'POST', path: 'contact/list', handle: insertContacts },
];

interface BatchAnswer {
  readonly externalId: string;
  readonly code: string;
  readonly message?: string;
}

function insertContacts(call: Call): Reply {
  const body = bodyObject(call.body);
  const contacts = body['contacts'];
  if (!Array.isArray(contacts)) throw invalidParams('contacts must be a list of contacts');
  if (contacts.length > maxContacts) throw invalidParams(`At most ${maxContacts} contacts can be inserted at once`);
  const inputs = (contacts as unknown[]).map((contact) => withExternalId(contactInput(contact)));
  const mode = flag(body, 'update') ? 'upsert' : 'insert';
  const purge = flag(body, 'purge');
  return { status: 200, body: inputs.map((input) => writeOne(call, input, mode, purge)) };
}

function writeOne(call: Call, input: IdentifiedContact, mode: WriteMode, purge: boolean): BatchAnswer {
  const outcome = writeContact(call.account, call.credential, input, mode, purge);
  call.notes.contacts.push(noteWrite(input, outcome.kind === 'refused' ? outcome.code : outcome.kind));
  if (outcome.kind === 'refused') return { externalId: input.externalId, code: outcome.code, message: outcome.message };
  if (outcome.kind !== 'identical') call.notes.changed = true;
  return { externalId: input.externalId, code: 'OK' };
}
