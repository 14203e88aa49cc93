import { sql } from 'kysely';
import type { ListPage } from '../../domain/model/list-page.ts';
import { arrays } from '../binary-arrays.ts';
import type { Db, Trx } from '../database.ts';
import { gateReason } from './apply/raise.ts';

/** What a destination makes of a selection of a source: a static list, or an audience that is kept up to date. */
export const selectionKinds = ['list', 'audience'] as const;

/** A connector that takes selections, such as Mail+, and what they become there. */
export interface ListExport {
  readonly connectorId: string;
  readonly kinds: readonly (typeof selectionKinds)[number][];
}

/** Where lists come from and where they go. */
export interface ListScope {
  readonly accountId: string;
  /** The source connector. */
  readonly connectorId: string;
  readonly listExports: readonly ListExport[];
  /** When the page was received, ISO. */
  readonly receivedAt: string;
}

/**
 * Books one page of a list sync: campaign, list, members. When it was the last missing page the list is complete and one action
 * per destination is raised. Idempotent. Runs inside the page's transaction; syncs of one list are serialised by the row of the list.
 */
export async function bookListPage(trx: Trx, scope: ListScope, page: ListPage): Promise<{ readonly complete: boolean }> {
  await saveCampaign(trx, scope, page);
  await saveList(trx, scope, page);
  await sql`
    insert into list_sync (account_id, connector_id, sync_id, list_id, page_count, campaign_id, started_at)
    values (${scope.accountId}, ${scope.connectorId}, ${page.syncId}, ${page.list.externalId}, ${page.pageCount}, ${page.campaign?.externalId ?? null}, ${scope.receivedAt}::timestamptz)
    on conflict (connector_id, sync_id) do update set started_at = excluded.started_at where list_sync.started_at > excluded.started_at`.execute(trx);
  await sql`select 1 from list where connector_id = ${scope.connectorId} and external_id = ${page.list.externalId} for update`.execute(trx);
  await sql`
    insert into list_sync_page (account_id, connector_id, sync_id, page) values (${scope.accountId}, ${scope.connectorId}, ${page.syncId}, ${page.page}) on conflict do nothing`.execute(trx);
  await sql`
    insert into list_member (account_id, connector_id, sync_id, external_id)
    select ${scope.accountId}, ${scope.connectorId}, ${page.syncId}, m from unnest(${arrays.text([...page.memberIds])}) as m on conflict do nothing`.execute(trx);
  return { complete: await completeIfWhole(trx, scope, page) };
}

async function saveCampaign(trx: Trx, scope: ListScope, page: ListPage): Promise<void> {
  if (page.campaign === undefined) return;
  await sql`
    insert into campaign (account_id, connector_id, external_id, name, start_date, end_date)
    values (${scope.accountId}, ${scope.connectorId}, ${page.campaign.externalId}, ${page.campaign.name}, ${page.campaign.startDate}::date, ${page.campaign.endDate}::date)
    on conflict (connector_id, external_id) do update set name = excluded.name, start_date = excluded.start_date, end_date = excluded.end_date
    where (campaign.name, campaign.start_date, campaign.end_date) is distinct from (excluded.name, excluded.start_date, excluded.end_date)`.execute(trx);
}

/** A removed list is there again with a new sync, not with a late page of one that was removed with it. */
async function saveList(trx: Trx, scope: ListScope, page: ListPage): Promise<void> {
  const wasRemoved = sql`exists (select 1 from list_sync s where s.connector_id = excluded.connector_id and s.sync_id = ${page.syncId} and s.state = 'removed')`;
  await sql`
    insert into list (account_id, connector_id, external_id, name, campaign_id)
    values (${scope.accountId}, ${scope.connectorId}, ${page.list.externalId}, ${page.list.name}, ${page.campaign?.externalId ?? null})
    on conflict (connector_id, external_id) do update set name = excluded.name, campaign_id = coalesce(excluded.campaign_id, list.campaign_id),
      removed_at = case when ${wasRemoved} then list.removed_at end
    where (list.name, list.campaign_id) is distinct from (excluded.name, coalesce(excluded.campaign_id, list.campaign_id)) or (list.removed_at is not null and not ${wasRemoved})`.execute(trx);
}

