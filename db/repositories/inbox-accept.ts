import { sql } from 'kysely';
import { HubError } from '../../domain/errors.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import { inAccount, type Db, type Trx } from '../database.ts';
import { insertRejectedRecords } from './rejected-records.ts';

/** What a source system is answered. */
export interface InboundAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request from a source system that is to be kept. */
export interface InboundAcceptance {
  readonly accountId: string;
  readonly connectorId: string;
  readonly kind: string;
  readonly key: string;
  /** SHA-256 of the raw body. */
  readonly bodyHash: Buffer;
  readonly payload: unknown;
  readonly rejected: readonly RejectedRow[];
  readonly answer: InboundAnswer;
  /** ISO 8601 in UTC. */
  readonly receivedAt: string;
  /** Keyed hash by which erased persons are known again. */
  readonly fingerprint?: (plain: string) => string;
}

/** `repeated` says that the same request came before; the answer is then the one of that time. */
export interface AcceptedInbound {
  readonly repeated: boolean;
  readonly answer: InboundAnswer;
}

/**
 * Stores an inbound request and its rejected records in the caller's transaction: answer 2xx only once that is committed.
 * Idempotent on (connector, kind, key): the same body gives the stored answer, also when both arrive at once.
 * Throws HubError IDEMPOTENCY_CONFLICT for another body, and the database's errors.
 */
export async function storeInbound(trx: Trx, event: InboundAcceptance): Promise<AcceptedInbound> {
  const inboxId = await insertInbox(trx, event);
  if (inboxId === undefined) return repeat(trx, event);
  await insertRejectedRecords(trx, { accountId: event.accountId, connectorId: event.connectorId, inboxId, rows: event.rejected, ...(event.fingerprint === undefined ? {} : { fingerprint: event.fingerprint }) });
  return { repeated: false, answer: event.answer };
}

/** The same in a transaction of its own, which is committed when this resolves. */
export async function acceptInbound(db: Db, event: InboundAcceptance): Promise<AcceptedInbound> {
  return inAccount(db, event.accountId, (trx) => storeInbound(trx, event));
}

async function insertInbox(trx: Trx, event: InboundAcceptance): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into inbox (account_id, connector_id, kind, key, body_hash, payload, answer, received_at)
    values (${event.accountId}, ${event.connectorId}, ${event.kind}, ${event.key}, ${event.bodyHash},
            ${JSON.stringify(event.payload)}, ${JSON.stringify(event.answer)}, ${event.receivedAt})
    on conflict (connector_id, kind, key) do nothing
    returning id`.execute(trx);
  return rows[0]?.id;
}

async function repeat(trx: Trx, event: InboundAcceptance): Promise<AcceptedInbound> {
  const stored = await trx.selectFrom('inbox').select(['body_hash', 'answer'])
    .where('connector_id', '=', event.connectorId).where('kind', '=', event.kind).where('key', '=', event.key)
    .executeTakeFirstOrThrow();
  if (!stored.body_hash.equals(event.bodyHash)) {
    throw new HubError('IDEMPOTENCY_CONFLICT', `«${event.key}» came before with another body.`, { connectorId: event.connectorId, operation: event.kind });
  }
  return { repeated: true, answer: stored.answer ?? event.answer };
}

/** How many requests of a connector are stored and not applied yet. */
export async function countWaiting(trx: Trx, connectorId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) count from inbox where connector_id = ${connectorId} and state = 'new'`.execute(trx);
  return Number(rows[0]?.count ?? 0);
}
