import { sql, type RawBuilder } from 'kysely';
import { mergingKindOf } from '../../../domain/identity/match-keys.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { packFieldTimes } from '../../stored-forms.ts';
import { keyed } from '../by-key.ts';
import { heldAddress } from '../held-address.ts';
import { inOrder } from '../in-order.ts';
import { StaleLook } from '../repeat-on-conflict.ts';
import type { ApplyInput, WorkingSource } from './types.ts';

type Stated = WorkingSource & { readonly state: SourceState };

const hasState = (source: WorkingSource): source is Stated => source.state !== null;
const inKeyOrder = <Source extends WorkingSource>(sources: readonly Source[]): Source[] => sources.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1));

/** Stores what the source said, in key order. Throws StaleLook when a thing that was new to this page is there by now. */
export async function storeSources(trx: Trx, input: ApplyInput, sources: readonly WorkingSource[]): Promise<void> {
  const stated = inKeyOrder(sources.filter(hasState));
  await inOrder([
    insertSources(trx, input, stated.filter((source) => source.previous === null)),
    updateSources(trx, input, stated.filter((source) => source.previous !== null)),
  ]);
}

const sourceColumns = sql.raw('external_id, record_id, payload, canonical, field_times, edited, versions, source_time, created_at, match_kind, match_value, deleted_at');

function sourceRows(input: ApplyInput, s: readonly Stated[]): RawBuilder<unknown> {
  return sql`(select external_id, record_id, payload, canonical, field_times, edited, versions, source_time, created_at,
      case when match_value is null then null else ${mergingKindOf(input.dataType, input.matching)} end as match_kind, match_value, case when deleted then ${input.receivedAt}::timestamptz end as deleted_at
    from unnest(${arrays.text(s.map((w) => w.externalId))}, ${arrays.int8(s.map((w) => w.recordId))}, ${arrays.json(s.map(newestPayload))},
      ${arrays.json(s.map((w) => w.state.canonical))}, ${arrays.json(s.map((w) => packFieldTimes(w.state.fieldTimes, w.state.canonical)))}, ${arrays.json(s.map((w) => w.state.edited))},
      ${arrays.json(s.map((w) => w.state.versions))}, ${arrays.timestamptz(s.map((w) => w.state.sourceTime))}, ${arrays.timestamptz(s.map(createdAt))}, ${arrays.text(s.map((w) => w.newKey))},
      ${arrays.bool(s.map((w) => w.state.deleted))})
      as s(external_id, record_id, payload, canonical, field_times, edited, versions, source_time, created_at, match_value, deleted)) x`;
}

/** When the source made the thing; null when no row of the page says so. */
function createdAt({ rows }: Stated): string | null {
  let first: string | null = null;
  for (const { createdTime } of rows) if (createdTime !== undefined && (first === null || createdTime < first)) first = createdTime;
  return first;
}

/** The payload of the newest version; JSON `null` when that is not on this page. */
function newestPayload({ rows, state, previous }: Stated): unknown {
  const last = rows.at(-1);
  const isNewest = previous === null || last?.sourceTime === null || last?.sourceTime === undefined || last.sourceTime >= state.sourceTime;
  return isNewest ? (last?.payload ?? null) : null;
}

async function insertSources(trx: Trx, input: ApplyInput, sources: readonly Stated[]): Promise<void> {
  if (sources.length === 0) return;
  const { numAffectedRows } = await sql`
    insert into source_record (account_id, connector_id, data_type, ${sourceColumns})
    select ${input.accountId}, ${input.connectorId}, ${input.dataType}, ${sourceColumns} from ${sourceRows(input, sources)}
    on conflict (connector_id, data_type, external_id) do nothing`.execute(trx);
  if (Number(numAffectedRows) < sources.length) throw new StaleLook('a source record came meanwhile');
}

