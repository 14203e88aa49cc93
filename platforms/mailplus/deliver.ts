import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import type { Refusal } from './answer.ts';
import { sendOperation } from './call-operation.ts';
import { fieldsOf } from './fields.ts';
import { planOf, type PropertyPlan } from './mapping.ts';
import { encryptedPrefix } from './normalise.ts';
import { contactResult, maxBatch } from './operations/contact.ts';
import { operations } from './operations/index.ts';
import { contactOutcome, isPassing, refusedContact } from './outcomes.ts';
import { batchBody, contactPayload } from './payload.ts';
import type { WireContactResult } from './schema.ts';
import { findSwitched } from './switched.ts';

/** Contacts of one `POST /contact/list` (contract §5). */
export const batchSize = maxBatch;

/**
 * Stores contacts by `POST /contact/list`, 100 a call; one outcome for each item, in order. A batch that Mail+ refuses as a whole is
 * halved until the one to blame stands alone. Idempotent: the same items sent twice leave the same state.
 */
export async function deliverContacts(context: PlatformContext, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> {
  const plan = planOf(await fieldsOf(context), context);
  const outcomes: DeliveryOutcome[] = items.map((item) => unsendable(plan, item) ?? { kind: 'stored' });
  const sendable = items.flatMap((item, index) => (outcomes[index]?.kind === 'stored' ? [{ item, index }] : []));
  for (let first = 0; first < sendable.length; first += batchSize) {
    const batch = sendable.slice(first, first + batchSize);
    const sent = batch.map(({ item }) => item);
    const answered = await findSwitched(context, plan, sent, await storeBatch(context, plan, sent));
    for (const [position, { index }] of batch.entries()) outcomes[index] = answered[position] ?? missingResult();
  }
  return outcomes;
}

/** Why an item cannot even be asked for. */
function unsendable(plan: PropertyPlan, item: DeliveryItem): DeliveryOutcome | undefined {
  if (item.externalId.startsWith(encryptedPrefix)) {
    return refusedContact('RECORD_REFUSED', 'Mail+ can be told of a contact only by an external id, which this one was not given yet.');
  }
  const address = plan.targets.get('email') ?? 'email';
  const mobile = plan.targets.get('mobile') ?? '';
  const hasChannel = [address, mobile].some((key) => Boolean(item.changes[key] ?? item.identity[key]));
  if (item.isNew && !hasChannel) return refusedContact('RECORD_REFUSED', 'A new contact needs an e-mail address or a mobile number.', { field: address });
  return undefined;
}

async function storeBatch(context: PlatformContext, plan: PropertyPlan, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> {
  const results = await postBatch(context, plan, items);
  if ('refusal' in results) return storeHalves(context, plan, items, results.refusal);
  const passing = items.filter((_, index) => isPassing(results[index]?.code));
  if (passing.length === 0) return items.map((item, index) => outcomeOf(item, results[index]));
  const again = await postBatch(context, plan, passing);
  const second = new Map(passing.map((item, index) => [item, 'refusal' in again ? undefined : again[index]]));
  return items.map((item, index) => outcomeOf(item, second.get(item) ?? results[index]));
}

async function storeHalves(
  context: PlatformContext, plan: PropertyPlan, items: readonly DeliveryItem[], refusal: Refusal,
): Promise<readonly DeliveryOutcome[]> {
  if (items.length <= 1) {
    const code = refusal.errorType === undefined ? {} : { platformCode: refusal.errorType, ...(refusal.errorType === 'INVALID_PROPERTY' ? { doubtsFields: true as const } : {}) };
    return items.map(({ identity, changes }) => {
      const words = cleanWords(refusal.words, Object.values({ ...identity, ...changes }));
      return refusedContact('RECORD_REFUSED', `Mail+ refused the contact (${refusal.status}). ${words}`.trim(), code);
    });
  }
  const middle = Math.ceil(items.length / 2);
  const before = await storeBatch(context, plan, items.slice(0, middle));
  const after = await storeBatch(context, plan, items.slice(middle));
  return [...before, ...after];
}

async function postBatch(
  context: PlatformContext, plan: PropertyPlan, items: readonly DeliveryItem[],
): Promise<readonly WireContactResult[] | { readonly refusal: Refusal }> {
  const body = batchBody(items.map((item) => contactPayload(plan, item)));
  const answer = await sendOperation(context, operations['contact.insert-list'], { body });
  if (answer.refusal !== undefined) {
    if (answer.refusal.status === 404) throw new HubError('CONFIGURATION_INVALID', 'Mail+ does not know POST /contact/list; check the setting baseUrl.', { status: 404 });
    return { refusal: answer.refusal };
  }
  const parsed = z.array(contactResult).safeParse(answer.body);
  if (!parsed.success) throw new HubError('PLATFORM_ANSWER_INVALID', 'POST /contact/list: the answer is no list of results.', { mayHaveStored: true });
  return inOrder(items, parsed.data);
}

/** The results in the order of the items: by position when every id agrees, else by id. */
function inOrder(items: readonly DeliveryItem[], results: readonly WireContactResult[]): readonly WireContactResult[] {
  const agrees = results.length === items.length
    && items.every((item, index) => results[index]?.externalId === undefined || results[index].externalId === item.externalId);
  if (agrees) return results;
  const byId = new Map(results.map((result) => [result.externalId, result]));
  return items.map((item) => byId.get(item.externalId) ?? missingResult());
}

function missingResult(): never {
  throw new HubError('PLATFORM_ANSWER_INVALID', 'POST /contact/list: the answer leaves out a contact.', { mayHaveStored: true });
}

function outcomeOf(item: DeliveryItem, result: WireContactResult | undefined): DeliveryOutcome {
  return contactOutcome(item, result ?? missingResult());
}
