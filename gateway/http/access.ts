import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hashToken } from '../../config/access-token.ts';
import type { Db } from '../../db/database.ts';
import { findTokenByHash, type TokenRole } from '../../db/repositories/tokens.ts';
import { HubError } from '../../domain/errors.ts';
import type { App } from './app.ts';

/**
 * Who may use a route: everyone, the source token or the form token of one connector, a person's token with at least this role, or
 * (`own-data`) the source token of the connector that the path names and persons with at least the role operator.
 */
export type Access = 'public' | 'source' | 'form' | 'own-data' | 'viewer' | 'operator' | 'admin';

const connectorPath = z.object({ connectorId: z.string() });

/** Who sent a request. */
export interface Caller {
  readonly accountId: string;
  readonly tokenId: number;
  /** For the audit. */
  readonly who: string;
  readonly role: TokenRole;
  /** The connector of a source token or a form token. */
  readonly connectorId: string | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** A token for one connector has no rank: it is good for its own routes and for nothing else. */
const rank: Readonly<Record<TokenRole, number>> = { form: 0, source: 0, viewer: 1, operator: 2, admin: 3 };

/**
 * Finds out who sends each request, before anything else is read of it; `null` for no valid token.
 * Registered before the rate limit, which counts by caller.
 */
export function identifyCallers(app: App, db: Db): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === 'public') return;
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== undefined) request.caller = await findCaller(db, token);
  });
}

async function findCaller(db: Db, token: string): Promise<Caller | null> {
  const row = await findTokenByHash(db, hashToken(token));
  if (row === undefined) return null;
  return { accountId: row.account_id, tokenId: row.id, who: row.name, role: row.role, connectorId: row.connector_id };
}

/**
 * Refuses requests without the right token before their body is read. Registered after the rate limit, and per route so that it
 * runs after it. A route that names no access is for admins.
 */
export function refuseStrangers(app: App): void {
  app.addHook('onRoute', (route) => {
    const before = route.preParsing === undefined ? [] : [route.preParsing].flat();
    route.preParsing = [...before, async (request, _reply, payload) => {
      const access = request.routeOptions.config.access ?? 'admin';
      if (access === 'own-data') checkOwnData(request.caller, request.params);
      else if (access !== 'public') checkAccess(request.caller, access);
      return payload;
    }];
  });
}

function checkOwnData(caller: Caller | null, params: unknown): void {
  if (caller?.role !== 'source') return checkAccess(caller, 'operator');
  const { connectorId } = connectorPath.parse(params);
  if (caller.connectorId !== connectorId) throw new HubError('TOKEN_NOT_ALLOWED', `This token belongs to another connector than «${connectorId}».`);
}

function checkAccess(caller: Caller | null, access: Exclude<Access, 'public' | 'own-data'>): void {
  if (caller === null) throw new HubError('TOKEN_INVALID');
  const isOfConnector = access === 'source' || access === 'form';
  const allowed = isOfConnector ? caller.role === access : rank[caller.role] >= rank[access];
  if (!allowed) throw new HubError('TOKEN_NOT_ALLOWED', `This token has the role ${caller.role}; this needs ${isOfConnector ? `the ${access} token of the connector` : `the role ${access}`}.`);
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new HubError('TOKEN_INVALID');
  return request.caller;
}
