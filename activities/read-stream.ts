import { HubError } from '../domain/errors.ts';
import type { StreamDefinition, Window } from '../platforms/platform.ts';
import { applyActivities } from '../db/repositories/apply/apply-activities.ts';
import { applyPage } from '../db/repositories/apply/apply-page.ts';
import type { ApplyResult } from '../db/repositories/apply/types.ts';
import { insertRejectedRecords } from '../db/repositories/rejected-records.ts';
import type { Trx } from '../db/database.ts';
import type { ApplyContext } from './apply-context.ts';
import { withCurrentMapping } from './current-mapping.ts';
import { requireFreshFields } from './look-at-fields.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Where reading goes on, and what it is worth writing with the page. */
export interface ReadStep {
  readonly stream: StreamDefinition;
  readonly window: Window;
  readonly pageToken: string | undefined;
  readonly urgency: 'live' | 'bulk';
  readonly cause: Readonly<Record<string, string | number>>;
  /** Progress of the slice or window, in the page's transaction. */
  readonly progress: (trx: Trx, page: { readonly rows: number; readonly nextPageToken: string | undefined }) => Promise<void>;
}

/** What one page led to. */
export interface ReadResult {
  readonly rows: number;
  readonly nextPageToken: string | undefined;
  /** Connectors with new work to deliver. */
  readonly raisedFor: readonly string[];
  readonly mergesRequested: number;
}

/** Reads one page and applies it with its progress in one transaction. Idempotent. */
export async function readAndApplyPage(
  deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, step: ReadStep, signal: AbortSignal,
): Promise<ReadResult> {
  return withCurrentMapping(deps, connector, context, (present, its) => readOnePage(deps, present, its, step, signal));
}

async function readOnePage(deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, step: ReadStep, signal: AbortSignal): Promise<ReadResult> {
  const { platform } = connector;
  if (platform.readPage === undefined) throw new HubError('CONFIGURATION_INVALID', `${platform.description.title} cannot be read.`, { connectorId: connector.row.id });
  const page = await platform.readPage(platformContext(deps, connector, signal), step.stream, step.window, step.pageToken);
  if (page.nextPageToken !== undefined && page.nextPageToken === step.pageToken) throw new HubError('PAGING_LOOP', undefined, { connectorId: connector.row.id });
  if (page.rows.length > 0) await requireFreshFields(deps, connector, signal);
  const count = page.rows.length + page.activities.length;
  const progress = async (trx: Trx) => {
    await insertRejectedRecords(trx, { accountId: context.accountId, connectorId: context.connectorId, inboxId: null, rows: page.rejected, ...(context.fingerprint === undefined ? {} : { fingerprint: context.fingerprint }) });
    await step.progress(trx, { rows: count, nextPageToken: page.nextPageToken });
  };
  const isActivities = step.stream.dataType === 'activities';
  if (isActivities) await applyActivities(deps.db, { ...context, activities: page.activities, progress });
  const result: ApplyResult | null = isActivities ? null : await applyPage(deps.db, {
    ...context, rows: page.rows, readAt: page.readAt, receivedAt: new Date(deps.now()).toISOString(),
    isPushed: false, mayCreate: platform.description.pullCreatesRecords, urgency: step.urgency, cause: step.cause, progress,
  });
  return {
    rows: count, nextPageToken: page.nextPageToken, mergesRequested: result?.mergesRequested ?? 0,
    raisedFor: result?.raisedFor ?? (page.activities.length > 0 ? context.activityExports : []),
  };
}