/** The newest complete sync of a list counts; an older one that completes later is superseded. */
async function completeIfWhole(trx: Trx, scope: ListScope, page: ListPage): Promise<boolean> {
  const { rows } = await sql<{ whole: boolean; newest: boolean }>`
    select (select count(*) from list_sync_page p where p.connector_id = s.connector_id and p.sync_id = s.sync_id) >= s.page_count as whole,
      not exists (select 1 from list_sync o where o.connector_id = s.connector_id and o.list_id = s.list_id and o.state = 'complete' and o.sync_id <> s.sync_id and o.started_at > s.started_at) as newest
    from list_sync s where s.connector_id = ${scope.connectorId} and s.sync_id = ${page.syncId} and s.state in ('receiving', 'parked') for update`.execute(trx);
  const sync = rows[0];
  if (sync?.whole !== true) return false;
  await trx.updateTable('list_sync').set({ state: sync.newest ? 'complete' : 'superseded', completed_at: scope.receivedAt, reason: null })
    .where('connector_id', '=', scope.connectorId).where('sync_id', '=', page.syncId).execute();
  if (!sync.newest) return false;
  await trx.updateTable('list_sync').set({ state: 'superseded' }).where('connector_id', '=', scope.connectorId).where('list_id', '=', page.list.externalId)
    .where('sync_id', '<>', page.syncId).where('state', '=', 'complete').execute();
  await trx.updateTable('list').set({ current_sync_id: page.syncId }).where('connector_id', '=', scope.connectorId).where('external_id', '=', page.list.externalId).execute();
  await raiseListActions(trx, scope, 'replace', page.list.externalId, page.syncId);
  return true;
}

type ListChange = 'replace' | 'remove';

/** The target of the actions for a selection: those of one target go one after the other. */
const targetOf = (kind: ListExport['kinds'][number], listId: string): string => (kind === 'list' ? listId : `${kind}:${listId}`);

/**
 * One action per destination, kind and cause. The members are looked up when the action is carried out. What a selection became when the
 * destination was set up otherwise is removed.
 */
async function raiseListActions(trx: Trx, scope: ListScope, change: ListChange, listId: string, cause: string): Promise<void> {
  for (const destination of scope.listExports) {
    for (const kind of selectionKinds) {
      if (destination.kinds.includes(kind)) await raiseListAction(trx, scope, { destination, kind, change, listId, cause });
      else if (await isThere(trx, scope, destination, kind, listId)) await raiseListAction(trx, scope, { destination, kind, change: 'remove', listId, cause });
    }
  }
}

interface ListAction {
  readonly destination: ListExport;
  readonly kind: ListExport['kinds'][number];
  readonly change: ListChange;
  readonly listId: string;
  readonly cause: string;
}

async function raiseListAction(trx: Trx, scope: ListScope, { destination, kind, change, listId, cause }: ListAction): Promise<void> {
  const action = `${kind}.${change}`;
  await sql`
    insert into action (account_id, connector_id, kind, target, cause, payload)
    values (${scope.accountId}, ${destination.connectorId}, ${action}, ${targetOf(kind, listId)}, ${`${action}/${scope.connectorId}/${listId}/${cause}`},
      ${JSON.stringify({ sourceConnectorId: scope.connectorId, listId, syncId: cause })})
    on conflict (connector_id, cause) do nothing`.execute(trx);
}

/** Whether a selection was to become such a thing there, and was not to be removed since. */
async function isThere(trx: Trx, { connectorId }: ListScope, destination: ListExport, kind: ListAction['kind'], listId: string): Promise<boolean> {
  const { rows } = await sql<{ kind: string }>`
    select kind from action where connector_id = ${destination.connectorId} and kind in (${`${kind}.replace`}, ${`${kind}.remove`}) and target = ${targetOf(kind, listId)}
      and payload->>'sourceConnectorId' = ${connectorId} order by id desc limit 1`.execute(trx);
  return rows[0]?.kind === `${kind}.replace`;
}

/** The source system removed a list. Idempotent per inbox row. */
export async function removeList(trx: Trx, scope: ListScope, listId: string, cause: string): Promise<void> {
  await trx.updateTable('list').set({ removed_at: scope.receivedAt, current_sync_id: null }).where('connector_id', '=', scope.connectorId).where('external_id', '=', listId).execute();
  await trx.updateTable('list_sync').set({ state: 'removed' }).where('connector_id', '=', scope.connectorId).where('list_id', '=', listId)
    .where('state', 'in', ['receiving', 'parked', 'complete']).execute();
  await sql`update action set state = 'skipped', reason = 'the list was removed', settled_at = clock_timestamp()
    where kind in ('list.replace', 'audience.replace') and target in (${targetOf('list', listId)}, ${targetOf('audience', listId)}) and account_id = ${scope.accountId} and state in ('pending', 'parked')
      and payload->>'sourceConnectorId' = ${scope.connectorId}`.execute(trx);
  await raiseListActions(trx, scope, 'remove', listId, cause);
}

/** What a list action needs: its name and the ids of its members at the destination. */
export interface ListContent {
  /** Of the list as it was on that day: list, campaign, date. */
  readonly name: string;
  /** Of something that is kept up to date: list, campaign. */
  readonly lastingName: string;
  /** False when a newer sync took its place or it was removed. */
  readonly isCurrent: boolean;
  readonly memberIds: readonly string[];
  /** The delivery of a member to this destination is still on its way: who the others are was not looked up then. */
  readonly isWaiting: boolean;
}

