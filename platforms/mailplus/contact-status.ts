import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { ActionOutcome, PlatformContext } from '../platform.ts';
import { unexpectedRefusal, type Refusal } from './answer.ts';
import { sendOperation } from './call-operation.ts';
import { operationOf } from './client.ts';
import { deliverContacts } from './deliver.ts';
import { fieldsOf } from './fields.ts';
import { planOf } from './mapping.ts';
import { encryptedPrefix } from './normalise.ts';
import type { SingleOperation } from './operations/define.ts';
import { operations } from './operations/index.ts';

/** Which contact is taken out. One without an external id (`enc:…`) is found by its address, and gets `newId` first: Mail+ takes no other id. */
export const contactStatusSchema = z.object({ externalId: z.string().min(1), address: z.string().nullable(), newId: z.string().min(1) });

/** `contactStatusSchema`. */
export type ContactStatus = z.infer<typeof contactStatusSchema>;

const readBackSchema = z.object({
  properties: z.record(z.string(), z.unknown()).nullish(),
  channels: z.array(z.object({ name: z.string(), value: z.boolean() })).nullish(),
});

type ReadBack = z.infer<typeof readBackSchema> | 'gone' | 'unreadable';

/**
 * Anonymises a contact and reads it back. One that Mail+ does not know any more is done: repeating it does no harm. Asks for another try
 * while Mail+ still shows the address.
 */
export async function anonymiseContact(context: PlatformContext, contact: ContactStatus): Promise<ActionOutcome> {
  const named = await nameContact(context, contact);
  if (named === 'opted-out') return { kind: 'refused', code: 'RECORD_REFUSED', message: byHand };
  if ('kind' in named) return named;
  if ((await change(context, operations['contact.anonymize'], named.id)) === 'gone') return { kind: 'done', note: unknownNote };
  const found = await readBack(context, named.id);
  if (found === 'gone') return { kind: 'done', note: unknownNote };
  const address = planOf(await fieldsOf(context), context).targets.get('email') ?? 'email';
  if (found === 'unreadable' || !isEmpty(found.properties?.[address])) return { kind: 'later', reason: 'Mail+ still shows the contact after it was anonymised' };
  return { kind: 'done', note: 'read back: Mail+ shows no address of the contact any more' };
}

/**
 * Inactivates a contact and reads it back. One that Mail+ does not know, or that is inactive already, is done: repeating it does no harm.
 * Asks for another try while Mail+ says that it can be mailed.
 */
export async function inactivateContact(context: PlatformContext, contact: ContactStatus): Promise<ActionOutcome> {
  const named = await nameContact(context, contact);
  if (named === 'opted-out') return { kind: 'done', note: 'Mail+ says that the contact is inactive or on the blacklist already' };
  if ('kind' in named) return named;
  if ((await change(context, operations['contact.inactivate'], named.id)) === 'gone') return { kind: 'done', note: unknownNote };
  const found = await readBack(context, named.id);
  if (found === 'gone') return { kind: 'done', note: unknownNote };
  const channels = found === 'unreadable' ? [] : found.channels ?? [];
  if (channels.some(({ value }) => value)) return { kind: 'later', reason: 'Mail+ still shows the contact as one that can be mailed' };
  return { kind: 'done', note: channels.length === 0 ? 'Mail+ took it, and does not show channels to read back' : 'read back: no channel of the contact is open any more' };
}

const unknownNote = 'read back: Mail+ does not know the contact (any more)';
const byHand = 'The contact has no external id in Mail+, and can not be given one: do it by hand in Mail+.';

/** The id to call by; or an outcome, when the contact can not be given one, as when it is inactive or on the blacklist. */
async function nameContact(context: PlatformContext, { externalId, address, newId }: ContactStatus): Promise<{ readonly id: string } | ActionOutcome | 'opted-out'> {
  if (!externalId.startsWith(encryptedPrefix)) return { id: externalId };
  if (address === null || address === '') return { kind: 'refused', code: 'RECORD_REFUSED', message: byHand };
  const key = planOf(await fieldsOf(context), context).targets.get('email') ?? 'email';
  const [outcome] = await deliverContacts(context, [{ externalId: newId, isNew: false, changes: {}, permissionDates: {}, identity: { [key]: address } }]);
  if (outcome?.kind === 'stored') return { id: newId };
  return outcome?.kind === 'refused' && outcome.code === 'RECORD_OPTED_OUT' ? 'opted-out' : { kind: 'refused', code: 'RECORD_REFUSED', message: byHand };
}

async function change(context: PlatformContext, operation: SingleOperation, externalId: string): Promise<'done' | 'gone'> {
  const { status, refusal } = await sendOperation(context, operation, { externalId });
  if (refusal !== undefined) return goneOrThrow(operation, refusal);
  if (status !== 204) throw new HubError('PLATFORM_ANSWER_INVALID', `${operationOf(operation)}: the answer is none that the contract names.`, { status, mayHaveStored: true });
  return 'done';
}

async function readBack(context: PlatformContext, externalId: string): Promise<ReadBack> {
  const operation = operations['contact.get'];
  const { body, refusal } = await sendOperation(context, operation, { externalId });
  if (refusal === undefined) return readBackSchema.safeParse(body).data ?? 'unreadable';
  return goneOrThrow(operation, refusal);
}

/** Only Mail+'s own word for it counts: a 404 without one may come from anywhere. */
function goneOrThrow(operation: SingleOperation, refusal: Refusal): 'gone' {
  const { status, errorType } = refusal;
  if (errorType === 'CONTACT_NOT_FOUND') return 'gone';
  if (errorType !== undefined) throw unexpectedRefusal(operationOf(operation), refusal);
  const fix = 'It is tried again. If it lasts, check the setting baseUrl.';
  throw new HubError('PLATFORM_ANSWER_INVALID', `${operationOf(operation)}: Mail+ answered ${status} without saying why.`, { status, fix });
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';
