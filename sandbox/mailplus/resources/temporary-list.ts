import { ApiError, invalidParams } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import type { Contact } from '../state/contact.ts';
import type { TemporaryList } from '../state/temporary-lists.ts';
import { bodyObject, identifier, identifiers } from './request-body.ts';
import { stamp } from './views.ts';

/** Temporary lists (contract 3.9). A key reaches only the lists that it made; the limit counts all of the account's. */
export const temporaryListOperations: readonly Operation[] = [
  { method: 'POST', path: 'templist', handle: createList },
  { method: 'GET', path: 'templist', handle: showLists },
  { method: 'POST', path: 'templist/{externalTemporaryListId}', handle: addContacts },
  { method: 'DELETE', path: 'templist/{externalTemporaryListId}', handle: deleteList },
];

function showLists(call: Call): Reply {
  return { status: 200, body: call.account.lists.all().map((list) => listView(call, list)) };
}

function createList(call: Call): Reply {
  const { account, credential } = call;
  const body = bodyObject(call.body);
  const externalId = identifier(body['externalTemporaryListId']);
  const name = identifier(body['name']);
  if (externalId === undefined || name === undefined) throw invalidParams('externalTemporaryListId and name are required');
  if (account.lists.ownedBy(credential.key, externalId) !== undefined) {
    throw new ApiError(400, 'ID_NOTUNIQUE', 'A temporary list with this id already exists');
  }
  if (account.lists.hasName(name)) throw new ApiError(400, 'NAME_ALREADY_IN_USE', 'A temporary list with this name already exists');
  if (account.lists.size >= account.options.maxTemporaryLists) throw new ApiError(400, 'INVALID_STATE', 'Too many temporary lists');
  const list: TemporaryList = {
    externalId, owner: credential.key, name, createdMs: account.nowMs(), type: 'API', members: new Set(), inUse: false,
  };
  addMembers(call, list, body['contacts'] ?? []);
  account.lists.add(list);
  call.notes.changed = true;
  return noContent;
}

function addContacts(call: Call): Reply {
  addMembers(call, requireList(call), bodyObject(call.body)['contacts']);
  return noContent;
}

function deleteList(call: Call): Reply {
  const list = requireList(call);
  if (list.inUse) throw new ApiError(call.account.options.temporaryListInUseStatus, 'INVALID_STATE', 'Temporary list in use');
  call.account.lists.remove(list);
  call.notes.changed = true;
  return noContent;
}

/** Adds all of them, or none when one is unknown. */
function addMembers(call: Call, list: TemporaryList, value: unknown): void {
  const members = identifiers(value).map((externalId) => [externalId, memberOf(call, externalId)] as const);
  for (const [externalId, contact] of members) {
    const isNew = !list.members.has(contact);
    list.members.add(contact);
    call.notes.contacts.push(noteContact(externalId, isNew ? 'added' : 'identical'));
    call.account.totals[isNew ? 'listMembersAdded' : 'listMembersRepeated'] += 1;
    if (isNew) call.notes.changed = true;
  }
}

function memberOf(call: Call, externalId: string): Contact {
  const contact = call.account.contacts.byExternalId(call.credential.externalIdField, externalId);
  if (contact === undefined) throw new ApiError(400, 'CONTACT_NOT_FOUND', 'One or more contacts not found');
  return contact;
}

function requireList(call: Call): TemporaryList {
  const list = call.account.lists.ownedBy(call.credential.key, call.path['externalTemporaryListId'] ?? '');
  if (list === undefined) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Temporary list not found');
  return list;
}

function listView(call: Call, list: TemporaryList): Record<string, unknown> {
  return {
    ...(list.owner === call.credential.key && { externalTemporaryListId: list.externalId }),
    name: list.name,
    createdAt: stamp(call, list.createdMs),
    type: list.type,
  };
}
