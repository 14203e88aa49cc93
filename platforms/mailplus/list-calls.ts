import type { PlatformContext } from '../platform.ts';
import { unexpectedRefusal, type Refusal } from './answer.ts';
import { callOperation, sendOperation } from './call-operation.ts';
import { operationOf } from './client.ts';
import { readListId, type OwnListId } from './list-names.ts';
import type { SingleOperation } from './operations/define.ts';
import { operations } from './operations/index.ts';

/** A static list of the account. */
export interface AccountList {
  readonly id: string | undefined;
  readonly name: string;
  /** ISO 8601 in UTC; empty when Mail+ does not say. */
  readonly createdAt: string;
  /** What it stands for, when a hub made it. */
  readonly own: OwnListId | undefined;
}

/** What became of a change to a list. `inUse`: Mail+ is mailing it. */
export type ListAnswer = 'done' | 'inUse' | 'gone' | 'exists' | 'nameTaken' | 'noRoom' | 'unknownContacts';

/** All static lists of the account, whoever made them. */
export async function accountLists(context: PlatformContext): Promise<readonly AccountList[]> {
  const lists = await callOperation(context, operations['templist.list'], {});
  return lists.map(({ externalTemporaryListId: id, name, createdAt }) => ({
    id, name: name ?? '', createdAt: createdAt ?? '', own: id === undefined ? undefined : readListId(id),
  }));
}

/** Makes a list with these contacts, or none at all (`unknownContacts`). Answers `done`, `exists`, `nameTaken` or `noRoom` besides. */
export function createList(context: PlatformContext, id: string, name: string, contacts: readonly string[]): Promise<ListAnswer> {
  return change(context, operations['templist.create'], { body: { externalTemporaryListId: id, name, contacts } });
}

/** Adds contacts by external id: all of them, or none (`unknownContacts`, `gone`). */
export function addToList(context: PlatformContext, id: string, contacts: readonly string[]): Promise<ListAnswer> {
  return change(context, operations['templist.add-contacts'], { externalTemporaryListId: id, body: { contacts } });
}

/** Deletes a list. Answers `done`, `inUse` or `gone`. */
export function deleteList(context: PlatformContext, id: string): Promise<ListAnswer> {
  return change(context, operations['templist.delete'], { externalTemporaryListId: id });
}

async function change(context: PlatformContext, operation: SingleOperation, input: Readonly<Record<string, unknown>>): Promise<ListAnswer> {
  const answer = await sendOperation(context, operation, input);
  if (answer.refusal === undefined) return 'done';
  const meaning = meaningOf(answer.refusal);
  if (meaning === undefined) throw unexpectedRefusal(operationOf(operation), answer.refusal);
  return meaning;
}

/** Mail+ names the reasons; which `errorType` goes with which is not documented (contract §3.9), so its words are read as well. */
function meaningOf({ status, errorType, words }: Refusal): ListAnswer | undefined {
  if (errorType === 'CONTACT_NOT_FOUND' || /contacts? not found/i.test(words)) return 'unknownContacts';
  if (errorType === 'NAME_ALREADY_IN_USE' || /name .*(?:exists|in use)/i.test(words)) return 'nameTaken';
  if (errorType === 'ID_NOTUNIQUE' || /\bid\b.*exists/i.test(words)) return 'exists';
  if (/too many/i.test(words)) return 'noRoom';
  if (/in use/i.test(words)) return 'inUse';
  return status === 404 && (errorType === 'RESOURCE_NOT_FOUND' || /list not found/i.test(words)) ? 'gone' : undefined;
}
