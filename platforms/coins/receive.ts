import { HubError } from '../../domain/errors.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import { firstIssue } from '../first-issue.ts';
import type { InboundEvent, InboundRequest, PlatformContext } from '../platform.ts';
import { mayHoldUnstorableText, storable } from '../storable-json.ts';
import { hasMatchKey } from './match-key.ts';
import { parseProspect, rejectProspect } from './parse-prospect.ts';
import { listSyncSchema } from './schema.ts';
import type { CoinsListSync } from './schema.ts';
import { settingsOf } from './settings.ts';

/** What the inbox keeps of one page of a list sync: the accepted cards as they came. */
export interface StoredListSync extends Omit<CoinsListSync, 'prospects'> {
  readonly prospects: readonly unknown[];
}

/** What the inbox keeps of the removal of a list. */
export interface StoredListRemoval {
  readonly listId: string;
}

function invalid(field: string, message: string): HubError {
  return new HubError('REQUEST_INVALID', message, { field });
}

function parseEnvelope(body: unknown): CoinsListSync {
  const parsed = listSyncSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const { path, reason } = firstIssue(parsed.error, 'the body');
  throw invalid(path === '' ? 'body' : path, reason);
}

function checkIdempotencyKey(request: InboundRequest, syncId: string): void {
  const key = request.headers['idempotency-key'];
  if (key === syncId) return;
  throw invalid('Idempotency-Key', `the header Idempotency-Key ${key === undefined ? 'is missing' : 'differs from syncId'}: every page of a list sync carries its syncId there`);
}

function sortCards(cards: readonly unknown[], defaultCountry: string): { readonly accepted: readonly unknown[]; readonly rejected: readonly RejectedRow[] } {
  const accepted: unknown[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, card] of cards.entries()) {
    const parsed = parseProspect(card, `prospects[${index}]`);
    if ('rejected' in parsed) rejected.push(parsed.rejected);
    else if (hasMatchKey(parsed.prospect, defaultCountry)) accepted.push(card);
    else rejected.push(rejectProspect(card, 'NO_MATCH_KEY', 'email', 'no email and no phone'));
  }
  return { accepted, rejected };
}

function receiveListSync(context: PlatformContext, request: InboundRequest): InboundEvent {
  const { prospects, ...envelope } = parseEnvelope(mayHoldUnstorableText(request.rawBody) ? storable(request.body) : request.body);
  checkIdempotencyKey(request, envelope.syncId);
  const { accepted, rejected } = sortCards(prospects, settingsOf(context).defaultCountry);
  const payload: StoredListSync = { ...envelope, prospects: accepted };
  const answered = rejected.map(({ externalId, reason }) => ({ prospectId: externalId, reason }));
  return {
    kind: 'list-sync',
    key: `${envelope.syncId}:${envelope.page}`,
    payload,
    rejected,
    answer: { status: 202, body: { syncId: envelope.syncId, accepted: accepted.length, rejected: answered } },
  };
}

function listIdIn(segment: string): string {
  try {
    const id = listSyncSchema.shape.list.shape.id.safeParse(decodeURIComponent(segment));
    if (id.success) return id.data;
  } catch {
    // The escape in the path is broken: the same answer as for an id that is none.
  }
  throw invalid('listId', 'the list id in the path is not an id');
}

function receiveListRemoval(request: InboundRequest, segment: string): InboundEvent {
  const payload: StoredListRemoval = { listId: listIdIn(segment) };
  return { kind: 'list-removed', key: `${payload.listId}:${request.receivedAt}`, payload, rejected: [], answer: { status: 202, body: payload } };
}

/**
 * Takes `POST /list-syncs` (one page, all pages with `Idempotency-Key: <syncId>`) and `DELETE /lists/{listId}`. Pure.
 *
 * A card that can not be read, or that has neither an e-mail address nor a phone number, is rejected by itself: the page is taken.
 * The caller's bearer token is the gateway's business.
 *
 * @throws HubError REQUEST_INVALID naming the header or field that is wrong, NOT_FOUND for any other path
 */
export function receive(context: PlatformContext, request: InboundRequest): InboundEvent {
  if (request.path === '/list-syncs') {
    if (request.method !== 'POST') throw invalid('method', 'list syncs are sent with POST');
    return receiveListSync(context, request);
  }
  const segment = /^\/lists\/([^/]+)$/.exec(request.path)?.[1];
  if (segment === undefined) throw new HubError('NOT_FOUND', 'Coins posts to /list-syncs and removes /lists/{listId}');
  if (request.method !== 'DELETE') throw invalid('method', 'a list is removed with DELETE');
  return receiveListRemoval(request, segment);
}
