import type { z } from 'zod';
import type { ListPage } from '../../domain/model/list-page.ts';
import { firstIssue } from '../first-issue.ts';
import type { InboundEvent, InboundRequest } from '../platform.ts';
import { invalid, jsonBody } from './batch.ts';
import { listSchema } from './input-schemas.ts';
import { wordsFor } from '../wording.ts';

/** Kinds of inbox rows that are about lists, as the hub knows them. */
export const listKinds = { sync: 'list-sync', removed: 'list-removed' } as const;

/** What the inbox keeps of the removal of a list. */
export interface StoredListRemoval {
  readonly listId: string;
}

function parseList(body: unknown): z.infer<typeof listSchema> {
  const parsed = listSchema.safeParse(body, { error: wordsFor });
  if (parsed.success) return parsed.data;
  const { path, reason } = firstIssue(parsed.error, 'the body');
  throw invalid(path === '' ? 'body' : path, reason);
}

/** One page of a list, or all of it. Throws REQUEST_INVALID. */
export function receiveList(request: InboundRequest, listId: string): InboundEvent {
  const { name, description, members, campaign, syncId, page = 1, pageCount = 1 } = parseList(jsonBody(request));
  const payload: ListPage = {
    syncId: syncId ?? request.id, page, pageCount,
    list: { externalId: listId, name, description: description ?? '' },
    ...(campaign && { campaign: { externalId: campaign.externalId, name: campaign.name, startDate: campaign.startDate ?? null, endDate: campaign.endDate ?? null } }),
    memberIds: [...new Set(members)],
  };
  const key = syncId === undefined ? (request.headers['idempotency-key'] ?? request.id) : `${syncId}:${page}`;
  return { kind: listKinds.sync, key, payload, rejected: [], answer: { status: 202, body: { listId, members: payload.memberIds.length } }, brings: ['contacts'] };
}

/** The removal of a list. */
export function receiveListRemoval(request: InboundRequest, listId: string): InboundEvent {
  const payload: StoredListRemoval = { listId };
  return { kind: listKinds.removed, key: request.headers['idempotency-key'] ?? request.id, payload, rejected: [], answer: { status: 202, body: { listId } }, brings: ['contacts'] };
}
