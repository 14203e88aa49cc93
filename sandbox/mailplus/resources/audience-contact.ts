import { ApiError } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import type { Audience } from '../state/audiences.ts';
import type { Contact } from '../state/contact.ts';
import { licensed, requireAudience } from './audience.ts';
import { bodyObject, identifiers } from './request-body.ts';

const maxContacts = 2_500;

/** Members of an audience, up to 2,500 in a call; one unknown contact and nothing is done (contract 3.10). */
export const audienceContactOperations: readonly Operation[] = [
  { method: 'POST', path: 'audience/{externalId}/contact', handle: licensed(addContacts) },
  { method: 'DELETE', path: 'audience/{externalId}/contact', handle: licensed(removeContacts) },
];

interface NamedContact {
  readonly externalId: string;
  readonly contact: Contact;
}

function addContacts(call: Call): Reply {
  const audience = requireAudience(call);
  for (const { externalId, contact } of namedContacts(call)) {
    const isNew = !audience.members.has(contact);
    audience.members.add(contact);
    note(call, externalId, isNew ? 'added' : 'identical');
    call.account.totals[isNew ? 'audienceMembersAdded' : 'audienceMembersRepeated'] += 1;
  }
  return synchronised(call, audience, 'lastAddedMs');
}

function removeContacts(call: Call): Reply {
  const audience = requireAudience(call);
  const named = call.body === undefined ? allMembers(call, audience) : namedContacts(call);
  for (const { externalId, contact } of named) {
    const wasMember = audience.members.delete(contact);
    note(call, externalId, wasMember ? 'removed' : 'identical');
    if (wasMember) call.account.totals.audienceMembersRemoved += 1;
  }
  return synchronised(call, audience, 'lastRemovedMs');
}

function synchronised(call: Call, audience: Audience, date: 'lastAddedMs' | 'lastRemovedMs'): Reply {
  const nowMs = call.account.nowMs();
  audience.lastSyncMs = nowMs;
  if (call.notes.changed) audience[date] = nowMs;
  return noContent;
}

function note(call: Call, externalId: string, outcome: string): void {
  call.notes.contacts.push(noteContact(externalId, outcome));
  if (outcome !== 'identical') call.notes.changed = true;
}

function allMembers(call: Call, audience: Audience): NamedContact[] {
  return [...audience.members].map((contact) => ({ contact, externalId: contact.externalIds[call.credential.externalIdField] ?? '' }));
}

/** The contacts that the body names; 413 when they are too many, 404 with their ids when some are unknown. */
function namedContacts(call: Call): NamedContact[] {
  const ids = identifiers(bodyObject(call.body)['contacts']);
  if (ids.length > maxContacts) throw new ApiError(413, 'INVALID_PARAMS', `At most ${maxContacts} contacts can be named at once`);
  const { contacts } = call.account;
  const found = ids.map((externalId) => ({ externalId, contact: contacts.byExternalId(call.credential.externalIdField, externalId) }));
  const externalContactIds = found.filter(({ contact }) => contact === undefined).map(({ externalId }) => externalId);
  if (externalContactIds.length > 0) {
    throw new ApiError(404, 'CONTACT_NOT_FOUND', 'One or more contacts not found', { externalContactIds });
  }
  return found.flatMap(({ externalId, contact }) => (contact === undefined ? [] : [{ externalId, contact }]));
}
