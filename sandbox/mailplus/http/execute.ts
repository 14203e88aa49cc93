import type { CallNotes } from '../journal/journal.ts';
import type { MailplusCredential } from '../options.ts';
import type { OauthVerifier } from '../oauth/verify.ts';
import type { Account } from '../state/account.ts';
import { ApiError, invalidParams } from './api-error.ts';
import type { Operation, Reply } from './call.ts';
import type { IncomingCall } from './incoming.ts';
import { parseQuery, queryValue } from './query.ts';
import type { QueryParameters } from './query.ts';
import type { Router } from './router.ts';

/** What is needed to carry out calls. */
export interface ExecutionContext {
  readonly account: Account;
  readonly verifier: OauthVerifier;
  readonly router: Router<Operation>;
}

/** A call that was carried out or refused, with what the journal wants to know. */
export interface Execution {
  readonly reply: Reply;
  readonly notes: CallNotes;
  readonly operation: string;
  readonly credential: string | undefined;
  readonly query: QueryParameters;
  readonly errorType: string | undefined;
}

/** Verifies, routes and carries out a call. Never throws for what a caller can do wrong: that is a reply. */
export function execute(context: ExecutionContext, incoming: IncomingCall): Execution {
  const notes: CallNotes = { changed: false, contacts: [] };
  const query = parseQuery(incoming.rawQuery);
  let credential: MailplusCredential | undefined;
  let operation: Operation | undefined;
  let errorType: string | undefined;
  let reply: Reply;
  try {
    if (query === undefined) throw invalidParams('The query has a broken percent escape');
    credential = verified(context, incoming, query);
    requireJsonAccepted(incoming);
    const match = context.router.match(incoming.method, incoming.path.slice(1));
    operation = match.operation;
    reply = operation.handle({
      account: context.account, credential, version: incoming.version, path: match.path, query,
      body: parseBody(incoming, operation), url: incoming.url, notes,
    });
    errorType = reply.refusal;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reply = { status: error.status, body: { errorType: error.errorType, message: error.message, ...error.details } };
    errorType = error.errorType;
  }
  return {
    reply, notes, errorType, credential: credential?.key, query: query ?? [],
    operation: operation === undefined ? 'unknown' : operationName(operation),
  };
}

/** The operation that a call would reach, for calls that a fault keeps from being carried out. */
export function nameOperation(router: Router<Operation>, incoming: IncomingCall): string {
  try {
    return operationName(router.match(incoming.method, incoming.path.slice(1)).operation);
  } catch {
    return 'unknown';
  }
}

/** The key that a call claims to be from, unverified. */
export function claimedKey(incoming: IncomingCall): string | undefined {
  const fromHeader = /oauth_consumer_key="([^"]*)"/.exec(incoming.headers.authorization ?? '')?.[1];
  return fromHeader ?? queryValue(parseQuery(incoming.rawQuery) ?? [], 'oauth_consumer_key');
}

function operationName(operation: Operation): string {
  return `${operation.method} /${operation.path}`;
}

function verified(context: ExecutionContext, incoming: IncomingCall, query: QueryParameters): MailplusCredential {
  const verdict = context.verifier.verify({
    method: incoming.method, url: incoming.url, query, authorization: incoming.headers.authorization,
  }, context.account.credentials);
  if ('credential' in verdict) return verdict.credential;
  throw new ApiError(context.account.options.authRefusalStatus, verdict.errorType, verdict.message);
}

/** The real API answers XML to a caller that does not ask for JSON (contract 1.3); here that is refused. */
function requireJsonAccepted(incoming: IncomingCall): void {
  const accept = incoming.headers.accept ?? '';
  if (!/application\/(json|\*)|\*\/\*/i.test(accept)) {
    throw new ApiError(406, 'INVALID_PARAMS', 'Send "Accept: application/json": this server does not answer in XML');
  }
}

function parseBody(incoming: IncomingCall, { readXml }: Operation): unknown {
  if (incoming.body === undefined) throw new ApiError(413, 'INVALID_PARAMS', 'The body is too long');
  if (incoming.body.length === 0) return undefined;
  const contentType = incoming.headers['content-type'] ?? '';
  const text = incoming.body.toString('utf8');
  if (readXml !== undefined && /^(application|text)\/xml\b/i.test(contentType)) return readXml(text);
  if (!/^application\/json\b/i.test(contentType)) throw new ApiError(415, 'INVALID_PARAMS', 'Send "Content-Type: application/json"');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidParams('The body is not valid JSON');
  }
}
