import type { DataType } from '../../domain/presets/data-types.ts';
import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import type { PlatformContext, SourcePage } from '../platform.ts';
import { getProspect } from './client.ts';
import { heldKeyOf } from './names.ts';
import { settingsOf } from './settings.ts';
import { readCards } from './streams.ts';

/** A page of things by id, with what became of those that were merged away. */
export type RecordsPage = SourcePage & { readonly mergedInto?: Readonly<Record<string, string>> };

interface Found {
  readonly rows: Map<string, SourceRow>;
  readonly rejected: RejectedRow[];
  readonly mergedInto: Record<string, string>;
}

const longestChain = 10;

function goneRow(externalId: string): SourceRow {
  return { dataType: 'contacts', externalId, sourceTime: null, deleted: true, payload: null, canonical: {}, held: {}, heldKeyOf, consents: [] };
}

function lostInChain(externalId: string): RejectedRow {
  const reason = `merged into one another, or through more than ${longestChain} prospects`;
  return { dataType: 'contacts', externalId, path: 'mergedInto', code: 'RECORD_INVALID', reason, payload: null };
}

/** Follows one id to the card that it is now, and adds what was found. */
async function follow(context: PlatformContext, requested: string, found: Found): Promise<void> {
  let id = requested;
  for (let step = 0; step <= longestChain; step += 1) {
    if (id !== requested) found.mergedInto[requested] = id;
    if (found.rows.has(id)) return;
    const answer = await getProspect(context, id);
    if (answer.kind === 'found') {
      const { rows, rejected } = readCards([answer.card], settingsOf(context));
      for (const row of rows) found.rows.set(id, row);
      found.rejected.push(...rejected);
      return;
    }
    if (answer.kind === 'gone') {
      found.rows.set(id, goneRow(id));
      return;
    }
    id = answer.mergedInto;
  }
  delete found.mergedInto[requested];
  found.rejected.push(lostInChain(requested));
}

/**
 * Reads prospects by id. One that is gone comes back as a row with `deleted`; one that was merged away is followed: its id stands in
 * `mergedInto` with the id that it has now, and that card is among the rows. Each card comes once. Idempotent.
 */
export async function readRecords(context: PlatformContext, _dataType: DataType, ids: readonly string[]): Promise<RecordsPage> {
  const readAt = new Date(context.now()).toISOString();
  const found: Found = { rows: new Map(), rejected: [], mergedInto: {} };
  for (const id of new Set(ids)) await follow(context, id, found);
  return { rows: [...found.rows.values()], activities: [], rejected: found.rejected, readAt, mergedInto: found.mergedInto };
}
