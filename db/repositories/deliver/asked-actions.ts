import { sql } from 'kysely';
import type { Db, Trx } from '../../database.ts';
import { HubError } from '../../../domain/errors.ts';
import type { ActionState } from '../../tables/flow.ts';

/** Begins the causes of actions that were asked for, so that they are never those of the hub itself. */
const causePrefix = 'asked/';

/** An action that somebody asks for. */
export interface AskedFor {
  readonly accountId: string;
  readonly connectorId: string;
  readonly kind: string;
  /** What is done one after the other: actions with one target never overtake each other. */
  readonly target: string;
  /** Unique at the connector: the same cause never has two effects. */
  readonly cause: string;
  readonly recordId: number | null;
  readonly payload: unknown;
  /** SHA-256 of what was asked for. */
  readonly bodyHash: Buffer;
}

/** An action that was asked for, with what became of it. Holds nothing of the payload. */
export interface AskedView {
  readonly id: number;
  readonly kind: string;
  readonly target: string;
  readonly cause: string;
  readonly recordId: number | null;
  readonly state: ActionState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly askedAt: string;
  readonly begunAt: string | null;
  readonly settledAt: string | null;
}

/**
 * Stores an action in the caller's transaction and returns its id. Idempotent on the cause: the same body gives the same id, also when
 * both come at once. Throws HubError IDEMPOTENCY_CONFLICT for another body.
 */
export async function askForAction(trx: Trx, asked: AskedFor): Promise<KnownAction> {
  const { rows: [stored] } = await sql<KnownAction>`
    insert into action (account_id, connector_id, kind, target, cause, record_id, payload, body_hash)
    values (${asked.accountId}, ${asked.connectorId}, ${asked.kind}, ${asked.target}, ${causePrefix + asked.cause}, ${asked.recordId}, ${JSON.stringify(asked.payload)}, ${asked.bodyHash})
    on conflict (connector_id, cause) do nothing returning id, record_id "recordId"`.execute(trx);
  const known = stored ?? await findByCause(trx, asked);
  if (known === undefined) throw new HubError('INTERNAL', 'An action is neither new nor known.', { connectorId: asked.connectorId });
  return known;
}

/** An action by its cause. */
export interface KnownAction {
  readonly id: number;
  readonly recordId: number | null;
}

/** The action that was asked for with this cause and body; `undefined`: none was with this cause. Throws HubError IDEMPOTENCY_CONFLICT for another body. */
export async function findByCause(trx: Trx, { connectorId, cause, bodyHash }: Pick<AskedFor, 'connectorId' | 'cause' | 'bodyHash'>): Promise<KnownAction | undefined> {
  const known = await trx.selectFrom('action').select(['id', 'record_id as recordId', 'body_hash']).where('connector_id', '=', connectorId).where('cause', '=', causePrefix + cause).executeTakeFirst();
  if (known === undefined) return undefined;
  if (known.body_hash?.equals(bodyHash) === true) return { id: known.id, recordId: known.recordId };
  throw new HubError('IDEMPOTENCY_CONFLICT', `The cause «${cause}» came before with another body, as action ${known.id}.`, { connectorId, field: 'cause', fix: 'Give a cause of its own to what is to happen once more.' });
}

/** The action with this id, if it was asked for. */
export async function findAskedAction(db: Db, connectorId: string, id: number): Promise<AskedView | undefined> {
  const row = await db.selectFrom('action')
    .select(['id', 'kind', 'target', 'cause', 'record_id as recordId', 'state', 'code', 'reason', 'pending_since as askedAt', 'begun_at as begunAt', 'settled_at as settledAt'])
    .where('id', '=', id).where('connector_id', '=', connectorId).where('body_hash', 'is not', null).executeTakeFirst();
  return row === undefined ? undefined : { ...row, cause: row.cause.slice(causePrefix.length) };
}

/**
 * Whether another action of the same kind with the same target may have had its effect shortly before this one was begun: what is found at the
 * platform may be that one's then.
 */
export async function hasNeighbour(db: Db, action: { readonly id: number; readonly connector_id: string; readonly kind: string; readonly target: string; readonly begun_at: string | null }, withinMs: number): Promise<boolean> {
  const { rows: [row] } = await sql<{ found: boolean }>`
    select exists (select 1 from action a where a.connector_id = ${action.connector_id} and a.kind = ${action.kind} and a.target = ${action.target} and a.body_hash is not null and a.id <> ${action.id}
      and a.begun_at is not null and coalesce(a.settled_at, clock_timestamp()) > ${action.begun_at}::timestamptz - ${withinMs} * interval '1 ms') found`.execute(db);
  return row?.found ?? true;
}
