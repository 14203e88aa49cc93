import { sql } from 'kysely';
import { withoutTraces, type Traces } from '../../../domain/erasure/traces.ts';
import type { Trx } from '../../database.ts';
import type { RowCounts } from './delete-rows.ts';

/**
 * Takes what names a person out of rows that are not theirs: requests that wait or failed, rows that were rejected, the history of records that they belonged to once,
 * messages. Looks at whole tables: erasing is rare, and takes as long as they are large. Returns how many rows.
 */
export async function scrubTraces(trx: Trx, accountId: string, traces: Traces): Promise<RowCounts> {
  return {
    requests: await scrubInbox(trx, accountId, traces),
    'rejected elsewhere': await deleteRejected(trx, accountId, traces),
    'changes elsewhere': await blankChanges(trx, accountId, traces),
    'actions elsewhere': await blankActions(trx, accountId, traces),
    messages: await blankMessages(trx, accountId, traces),
    evidence: await blankEvidence(trx, accountId, traces),
  };
}

/** A request of which nothing is left is over; what else a page holds is applied as ever. */
async function scrubInbox(trx: Trx, accountId: string, { pattern, ...traces }: Traces): Promise<number> {
  const { rows } = await sql<{ id: number; payload: unknown; answer: unknown }>`
    select id, payload, answer from inbox where account_id = ${accountId} and (payload::text ~* ${pattern} or answer::text ~* ${pattern}) order by id for update`.execute(trx);
  for (const row of rows) {
    const payload = withoutTraces(row.payload, { pattern, ...traces });
    const answer = row.answer === null ? null : withoutTraces(row.answer, { pattern, ...traces }) ?? { status: 200, body: {} };
    await trx.updateTable('inbox').set({
      payload: payload === null ? null : JSON.stringify(payload), answer: answer === null ? null : JSON.stringify(answer),
      ...(payload === null && row.payload !== null ? { state: 'applied' as const, reason: 'the person was erased', applied_at: new Date().toISOString() } : {}),
    }).where('id', '=', row.id).execute();
  }
  return rows.length;
}

async function deleteRejected(trx: Trx, accountId: string, traces: Traces): Promise<number> {
  const { rows } = await sql<{ id: number; text: string }>`
    select id, concat(payload::text, reason) as text from rejected_record where account_id = ${accountId} and concat(payload::text, reason) ~* ${traces.pattern}`.execute(trx);
  const ids = rows.filter(({ text }) => traces.found(text)).map(({ id }) => id);
  await sql`delete from rejected_record where id = any(${ids}::bigint[])`.execute(trx);
  return ids.length;
}

async function blankChanges(trx: Trx, accountId: string, traces: Traces): Promise<number> {
  const { rows } = await sql<{ record_id: number; version: number; text: string }>`
    select record_id, version, changes::text as text from record_change where account_id = ${accountId} and changes::text ~* ${traces.pattern}`.execute(trx);
  const named = rows.filter(({ text }) => traces.found(text));
  await sql`
    update record_change c set changes = '{}' from unnest(${named.map((row) => row.record_id)}::bigint[], ${named.map((row) => row.version)}::int[]) as x(record_id, version)
    where c.record_id = x.record_id and c.version = x.version`.execute(trx);
  return named.length;
}

/** An action that names the person to somebody else is not carried out any more. */
async function blankActions(trx: Trx, accountId: string, traces: Traces): Promise<number> {
  const { rows } = await sql<{ id: number; text: string }>`select id, payload::text as text from action where account_id = ${accountId} and payload::text ~* ${traces.pattern}`.execute(trx);
  const ids = rows.filter(({ text }) => traces.found(text)).map(({ id }) => id);
  await sql`
    update action set payload = '{}', reason = 'it named a person who was erased', state = case when state = 'done' then state else 'skipped' end,
      settled_at = coalesce(settled_at, clock_timestamp()) where id = any(${ids}::bigint[])`.execute(trx);
  return ids.length;
}

async function blankMessages(trx: Trx, accountId: string, { pattern }: Traces): Promise<number> {
  const result = await sql`update call_attempt set message = 'The message named a person who was erased.' where account_id = ${accountId} and message ~* ${pattern}`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}

/** Withdrawals are copied to records that come apart: what they say of the person goes, what they decide stays. */
async function blankEvidence(trx: Trx, accountId: string, { pattern }: Traces): Promise<number> {
  const result = await sql`update consent_event set evidence = 'of a person who was erased' where account_id = ${accountId} and evidence ~* ${pattern}`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}