/** Looks up the content of a list sync at a destination. */
export async function listContent(db: Db, destination: string, sourceConnectorId: string, listId: string, syncId: string): Promise<ListContent> {
  const head = await sql<{ name: string; campaign: string | null; started_at: string; current: boolean }>`
    select l.name, c.name as campaign, s.started_at, coalesce(l.current_sync_id = s.sync_id, false) as current
    from list_sync s join list l on l.connector_id = s.connector_id and l.external_id = s.list_id
    left join campaign c on c.connector_id = s.connector_id and c.external_id = s.campaign_id
    where s.connector_id = ${sourceConnectorId} and s.sync_id = ${syncId} and s.list_id = ${listId}`.execute(db);
  const row = head.rows[0];
  const nobody = { memberIds: [], isWaiting: false };
  if (row === undefined) return { name: '', lastingName: '', isCurrent: false, ...nobody };
  const names = { name: joined(row.name, row.campaign, row.started_at.slice(0, 10)), lastingName: joined(row.name, row.campaign) };
  if (!row.current) return { ...names, isCurrent: false, ...nobody };
  if (await hasMembersUnderWay(db, destination, sourceConnectorId, syncId)) return { ...names, isCurrent: true, ...nobody, isWaiting: true };
  const members = await sql<{ external_id: string | null; waiting: boolean }>`
    select distinct l.external_id, coalesce(bool_or(d.state = 'pending' or (d.state = 'parked' and d.reason = ${gateReason})), false) as waiting
    from list_member m
    join source_record s on s.connector_id = m.connector_id and s.data_type = 'contacts' and s.external_id = m.external_id
    left join link l on l.record_id = s.record_id and l.connector_id = ${destination} and l.data_type = 'contacts' and l.is_primary and l.gone_at is null
      and (l.read_at is not null or l.held::text <> '{}') and l.external_id not like 'enc:%'
    left join delivery d on d.record_id = s.record_id and d.connector_id = ${destination} and d.data_type = 'contacts'
    where m.connector_id = ${sourceConnectorId} and m.sync_id = ${syncId}
    group by s.record_id, l.external_id order by l.external_id`.execute(db);
  return {
    ...names, isCurrent: true, memberIds: members.rows.flatMap((m) => (m.external_id === null || m.waiting ? [] : [m.external_id])),
    isWaiting: members.rows.some((m) => m.waiting),
  };
}

/** Whether a member is still on its way to the destination: asked first, since a large list is asked often while its members go out. */
async function hasMembersUnderWay(db: Db, destination: string, sourceConnectorId: string, syncId: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select 1 from list_member m
      join source_record s on s.connector_id = m.connector_id and s.data_type = 'contacts' and s.external_id = m.external_id
      join delivery d on d.record_id = s.record_id and d.connector_id = ${destination} and d.data_type = 'contacts'
      where m.connector_id = ${sourceConnectorId} and m.sync_id = ${syncId} and (d.state = 'pending' or (d.state = 'parked' and d.reason = ${gateReason}))) as found`.execute(db);
  return rows[0]?.found ?? false;
}

const longestName = 255;

/** At most 255 characters, of which none is cut in two. */
function joined(...parts: readonly (string | null)[]): string {
  const name = parts.filter((part) => part !== null && part !== '').join(' – ');
  return name.slice(0, longestName).replace(/[\uD800-\uDBFF]$/, '').trim();
}

/**
 * Remembers a name under which a list was written, with the campaign of that sync, so that a mailing to it leads back to both, also
 * when the list has got another name since. Of two lists with one name the later one counts.
 */
export async function rememberListName(db: Db, { connectorId, listId, syncId }: { readonly connectorId: string; readonly listId: string; readonly syncId: string }, name: string): Promise<void> {
  await sql`
    insert into list_name (account_id, connector_id, name, list_id, campaign_id)
    select s.account_id, s.connector_id, ${name}, s.list_id, s.campaign_id from list_sync s
    where s.connector_id = ${connectorId} and s.sync_id = ${syncId} and s.list_id = ${listId}
    on conflict (connector_id, name) do update set list_id = excluded.list_id, campaign_id = excluded.campaign_id, sent_at = excluded.sent_at`.execute(db);
}

/** Parks list syncs (of one connector, or all) that wait for pages too long, naming the missing ones; the missing pages still complete them. Returns how many. */
export async function parkStaleListSyncs(db: Db, olderThan: string, connectorId?: string): Promise<number> {
  const result = await sql`
    update list_sync s set state = 'parked', reason = 'missing pages: ' || (
      select string_agg(g::text, ', ' order by g) from generate_series(1, s.page_count) g
      where not exists (select 1 from list_sync_page p where p.connector_id = s.connector_id and p.sync_id = s.sync_id and p.page = g)) || ' of ' || s.page_count
    where s.state = 'receiving' and s.started_at < ${olderThan}::timestamptz and (${connectorId ?? null}::text is null or s.connector_id = ${connectorId ?? null})`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
