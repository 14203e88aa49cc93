import { ApiError, invalidParams } from '../http/api-error.ts';
import type { ErrorType } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteWrite } from '../journal/contact-notes.ts';
import type { Contact } from '../state/contact.ts';
import { writeContact } from '../state/upsert.ts';
import type { ContactInput, RefusalCode, WriteMode } from '../state/upsert.ts';
import { bodyObject, contactInput, flag, withExternalId } from './request-body.ts';
import { contactView } from './views.ts';

const errorTypes: Readonly<Record<RefusalCode, readonly [status: number, errorType: ErrorType]>> = {
  PROPERTY_INVALID: [400, 'INVALID_PROPERTY'],
  CONTACT_ALREADY_EXISTS: [400, 'CONTACT_ALREADY_EXISTS'],
  CONTACT_OPTOUT: [400, 'CONTACT_OPTOUT'],
  CONTACT_UNKNOWN: [404, 'CONTACT_NOT_FOUND'],
  NO_ACTIVE_CHANNEL: [400, 'INVALID_STATE'],
  ERROR: [500, 'BACKEND_EXCEPTION'],
};

/** Insert, update and get of one contact (contract 3.3 to 3.5). */
export const contactOperations: readonly Operation[] = [
  { method: 'POST', path: 'contact', handle: insertContact },
  { method: 'PUT', path: 'contact/{externalId}', handle: updateContact },
  { method: 'GET', path: 'contact/{externalId}', handle: (call) => ({ status: 200, body: contactView(call, requireContact(call)) }) },
];

/** The contact of the path's external id; refused when this credential knows none. */
export function requireContact(call: Call): Contact {
  const found = call.account.contacts.byExternalId(call.credential.externalIdField, call.path['externalId'] ?? '');
  if (found === undefined) throw new ApiError(call.account.options.unknownContactStatus, 'CONTACT_NOT_FOUND', 'Contact not found');
  return found;
}

/** The contact that a body names; 400 when this credential knows none (contract 3.9, 3.12, 3.15, 3.16). */
export function requireKnownContact(call: Call, externalId: string): Contact {
  const found = call.account.contacts.byExternalId(call.credential.externalIdField, externalId);
  if (found === undefined) throw new ApiError(400, 'CONTACT_NOT_FOUND', 'Contact not found');
  return found;
}

function insertContact(call: Call): Reply {
  const body = bodyObject(call.body);
  return writeOne(call, withExternalId(contactInput(body['contact'])), flag(body, 'update') ? 'upsert' : 'insert', flag(body, 'purge'));
}

function updateContact(call: Call): Reply {
  const body = bodyObject(call.body);
  const externalId = requirePathId(call);
  const input = contactInput(body['contact']);
  if (input.externalId !== undefined && input.externalId !== externalId) {
    throw invalidParams('externalId of the body differs from the one of the path');
  }
  return writeOne(call, { ...input, externalId }, 'update', flag(body, 'purge'));
}

function requirePathId(call: Call): string {
  return call.path['externalId'] ?? '';
}

/** Writes one contact and answers 204, or what the refusal says. */
export function writeOne(call: Call, input: ContactInput, mode: WriteMode, purge: boolean): Reply {
  const outcome = writeContact(call.account, call.credential, input, mode, purge);
  call.notes.contacts.push(noteWrite(input, outcome.kind === 'refused' ? outcome.code : outcome.kind));
  if (outcome.kind === 'refused') {
    const [status, errorType] = errorTypes[outcome.code];
    const isUnknown = outcome.code === 'CONTACT_UNKNOWN';
    throw new ApiError(isUnknown ? call.account.options.unknownContactStatus : status, errorType, outcome.message);
  }
  call.notes.changed = outcome.kind !== 'identical';
  return noContent;
}
