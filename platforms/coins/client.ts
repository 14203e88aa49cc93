import { HubError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/model/fields.ts';
import type { PlatformContext } from '../platform.ts';
import { mayHoldUnstorableText, storable } from '../storable-json.ts';
import { goneSchema, prospectPageSchema, refusalSchema } from './schema.ts';
import type { CoinsActivity, CoinsTask, ConsentPatch, ProspectPatch } from './schema.ts';
import { callCoins } from './transport.ts';
import type { CoinsAnswer } from './transport.ts';

/** What Coins says about a prospect that it does not have: nothing, or where it went. */
export type Absence = { readonly kind: 'gone' } | { readonly kind: 'moved'; readonly mergedInto: string };

/** What became of a write to one prospect. */
export type WriteAnswer =
  | { readonly kind: 'stored' }
  | Absence
  | { readonly kind: 'refused'; readonly status: number; /** In Coins' words, as they came. */ readonly message: string; readonly field?: string };

/** One page of the prospect list, with the cards not yet parsed. */
export interface ProspectListPage {
  readonly page: number;
  /** With one card a page: how many cards there are. */
  readonly pageCount: number;
  readonly cards: readonly unknown[];
}

function outOfContract(what: string, status: number, facts: { readonly mayHaveStored?: true } = {}): HubError {
  return new HubError('PLATFORM_ANSWER_INVALID', `Coins answered ${what} in a shape that is not known`, { status, ...facts });
}

/** The name of a field, and no free text. */
const fieldName = /^[A-Za-z][\w.[\]-]{0,79}$/;

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null;
}

/**
 * A 404 counts as one about the prospect only when it has the body of one and the list of prospects is where it should be:
 * a wrong base URL must not make everybody gone.
 */
async function absenceOf(context: PlatformContext, answer: CoinsAnswer): Promise<Absence> {
  const parsed = goneSchema.safeParse(answer.body);
  if (!parsed.success) throw outOfContract('404', answer.status);
  const { mergedInto } = parsed.data;
  if (mergedInto) return { kind: 'moved', mergedInto };
  await listProspects(context, new Date(context.now()).toISOString(), 1, 1);
  return { kind: 'gone' };
}

async function writeAnswerOf(context: PlatformContext, answer: CoinsAnswer): Promise<WriteAnswer> {
  const { status } = answer;
  if (status < 300 && status !== 204 && !isObject(answer.body)) throw outOfContract('a write', status, { mayHaveStored: true });
  if (status < 300) return { kind: 'stored' };
  if (status === 404) return absenceOf(context, answer);
  const parsed = refusalSchema.safeParse(answer.body);
  if (!parsed.success) throw outOfContract(String(status), status);
  const { message, field } = parsed.data;
  return { kind: 'refused', status, message, ...(field && fieldName.test(field) && { field }) };
}

function readable(card: unknown): unknown {
  return mayHoldUnstorableText(JSON.stringify(card)) ? storable(card) : card;
}

/**
 * Reads one page of the cards that were saved at or after `since`, oldest first. Idempotent.
 *
 * @throws HubError PLATFORM_ANSWER_INVALID when the answer is another page or has another shape
 */
export async function listProspects(context: PlatformContext, since: Instant, page: number, pageSize: number): Promise<ProspectListPage> {
  const query = { modifiedSince: since, page: String(page), pageSize: String(pageSize) };
  const answer = await callCoins(context, { method: 'GET', query });
  const parsed = answer.status < 300 ? prospectPageSchema.safeParse(answer.body) : undefined;
  if (!parsed?.success || parsed.data.page !== page) throw outOfContract('the prospect list', answer.status);
  return { page, pageCount: parsed.data.pageCount, cards: parsed.data.prospects.map(readable) };
}

/** Reads one card, not yet parsed. Idempotent. */
export async function getProspect(context: PlatformContext, prospectId: string): Promise<Absence | { readonly kind: 'found'; readonly card: unknown }> {
  const answer = await callCoins(context, { method: 'GET', prospectId });
  if (answer.status === 404) return absenceOf(context, answer);
  if (answer.status >= 300 || !isObject(answer.body)) throw outOfContract('a prospect', answer.status);
  return { kind: 'found', card: readable(answer.body) };
}

/** Edits the profile of one card (docs/adr/0004). Idempotent. */
export async function patchProspect(context: PlatformContext, prospectId: string, body: ProspectPatch): Promise<WriteAnswer> {
  return writeAnswerOf(context, await callCoins(context, { method: 'PATCH', prospectId, body }));
}

/** Sets one permission of one card. Idempotent; Coins keeps a newer one that it has. */
export async function patchConsent(context: PlatformContext, prospectId: string, body: ConsentPatch): Promise<WriteAnswer> {
  return writeAnswerOf(context, await callCoins(context, { method: 'PATCH', prospectId, part: 'consents', body }));
}

/** Adds an activity to one card. Idempotent on `externalId`. */
export async function postActivity(context: PlatformContext, prospectId: string, body: CoinsActivity): Promise<WriteAnswer> {
  return writeAnswerOf(context, await callCoins(context, { method: 'POST', prospectId, part: 'activities', body }));
}

/**
 * Puts a task on one card. Idempotent on `externalId`. A 404 that names no other card may be about the card, or say that the licence has
 * no tasks (`unlicensed`): then the card is there.
 */
export async function postTask(context: PlatformContext, prospectId: string, body: CoinsTask): Promise<WriteAnswer | { readonly kind: 'unlicensed' }> {
  const answer = await callCoins(context, { method: 'POST', prospectId, part: 'tasks', body });
  const told = answer.status === 404 ? goneSchema.safeParse(answer.body) : undefined;
  if (told?.success !== true || told.data.mergedInto) return writeAnswerOf(context, answer);
  const found = await getProspect(context, prospectId);
  return found.kind === 'found' ? { kind: 'unlicensed' } : found;
}
