import { sql } from 'kysely';
import type { MailingDetails, MailingStatistics, ReportedMailing, TrendReport } from '../../../domain/reports/report.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db } from '../../database.ts';

/** Whose reports. */
export interface ReportScope {
  readonly accountId: string;
  readonly connectorId: string;
}

/** A mailing whose reports are to be read. */
export interface DueMailing {
  readonly id: number;
  readonly externalId: string;
  readonly kind: 'mailing' | 'campaign';
  readonly since: string;
  readonly isActive: boolean;
  readonly hasDetails: boolean;
}

/** The stretch of time of which all mailings are listed. ISO instants. */
export interface Listed {
  readonly from: string;
  readonly to: string;
}

/** The stretch that is listed; undefined: none is yet. */
export async function listedStretch(db: Db, connectorId: string): Promise<Listed | undefined> {
  const row = await db.selectFrom('report_state').select(['listed_from', 'listed_to']).where('connector_id', '=', connectorId).executeTakeFirst();
  return row?.listed_from == null || row.listed_to === null ? undefined : { from: row.listed_from, to: row.listed_to };
}

/**
 * Stores mailings, each once, with what may change of them, and the stretch that is listed with them. A new one is due at once; a
 * message of a campaign that became active again is due again. Idempotent. `now` is an ISO instant.
 */
export async function saveMailings(db: Db, { accountId, connectorId }: ReportScope, mailings: readonly ReportedMailing[], { now, listed }: { readonly now: string; readonly listed?: Listed }): Promise<void> {
  const m = [...new Map(mailings.map((mailing) => [mailing.externalId, mailing])).values()].sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
  await inAccount(db, accountId, async (trx) => {
    await sql`
      insert into report_mailing (account_id, connector_id, external_id, kind, name, channel, scheduled_at, sent_count, url, campaign_id, campaign_name, is_active, since, first_seen_at, due_at)
      select ${accountId}, ${connectorId}, m.external_id, m.kind, m.name, m.channel, m.scheduled_at, m.sent_count, m.url, m.campaign_id, m.campaign_name, m.is_active,
        coalesce(m.scheduled_at, ${now}::timestamptz), ${now}, ${now}
      from unnest(${arrays.text(m.map((x) => x.externalId))}, ${arrays.text(m.map((x) => x.kind))}, ${arrays.text(m.map((x) => x.name))}, ${arrays.text(m.map((x) => x.channel))},
        ${arrays.timestamptz(m.map((x) => x.scheduledAt ?? null))}, ${arrays.int4(m.map((x) => x.sentCount ?? null))}, ${arrays.text(m.map((x) => x.url ?? null))},
        ${arrays.text(m.map((x) => x.campaign?.externalId ?? null))}, ${arrays.text(m.map((x) => x.campaign?.name ?? null))}, ${arrays.bool(m.map((x) => x.campaign?.active ?? false))})
        as m(external_id, kind, name, channel, scheduled_at, sent_count, url, campaign_id, campaign_name, is_active)
      on conflict (connector_id, external_id) do update set name = excluded.name, channel = excluded.channel, scheduled_at = excluded.scheduled_at, sent_count = excluded.sent_count, url = excluded.url,
        campaign_id = excluded.campaign_id, campaign_name = excluded.campaign_name, is_active = excluded.is_active,
        due_at = case when excluded.is_active and report_mailing.due_at is null then excluded.due_at else report_mailing.due_at end`.execute(trx);
    if (listed === undefined) return;
    await sql`
      insert into report_state (account_id, connector_id, listed_from, listed_to) values (${accountId}, ${connectorId}, ${listed.from}, ${listed.to})
      on conflict (connector_id) do update set listed_from = excluded.listed_from, listed_to = excluded.listed_to, updated_at = clock_timestamp()`.execute(trx);
  });
}

/** The mailing to look at next, the newest first, one that is half read before all; undefined: none is due at `now`. */
export async function nextDue(db: Db, connectorId: string, now: string): Promise<DueMailing | undefined> {
  const { rows } = await sql<DueMailing>`
    select m.id, m.external_id "externalId", m.kind, m.since, m.is_active "isActive", m.links is not null "hasDetails" from report_mailing m
    where m.connector_id = ${connectorId} and m.due_at <= ${now}::timestamptz
    order by exists (select 1 from report_list l where l.mailing_id = m.id and l.next_after is not null) desc, coalesce(m.scheduled_at, m.first_seen_at) desc, m.id desc limit 1`.execute(db);
  return rows[0];
}

/** Stores what a mailing says. */
export async function saveDetails(db: Db, mailingId: number, { subject, targetGroup, links }: MailingDetails): Promise<void> {
  await db.updateTable('report_mailing').set({ subject: subject ?? null, target_group: targetGroup ?? null, links: JSON.stringify(links) }).where('id', '=', mailingId).execute();
}

/** Stores the counts of a mailing, as of `at`. */
export async function saveStatistics(db: Db, mailingId: number, statistics: MailingStatistics, at: string): Promise<void> {
  await db.updateTable('report_mailing').set({ statistics: JSON.stringify(statistics), statistics_at: at }).where('id', '=', mailingId).execute();
}

/** How a look at a mailing ended. */
export interface LookEnd {
  /** When it began. */
  readonly readAt: string;
  /** When the next one is due; null: never. */
  readonly dueAt: string | null;
  readonly since: string;
  /** Why it did not get everything. */
  readonly problem: { readonly code: string; readonly reason: string } | null;
}

/** Ends a look at a mailing. */
export async function endLook(db: Db, mailingId: number, { readAt, dueAt, since, problem }: LookEnd): Promise<void> {
  await db.updateTable('report_mailing').set({ read_at: readAt, due_at: dueAt, since, code: problem?.code ?? null, reason: problem?.reason ?? null }).where('id', '=', mailingId).execute();
}

/** Notes the end of a pull, or why it did not come to its end. */
export async function noteRound(db: Db, { accountId, connectorId }: ReportScope, round: { readonly readAt: string } | { readonly code: string; readonly reason: string }): Promise<void> {
  const values = 'readAt' in round ? { read_at: round.readAt, code: null, reason: null } : { code: round.code, reason: round.reason };
  await db.insertInto('report_state').values({ account_id: accountId, connector_id: connectorId, ...values })
    .onConflict((conflict) => conflict.column('connector_id').doUpdateSet({ ...values, updated_at: sql<string>`clock_timestamp()` })).execute();
}

/** Stores a page of trend reports. Idempotent. */
export async function saveTrendReports(db: Db, { accountId, connectorId }: ReportScope, reports: readonly TrendReport[], readAt: string): Promise<void> {
  const r = [...new Map(reports.map((report) => [report.id, report])).values()];
  await sql`
    insert into trend_report (account_id, connector_id, id, name, enabled, target, content_type, created_at, mailing_count, read_at)
    select ${accountId}, ${connectorId}, r.*, ${readAt}::timestamptz
    from unnest(${arrays.int4(r.map((x) => x.id))}, ${arrays.text(r.map((x) => x.name))}, ${arrays.bool(r.map((x) => x.enabled))}, ${arrays.text(r.map((x) => x.target ?? null))},
      ${arrays.text(r.map((x) => x.contentType ?? null))}, ${arrays.timestamptz(r.map((x) => x.createdAt ?? null))}, ${arrays.int4(r.map((x) => x.mailingCount ?? null))}) as r
    on conflict (connector_id, id) do update set name = excluded.name, enabled = excluded.enabled, target = excluded.target, content_type = excluded.content_type, created_at = excluded.created_at,
      mailing_count = excluded.mailing_count, read_at = excluded.read_at`.execute(db);
}
