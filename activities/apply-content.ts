import type { Selectable } from 'kysely';
import { HubError } from '../domain/errors.ts';
import type { RecordType } from '../domain/model/record-fields.ts';
import { inAccount, type Trx } from '../db/database.ts';
import { applyActivities } from '../db/repositories/apply/apply-activities.ts';
import { applyPage } from '../db/repositories/apply/apply-page.ts';
import type { ApplyResult } from '../db/repositories/apply/types.ts';
import { bookListPage, removeList, type ListScope } from '../db/repositories/lists.ts';
import type { InboxTable } from '../db/tables/flow.ts';
import type { InboxContent } from '../platforms/platform.ts';
import type { ApplyContext } from './apply-context.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { completeFirstImport } from './first-import.ts';
import type { KeysUnderWay } from './keys-under-way.ts';

type InboxRow = Selectable<InboxTable>;

/** What all pages of one drain have in common. */
export interface DrainContext extends ApplyContext {
  /** Keys of the pages of contacts that this drain has under way. */
  readonly keys: KeysUnderWay;
  /** The same for records of another data type. */
  readonly contextFor: (dataType: RecordType) => Promise<ApplyContext>;
  /** Connectors to which lists go. */
  readonly listExports: ListScope['listExports'];
  /** Marks an inbox row as applied, in the transaction that applies it. */
  readonly markApplied: (trx: Trx, id: number) => Promise<void>;
}

/** What the content of a row led to. */
export type ContentResult = Pick<ApplyResult, 'raisedFor' | 'mergesRequested'>;

/** Applies what a source system sent: rows of one data type, activities, a list, or word that it has sent all it had. One transaction; idempotent. */
export async function applyContent(deps: ActivityDependencies, connector: LoadedConnector, context: DrainContext, row: InboxRow, signal: AbortSignal): Promise<ContentResult> {
  const { platform } = connector;
  if (platform.readInbox === undefined) throw new HubError('INTERNAL', `${platform.description.title} has no inbox.`);
  const content = platform.readInbox(platformContext(deps, connector, signal), row.kind, row.payload, row.received_at);
  const freed = new Set<string>();
  const progress = async (trx: Trx): Promise<void> => {
    await bookLists(trx, context, row, content);
    if (content.completes !== undefined && (await completeFirstImport(trx, connector, content.completes, row.received_at))) freed.add(connector.row.id);
    await context.markApplied(trx, row.id);
  };
  const applied = await applyRows(deps, context, row, content, progress);
  const isList = content.listPage !== undefined || content.removedListId !== undefined;
  return { ...applied, raisedFor: [...applied.raisedFor, ...freed, ...(isList ? context.listExports.map(({ connectorId }) => connectorId) : [])] };
}

async function bookLists(trx: Trx, { listExports }: DrainContext, row: InboxRow, { listPage, removedListId }: InboxContent): Promise<void> {
  const scope: ListScope = { accountId: row.account_id, connectorId: row.connector_id, listExports, receivedAt: row.received_at };
  if (listPage !== undefined) await bookListPage(trx, scope, listPage);
  if (removedListId !== undefined) await removeList(trx, scope, removedListId, String(row.id));
}

async function applyRows(deps: ActivityDependencies, context: DrainContext, row: InboxRow, content: InboxContent, progress: (trx: Trx) => Promise<void>): Promise<ContentResult> {
  const { activities = [], rows: [first] } = content;
  if (first !== undefined) return first.dataType === 'contacts' ? applyContacts(deps, context, row, content, progress) : applyThings(deps, context, row, content, progress);
  if (activities.length === 0) await inAccount(deps.db, row.account_id, progress);
  else await applyActivities(deps.db, { ...context, activities, progress });
  return { raisedFor: activities.length === 0 ? [] : [...context.activityExports, ...(context.taskExports ?? [])], mergesRequested: 0 };
}

const pageOf = (row: InboxRow, { rows, mayCreate, isLive }: InboxContent) => ({
  rows, readAt: row.received_at, receivedAt: row.received_at, isPushed: true, mayCreate, urgency: isLive === true ? 'live' as const : 'bulk' as const, cause: { kind: row.kind, inbox: row.id },
});

async function applyThings(deps: ActivityDependencies, context: DrainContext, row: InboxRow, content: InboxContent, progress: (trx: Trx) => Promise<void>): Promise<ContentResult> {
  const dataType = content.rows[0]?.dataType;
  if (dataType === undefined || dataType === 'activities' || content.rows.some((other) => other.dataType !== dataType)) throw new HubError('INTERNAL', 'Rows of several data types were stored as one page.');
  return applyPage(deps.db, { ...(await context.contextFor(dataType)), ...pageOf(row, content), progress });
}

/** Pages of contacts take turns where they have something to do with each other. */
async function applyContacts(deps: ActivityDependencies, context: DrainContext, row: InboxRow, content: InboxContent, progress: (trx: Trx) => Promise<void>): Promise<ContentResult> {
  const { keys, contextFor: _contextFor, listExports: _listExports, markApplied: _markApplied, ...shared } = context;
  const turn = keys.enter(content.rows);
  try {
    await turn.before;
    return await applyPage(deps.db, { ...shared, ...pageOf(row, content), progress, ...(turn.deferred !== undefined && { deferred: turn.deferred }) });
  } finally {
    turn.leave();
  }
}
