import type { Request } from './http-server.ts';
import { Refusal } from './refusal.ts';
import type { Answer } from './refusal.ts';

/** A request that was routed: the `:name` parts of the path, decoded. */
export type Routed = Request & { params: Record<string, string> };

/** `path` has `:name` for a segment that is handed over. */
export type Route = { method: string; path: string; run(request: Routed): Answer | Promise<Answer> };

type Compiled = Route & { segments: string[] };

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, `the path part ${segment} is not encoded correctly`);
  }
}

function match(segments: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = given[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = decoded(part);
    else if (segment !== part) return undefined;
  }
  return params;
}

/** Makes one function of several routes: 404 for an unknown path, 405 for a known one with another method. */
export function createRouter(routes: readonly Route[]): (request: Request) => Promise<Answer> {
  const compiled: Compiled[] = routes.map((route) => ({ ...route, segments: route.path.split('/') }));
  return async (request) => {
    const given = request.path.split('/');
    const allowed: string[] = [];
    for (const route of compiled) {
      const params = match(route.segments, given);
      if (params === undefined) continue;
      if (route.method === request.method) return route.run({ ...request, params });
      allowed.push(route.method);
    }
    if (allowed.length === 0) throw new Refusal(404, `there is nothing at ${request.path}`);
    throw new Refusal(405, `${request.method} is not possible here`, { allowed });
  };
}

/** The body as JSON. @throws Refusal 415 for another content type, 400 for text that is no JSON */
export function jsonBody(request: Request): unknown {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Refusal(415, 'the body must be application/json');
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is not valid JSON', { field: '' });
  }
}
