import { ApiError, invalidParams } from './api-error.ts';

/** What a router needs to know of an operation. */
interface Routable {
  readonly method: string;
  /** Relative, with `{name}` for a variable segment. */
  readonly path: string;
}

interface Route<Target> {
  readonly operation: Target;
  readonly segments: readonly string[];
}

/** The operation that a call reached, with the values of its variable segments. */
export interface RouteMatch<Target> {
  readonly operation: Target;
  readonly path: Readonly<Record<string, string>>;
}

/** Finds operations by method and path. A literal segment goes before a variable one. */
export class Router<Target extends Routable> {
  readonly #routes: readonly Route<Target>[];

  constructor(operations: readonly Target[]) {
    const routes = operations.map((operation) => ({ operation, segments: operation.path.split('/') }));
    this.#routes = routes.toSorted((left, right) => variableCount(left) - variableCount(right));
  }

  /** `path` is relative to the base. Throws 404 for an unknown path, and 405 for one that has no such method. */
  match(method: string, path: string): RouteMatch<Target> {
    const segments = path.split('/');
    const candidates = this.#routes.filter((route) => fits(route, segments));
    if (candidates.length === 0) throw new ApiError(404, 'RESOURCE_NOT_FOUND', `There is no /${path}`);
    const route = candidates.find((candidate) => candidate.operation.method === method);
    if (route === undefined) throw new ApiError(405, 'INVALID_PARAMS', `There is no ${method} /${path}`);
    return { operation: route.operation, path: variablesOf(route, segments) };
  }
}

function variableCount(route: Route<unknown>): number {
  return route.segments.filter(isVariable).length;
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}

function fits(route: Route<unknown>, segments: readonly string[]): boolean {
  return route.segments.length === segments.length
    && route.segments.every((segment, index) => (isVariable(segment) ? segments[index] !== '' : segment === segments[index]));
}

function variablesOf(route: Route<unknown>, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    if (isVariable(segment)) values[segment.slice(1, -1)] = decodeSegment(segments[index] ?? '');
  }
  return values;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidParams('The path has a broken percent escape');
  }
}
