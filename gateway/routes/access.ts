import { z } from 'zod';
import { createToken } from '../../config/access-token.ts';
import { inAccount } from '../../db/database.ts';
import { listAudit, writeAudit } from '../../db/repositories/audit.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import { insertToken, listTokens, revokeToken, type TokenRow } from '../../db/repositories/tokens.ts';
import { HubError } from '../../domain/errors.ts';
import { requireActiveConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

const roleSchema = z.enum(['viewer', 'operator', 'admin', 'source', 'form']);
const tokenSchema = z.object({ id: z.number(), name: z.string(), role: roleSchema, connectorId: z.string().nullable(), createdAt: z.string(), revokedAt: z.string().nullable() }).meta({ id: 'Token' });
const newTokenSchema = z.strictObject({
  name: z.string().min(1).max(100),
  role: roleSchema,
  connectorId: z.string().optional().describe('The connector that a source token feeds, or whose forms a form token is for.'),
}).meta({ id: 'NewToken' });

/** `tokenSchema`. */
export type TokenView = z.infer<typeof tokenSchema>;

/** Tokens and the audit. */
export function accessRoutes(app: App, deps: ApiDependencies): void {
  tokenRoutes(app, deps);
  app.get('/audit', {
    config: { access: 'viewer' },
    schema: {
      tags: ['access'], summary: 'Who did what, newest first',
      querystring: z.object({ connector: z.string().optional().describe('Only about this connector.'), limit: z.coerce.number().int().min(1).max(1_000).default(50).describe('How many.'), before: z.coerce.number().int().optional().describe('Only entries older than this id.') }),
      response: answers(z.object({ entries: z.array(z.object({ id: z.number(), at: z.string(), who: z.string(), what: z.string(), connectorId: z.string().nullable(), details: z.record(z.string(), z.unknown()) })) })),
    },
  }, async (request) => {
    const { connector, limit, before } = request.query;
    const rows = await inAccount(deps.db, callerOf(request).accountId, (trx) => listAudit(trx, { connectorId: connector, limit, before }));
    return { entries: rows.map(({ connector_id: connectorId, ...entry }) => ({ ...entry, connectorId })) };
  });
}

function tokenRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['access'];
  app.get('/tokens', { config: { access: 'admin' }, schema: { tags, summary: 'List tokens', response: answers(z.object({ tokens: z.array(tokenSchema) })) } }, async (request) => {
    const rows = await inAccount(deps.db, callerOf(request).accountId, (trx) => listTokens(trx));
    return { tokens: rows.map(view) };
  });
  app.post('/tokens', {
    config: { access: 'admin' },
    schema: { tags, summary: 'Make a token', body: newTokenSchema, response: answers(tokenSchema.extend({ token: z.string().describe('Shown this once.') }), 201) },
  }, async (request, reply) => reply.status(201).send(await makeToken(deps, callerOf(request), request.body)));
  app.delete('/tokens/:tokenId', {
    config: { access: 'admin' },
    schema: { tags, summary: 'Revoke a token', params: z.object({ tokenId: z.coerce.number().int().describe('As the list shows it.') }), response: answers(tokenSchema) },
  }, async (request) => {
    const { accountId, who } = callerOf(request);
    const { tokenId } = request.params;
    const row = await inAccount(deps.db, accountId, async (trx) => {
      const revoked = await revokeToken(trx, tokenId, new Date(deps.now()).toISOString());
      if (revoked !== undefined) await writeAudit(trx, { accountId, who, what: 'token.revoked', details: { tokenId, name: revoked.name } });
      return revoked;
    });
    if (row === undefined) throw new HubError('NOT_FOUND', `There is no token ${tokenId}.`);
    return view(row);
  });
}

async function makeToken(deps: ApiDependencies, { accountId, who }: { readonly accountId: string; readonly who: string }, wanted: z.infer<typeof newTokenSchema>) {
  const { name, role, connectorId } = wanted;
  if ((role === 'source' || role === 'form') !== (connectorId !== undefined)) {
    throw new HubError('REQUEST_INVALID', 'A source token or a form token, and no other, is made for one connector.', { field: 'connectorId' });
  }
  const { token, hash } = createToken();
  const row = await inAccount(deps.db, accountId, async (trx) => {
    if (connectorId !== undefined) requireUseFor(deps, await requireActiveConnector(trx, connectorId), role);
    const inserted = await insertToken(trx, { accountId, connectorId: connectorId ?? null, name, role, hash });
    await writeAudit(trx, { accountId, who, what: 'token.created', ...(connectorId === undefined ? {} : { connectorId }), details: { tokenId: inserted.id, name, role } });
    return inserted;
  });
  return { ...view(row), token };
}

/** A form token stands where everybody reads it, so it is made only where it is good for something. */
function requireUseFor({ platforms }: ApiDependencies, { id, platform }: ConnectorRow, role: TokenRow['role']): void {
  if (role !== 'form' || platforms[platform]?.webForm !== undefined) return;
  throw new HubError('REQUEST_INVALID', `«${id}» has no forms for web pages.`, { field: 'connectorId', fix: 'Choose a connector of Mail+.' });
}

function view(row: TokenRow): TokenView {
  return { id: row.id, name: row.name, role: row.role, connectorId: row.connector_id, createdAt: row.created_at, revokedAt: row.revoked_at };
}
