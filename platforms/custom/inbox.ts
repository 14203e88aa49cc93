import { HubError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import type { InboxContent, ListPage, PlatformContext } from '../platform.ts';
import { listKinds, type StoredListRemoval } from './lists.ts';
import { completeKind, type StoredCompletion } from './receive.ts';
import { readRecord, type ReadRecord } from './record.ts';
import { recordsKind, type StoredRecords } from './records-event.ts';
import { settingsOf } from './settings.ts';

/** A request with no more records than this is about what changed just now, a larger one is a load. */
const mostLive = 50;

function readStored({ dataType, records }: StoredRecords, context: PlatformContext): readonly ReadRecord[] {
  const settings = settingsOf(context);
  return records.map((raw, index) => {
    const result = readRecord({ dataType, settings, place: `records[${index}]` }, raw);
    if ('rejected' in result) throw new HubError('INTERNAL', 'a stored record can no longer be read', { field: result.rejected.path });
    return result.read;
  });
}

/** Of rows of one thing that carry no time, the last counts: they were received at one moment. */
function withoutOvertaken(rows: readonly SourceRow[]): readonly SourceRow[] {
  const last = new Map(rows.filter(({ sourceTime }) => sourceTime === null).map((row) => [row.externalId, row]));
  return rows.filter((row) => row.sourceTime !== null || last.get(row.externalId) === row);
}

/**
 * What a stored event means. A custom system creates what it sends. Pure.
 *
 * @throws HubError INTERNAL when the event was not stored by `receive`
 */
export function readInbox(context: PlatformContext, kind: string, payload: unknown, _receivedAt: Instant): InboxContent {
  switch (kind) {
    case recordsKind: {
      const read = readStored(payload as StoredRecords, context);
      const live = read.length <= mostLive && { isLive: true as const };
      return { rows: withoutOvertaken(read.flatMap(({ row }) => row ?? [])), activities: read.flatMap(({ activity }) => activity ?? []), mayCreate: true, ...live };
    }
    case completeKind: return { rows: [], mayCreate: true, completes: (payload as StoredCompletion).dataType };
    case listKinds.sync: return { rows: [], mayCreate: true, listPage: payload as ListPage };
    case listKinds.removed: return { rows: [], mayCreate: true, removedListId: (payload as StoredListRemoval).listId };
    default: throw new HubError('INTERNAL', `A custom system stores no events of the kind ${kind}.`);
  }
}