async function updateSources(trx: Trx, input: ApplyInput, sources: readonly Stated[]): Promise<void> {
  if (sources.length === 0) return;
  await sql`
    update source_record t set
      record_id = x.record_id, payload = case when json_typeof(x.payload) = 'null' then t.payload else x.payload end, canonical = x.canonical, field_times = x.field_times,
      edited = x.edited, versions = x.versions, source_time = x.source_time, created_at = least(t.created_at, x.created_at), match_kind = x.match_kind, match_value = x.match_value,
      deleted_at = case when x.deleted_at is null then null else coalesce(t.deleted_at, x.deleted_at) end
    from ${keyed(input, sourceRows(input, sources))}
    where t.external_id = x.external_id and t.connector_id = x.connector_id and t.data_type = x.data_type`.execute(trx);
}

/**
 * Stores what the platform holds, as read, in key order. A link is gone for as long as its source says that the thing is.
 * Throws StaleLook when a link that was new to this page is there by now.
 */
export async function storeLinks(trx: Trx, input: ApplyInput, sources: readonly WorkingSource[]): Promise<void> {
  const sorted = inKeyOrder(sources);
  await inOrder([insertLinks(trx, input, sorted.filter((source) => !source.isLinked)), updateLinks(trx, input, sorted.filter((source) => source.isLinked))]);
}

const linkColumns = sql.raw('external_id, alternate_id, record_id, address, held, sent, echoes, off_since, outcome_at, read_at, gone_at');

function linkRows(input: ApplyInput, s: readonly WorkingSource[]): RawBuilder<unknown> {
  return sql`(select external_id, alternate_id, record_id, address, held, sent, echoes, off_since, outcome_at, read_at, case when gone then ${input.receivedAt}::timestamptz end as gone_at
    from unnest(${arrays.text(s.map((w) => w.externalId))}, ${arrays.text(s.map((w) => w.alternateId))}, ${arrays.int8(s.map((w) => w.recordId))},
      ${arrays.text(s.map((w) => heldAddress(w.memory.held, input.addressKey)))}, ${arrays.json(s.map((w) => w.memory.held))}, ${arrays.json(s.map((w) => w.memory.sent))}, ${arrays.json(s.map((w) => w.memory.echoes))}, ${arrays.json(s.map((w) => w.memory.offSince))},
      ${arrays.timestamptz(s.map((w) => w.memory.outcomeAt))}, ${arrays.timestamptz(s.map((w) => w.memory.readAt))}, ${arrays.bool(s.map((w) => w.state?.deleted ?? false))})
      as s(external_id, alternate_id, record_id, address, held, sent, echoes, off_since, outcome_at, read_at, gone)) x`;
}

async function insertLinks(trx: Trx, input: ApplyInput, sources: readonly WorkingSource[]): Promise<void> {
  if (sources.length === 0) return;
  const { numAffectedRows } = await sql`
    insert into link (account_id, connector_id, data_type, ${linkColumns}, is_primary)
    select ${input.accountId}, ${input.connectorId}, ${input.dataType}, ${linkColumns},
      x.gone_at is null and not exists (select 1 from link l where l.record_id = x.record_id and l.connector_id = ${input.connectorId} and l.is_primary and l.gone_at is null and l.external_id <> x.external_id)
    from ${linkRows(input, sources)} on conflict (connector_id, data_type, external_id) do nothing`.execute(trx);
  if (Number(numAffectedRows) < sources.length) throw new StaleLook('a link came meanwhile');
}

async function updateLinks(trx: Trx, input: ApplyInput, sources: readonly WorkingSource[]): Promise<void> {
  if (sources.length === 0) return;
  await sql`
    update link t set alternate_id = coalesce(x.alternate_id, t.alternate_id), record_id = x.record_id, address = x.address, held = x.held, sent = x.sent, echoes = x.echoes, off_since = x.off_since,
      outcome_at = x.outcome_at, read_at = x.read_at, gone_at = x.gone_at, is_primary = t.is_primary and x.gone_at is null
    from ${keyed(input, linkRows(input, sources))}
    where t.external_id = x.external_id and t.connector_id = x.connector_id and t.data_type = x.data_type`.execute(trx);
}
