import type { Db } from '../database.ts';
import type { ApiTokenTable } from '../tables/connector.ts';

/** What a token may do: `source` feeds one connector, `form` stands on web pages that use the forms of one, the others read, command, or do everything. */
export type TokenRole = ApiTokenTable['role'];

/** A token without its hash. */
export interface TokenRow {
  readonly id: number;
  readonly account_id: string;
  readonly connector_id: string | null;
  readonly name: string;
  readonly role: TokenRole;
  readonly created_at: string;
  readonly revoked_at: string | null;
}

const columns = ['id', 'account_id', 'connector_id', 'name', 'role', 'created_at', 'revoked_at'] as const;

/** The token with this hash, unless it is revoked. Needs a session for all accounts: the token says which account it is for. */
export async function findTokenByHash(db: Db, hash: Buffer): Promise<TokenRow | undefined> {
  return db.selectFrom('api_token').select(columns).where('hash', '=', hash).where('revoked_at', 'is', null).executeTakeFirst();
}

/** What a new token needs. */
export interface NewTokenRow {
  readonly accountId: string;
  readonly connectorId: string | null;
  readonly name: string;
  readonly role: TokenRole;
  readonly hash: Buffer;
}

/** Stores a token's hash. */
export async function insertToken(db: Db, token: NewTokenRow): Promise<TokenRow> {
  return db.insertInto('api_token')
    .values({ account_id: token.accountId, connector_id: token.connectorId, name: token.name, role: token.role, hash: token.hash })
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** All tokens, revoked ones too, oldest first. */
export async function listTokens(db: Db): Promise<TokenRow[]> {
  return db.selectFrom('api_token').select(columns).orderBy('id').execute();
}

/** Revokes a token; undefined when there is none with this id. A second time changes nothing. */
export async function revokeToken(db: Db, id: number, at: string): Promise<TokenRow | undefined> {
  await db.updateTable('api_token').set({ revoked_at: at }).where('id', '=', id).where('revoked_at', 'is', null).execute();
  return db.selectFrom('api_token').select(columns).where('id', '=', id).executeTakeFirst();
}

/** Revokes all tokens of a connector, for example when it is removed. */
export async function revokeConnectorTokens(db: Db, connectorId: string, at: string): Promise<void> {
  await db.updateTable('api_token').set({ revoked_at: at }).where('connector_id', '=', connectorId).where('revoked_at', 'is', null).execute();
}
