import { z } from 'zod';
import type { Selectable } from 'kysely';
import { inAccount, type Trx } from '../db/database.ts';
import { applyPage } from '../db/repositories/apply/apply-page.ts';
import type { InboxTable } from '../db/tables/flow.ts';
import type { ApplyContext } from './apply-context.ts';
import { withCurrentMapping } from './current-mapping.ts';
import { requireFreshFields } from './look-at-fields.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

const payloadSchema = z.object({ dataType: z.string(), ids: z.array(z.string()).optional() });

/** What reading the named things led to. */
export interface ChangedResult {
  readonly raisedFor: readonly string[];
  readonly mergesRequested: number;
  /** Data types to pull now, when the source named no ids. */
  readonly pullNow: readonly string[];
}

/**
 * Reads the things that a source system says have changed and applies them; without ids it asks for a pull.
 * Known things only are updated where the platform creates contacts by list sync alone.
 */
export async function readChanged(
  deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, row: Selectable<InboxTable>, signal: AbortSignal, done: (trx: Trx) => Promise<void>,
): Promise<ChangedResult> {
  const payload = payloadSchema.parse(row.payload);
  const { ids } = payload;
  const read = connector.platform.readRecords;
  if (ids === undefined || ids.length === 0 || read === undefined || payload.dataType !== 'contacts') {
    await inAccount(deps.db, context.accountId, done);
    return { raisedFor: [], mergesRequested: 0, pullNow: [payload.dataType] };
  }
  return withCurrentMapping(deps, connector, context, async (present, its) => {
    const page = await read(platformContext(deps, present, signal), 'contacts', ids);
    if (page.rows.length > 0) await requireFreshFields(deps, present, signal);
    const result = await applyPage(deps.db, {
      ...its, rows: page.rows, readAt: page.readAt, receivedAt: new Date(deps.now()).toISOString(), isPushed: false, mayCreate: present.platform.description.pullCreatesRecords,
      urgency: 'live', cause: { kind: 'source-changed', inbox: row.id }, progress: done,
    });
    return { raisedFor: result.raisedFor, mergesRequested: result.mergesRequested, pullNow: [] };
  });
}
