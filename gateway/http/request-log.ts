import type { Log } from '../../activities/dependencies.ts';
import type { HubError } from '../../domain/errors.ts';
import type { App } from './app.ts';

/** One line a request: route template, status, milliseconds, connector. Never a body, a query, a header or a path with ids of others. */
export function logRequests(app: App, log: Log): void {
  app.addHook('onResponse', async (request, reply) => {
    const facts = { method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode, ms: Math.round(reply.elapsedTime), ...connectorOf(request.params) };
    if (reply.statusCode >= 500) log.error(facts, 'request failed');
    else log.info(facts, 'request');
  });
}

function connectorOf(params: unknown): { connectorId?: string } {
  const id = typeof params === 'object' && params !== null && 'connectorId' in params ? params.connectorId : undefined;
  return typeof id === 'string' && /^[a-z0-9-]{1,63}$/.test(id) ? { connectorId: id } : {};
}

/** Logs what went wrong inside without repeating messages of other programs, which may hold what was sent to them. */
export function logFailure(log: Log, error: HubError, route: string | undefined): void {
  if (error.recovery === 'refused' || error.recovery === 'conflict') return;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const stack = (cause ?? error).stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8).map((line) => line.trim());
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : undefined;
  log.error({ route, code: error.code, cause: cause?.name, causeCode: code, stack }, 'request failed');
}
