import { createToken, hashToken } from '../config/access-token.ts';
import { readLocalGateway, writeLocalGateway } from '../config/local-gateway.ts';
import type { Db } from '../db/database.ts';
import { ensureAccount } from '../db/repositories/accounts.ts';
import { findTokenByHash, insertToken } from '../db/repositories/tokens.ts';

/** The account of a hub that has one customer. */
export const defaultAccountId = 'main';

/**
 * Makes sure that the account is there and that commands on this machine reach the gateway: `<home>/gateway.json` (mode 600) holds
 * its address and an admin token, the one of the last start while it is valid. Needs a session for all accounts. Idempotent.
 */
export async function prepareLocalAccess(db: Db, homeDirectory: string, url: string): Promise<void> {
  await ensureAccount(db, defaultAccountId, 'Main account');
  const before = await readLocalGateway(homeDirectory);
  const row = before === undefined ? undefined : await findTokenByHash(db, hashToken(before.token));
  const usable = row?.role === 'admin' && row.account_id === defaultAccountId;
  await writeLocalGateway(homeDirectory, { url, token: usable && before !== undefined ? before.token : await newAdminToken(db) });
}

async function newAdminToken(db: Db): Promise<string> {
  const { token, hash } = createToken();
  await insertToken(db, { accountId: defaultAccountId, connectorId: null, name: 'this machine', role: 'admin', hash });
  return token;
}
