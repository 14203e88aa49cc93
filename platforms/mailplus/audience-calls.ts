import type { PlatformContext } from '../platform.ts';
import type { Refusal } from './answer.ts';
import { refusedOperation, tryCommand, tryOperation } from './call-operation.ts';
import type { InputOf, SingleOperation } from './operations/define.ts';
import { operations } from './operations/index.ts';

/** What became of a call to an audience. `unclear`: Mail+ refused without a word; `unknownContacts`: nothing was done, because of these. */
export type AudienceAnswer =
  | { readonly kind: 'done' | 'exists' | 'nameTaken' | 'noRoom' | 'unclear' | 'gone' | 'inUse' | 'notLicensed' }
  | { readonly kind: 'unknownContacts'; readonly ids: readonly string[] };

/** Makes an empty audience. Answers `done`, `exists`, `nameTaken`, `noRoom`, `unclear` or `notLicensed`. */
export function createAudience(context: PlatformContext, externalId: string, name: string): Promise<AudienceAnswer> {
  return change(context, operations['audience.create'], { body: { externalId, name } });
}

/** Whether there is an audience with this id: `done`, `gone` or `notLicensed`. */
export function findAudience(context: PlatformContext, externalId: string): Promise<AudienceAnswer> {
  return change(context, operations['audience.get'], { externalId });
}

/** Gives an audience another name. Answers `done`, `nameTaken`, `unclear`, `gone` or `notLicensed`. */
export function renameAudience(context: PlatformContext, externalId: string, name: string): Promise<AudienceAnswer> {
  return change(context, operations['audience.update'], { externalId, body: { externalId, name } });
}

/** Deletes an audience. Answers `done`, `gone`, `inUse` or `notLicensed`. */
export async function deleteAudience(context: PlatformContext, externalId: string): Promise<AudienceAnswer> {
  const answer = await command(context, operations['audience.delete'], { externalId });
  // Being in use is the only reason that the contract gives here (contract §3.10).
  return answer.kind === 'unclear' || answer.kind === 'noRoom' ? { kind: 'inUse' } : answer;
}

/** Adds at most 2,500 contacts by external id: all of them, or none (`unknownContacts`, `gone`). */
export function addToAudience(context: PlatformContext, externalId: string, contacts: readonly string[]): Promise<AudienceAnswer> {
  return command(context, operations['audience.add-contacts'], { externalId, body: { contacts: [...contacts] } });
}

/** Takes at most 2,500 contacts out: all of them, or none (`unknownContacts`, `gone`). */
export function takeFromAudience(context: PlatformContext, externalId: string, contacts: readonly string[]): Promise<AudienceAnswer> {
  return command(context, operations['audience.remove-contacts'], { externalId, body: { contacts: [...contacts] } });
}

/** Takes all contacts out. */
export function emptyAudience(context: PlatformContext, externalId: string): Promise<AudienceAnswer> {
  return command(context, operations['audience.remove-all-contacts'], { externalId });
}

/** A call that is answered with the audience. */
async function change<Of extends SingleOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<AudienceAnswer> {
  const tried = await tryOperation(context, operation, input);
  return answerFor(operation, 'refusal' in tried ? tried.refusal : undefined);
}

/** A call that is answered with 204 and nothing else. */
async function command<Of extends SingleOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<AudienceAnswer> {
  return answerFor(operation, await tryCommand(context, operation, input));
}

function answerFor(operation: SingleOperation, refusal: Refusal | undefined): AudienceAnswer {
  if (refusal === undefined) return { kind: 'done' };
  const meaning = meaningOf(refusal);
  if (meaning === undefined) throw refusedOperation(operation, refusal);
  return meaning;
}

/** The statuses are Mail+'s own, their bodies may be empty; which `errorType` goes with which reason is not documented (contract §1.7, §3.10). */
function meaningOf({ status, errorType, words, externalContactIds = [] }: Refusal): AudienceAnswer | undefined {
  if (status === 403) return { kind: 'notLicensed' };
  if (externalContactIds.length > 0) return { kind: 'unknownContacts', ids: externalContactIds };
  if (status === 404) return errorType === 'CONTACT_NOT_FOUND' ? undefined : { kind: 'gone' };
  if (status !== 417) return undefined;
  if (errorType === 'ID_NOTUNIQUE' || /\bid\b.*(?:exists|unique)/i.test(words)) return { kind: 'exists' };
  if (errorType === 'NAME_ALREADY_IN_USE' || /name .*(?:exists|in use|unique)/i.test(words)) return { kind: 'nameTaken' };
  if (/maximum number|too many/i.test(words)) return { kind: 'noRoom' };
  if (/in use/i.test(words)) return { kind: 'inUse' };
  return errorType === 'INVALID_PARAMS' ? undefined : { kind: 'unclear' };
}
