import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import type { InboxContent, ListPage, PlatformContext } from '../platform.ts';
import { normaliseProspect } from './normalise.ts';
import { parseProspect } from './parse-prospect.ts';
import { listSyncSchema } from './schema.ts';
import type { CoinsListSync } from './schema.ts';
import { settingsOf } from './settings.ts';
import type { CoinsSettings } from './settings.ts';

const removalSchema = z.object({ listId: z.string().min(1) });

function stored<T>(schema: z.ZodType<T>, payload: unknown, kind: string): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new HubError('INTERNAL', `a stored event of kind ${kind} does not have the shape in which it was stored`);
}

function rowsOf(cards: readonly unknown[], settings: CoinsSettings): SourceRow[] {
  return cards.map((card, index) => {
    const parsed = parseProspect(card, `prospects[${index}]`);
    if ('rejected' in parsed) throw new HubError('INTERNAL', 'a stored prospect can no longer be read', { field: parsed.rejected.path });
    return normaliseProspect(parsed.prospect, card, settings);
  });
}

function listPageOf(sync: CoinsListSync, rows: readonly SourceRow[]): ListPage {
  const { campaign, list } = sync;
  return {
    syncId: sync.syncId,
    page: sync.page,
    pageCount: sync.pageCount,
    list: { externalId: list.id, name: list.name, description: list.description ?? '' },
    ...(campaign && {
      campaign: { externalId: campaign.id, name: campaign.name, startDate: campaign.startDate ?? null, endDate: campaign.endDate ?? null },
    }),
    memberIds: [...new Set(rows.map((row) => row.externalId))],
  };
}

/**
 * What a stored event means. The cards of a list sync may create contacts: no other Coins read may (seed 000).
 * A prospect that stands on the page twice comes as two rows, in the order of the page, and is a member once. Pure.
 *
 * @throws HubError INTERNAL when the event was not stored by `receive`
 */
export function readInbox(context: PlatformContext, kind: string, payload: unknown, _receivedAt: Instant): InboxContent {
  if (kind === 'list-removed') return { rows: [], mayCreate: false, removedListId: stored(removalSchema, payload, kind).listId };
  if (kind !== 'list-sync') throw new HubError('INTERNAL', `Coins stores no events of kind ${kind}`);
  const sync = stored(listSyncSchema, payload, kind);
  const rows = rowsOf(sync.prospects, settingsOf(context));
  return { rows, mayCreate: true, listPage: listPageOf(sync, rows) };
}
