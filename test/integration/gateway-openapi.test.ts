import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => gateway.stop());

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: unknown }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
  readonly security?: readonly object[];
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

async function fetchDocument(): Promise<Document> {
  return (await gateway.app.inject('/openapi.json')).json();
}

function operations(document: Document): [string, string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]): [string, string, Operation] => [path, method, operation]));
}

/** `METHOD /path` of every route but those of the documentation page and what browsers ask before, from the router itself. */
function registeredRoutes(): string[] {
  const lines = gateway.app.printRoutes({ commonPrefix: false }).split('\n');
  const stack: string[] = [];
  return lines.flatMap((line) => {
    const [, indent = '', url = '', methods = ''] = /^([ │]*)[├└]── (\S+)(?: \(([^)]+)\))?$/.exec(line) ?? [];
    const depth = indent.length / 4;
    stack.splice(depth, stack.length, url);
    const path = stack.join('').replaceAll('//', '/');
    if (path.startsWith('/docs') || methods === '') return [];
    return methods.split(', ').filter((method) => method !== 'HEAD' && method !== 'OPTIONS').map((method) => `${method} ${path}`);
  });
}

describe('the OpenAPI document', () => {
  it('names every route', async () => {
    const documented = operations(await fetchDocument()).map(([path, method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    const registered = registeredRoutes().map((route) => (route.endsWith(' *') || route.endsWith(' /*') ? `${route.split(' ')[0]} /inbound/:platform/:connectorId/{*}` : route));
    expect(registered.length).toBeGreaterThan(25);
    expect([...documented].sort()).toEqual([...new Set(registered)].sort());
  });

  it('holds together: references resolve, path parameters are declared, tags are described, answers have descriptions', async () => {
    const document = await fetchDocument();
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(Object.keys(document.components.schemas)).toContain(name);
    for (const [path, method, operation] of operations(document)) {
      const where = `${method} ${path}`;
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect([where, declared.map(({ name }) => name)]).toEqual([where, inPath]);
      expect([where, declared.every(({ required, schema }) => required === true && schema !== undefined)]).toEqual([where, true]);
      expect([where, operation.summary]).toEqual([where, expect.stringMatching(/\w/)]);
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...(operation.tags ?? ['missing'])]));
      expect([where, Object.values(operation.responses).every(({ description }) => typeof description === 'string')]).toEqual([where, true]);
      expect([where, Object.keys(operation.responses).some((status) => status.startsWith('2'))]).toEqual([where, true]);
    }
  });

  it('says which routes need a token and what a refusal looks like', async () => {
    for (const [path, method, operation] of operations(await fetchDocument())) {
      const open = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/schemas/{platform}/{file}'].includes(path);
      expect([path, method, operation.security]).toEqual([path, method, open ? [] : [{ token: [] }]]);
      if (!open) expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    }
  });

  it('is shown by a page', async () => {
    const page = await gateway.app.inject('/docs');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    expect((await gateway.app.inject('/docs/static/swagger-ui-bundle.js')).statusCode).toBe(200);
    expect((await gateway.app.inject('/docs/json')).statusCode).toBe(200);
  });
});

describe('health', () => {
  it('is up while Temporal is not there, and says what is missing', async () => {
    expect((await gateway.app.inject('/healthz')).json()).toEqual({ ok: true });
    const ready = await gateway.app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ ready: false, database: { ok: true }, migrations: { ok: true }, temporal: { ok: false, problem: expect.any(String) } });
  });

  it('offers metrics in the text format of Prometheus', async () => {
    const metrics = await gateway.app.inject('/metrics');
    expect(metrics.headers['content-type']).toContain('version=0.0.4');
    for (const name of ['hub_http_requests_total', 'hub_inbox_waiting', 'hub_deliveries', 'hub_oldest_pending_seconds', 'hub_open_failures', 'process_cpu_seconds_total']) {
      expect(metrics.body).toContain(`# TYPE ${name} `);
    }
  });

  it('answers an unknown address with the catalogue\'s error', async () => {
    const answer = await gateway.app.inject('/nosuch');
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('the rate limit', () => {
  it('refuses with Retry-After, for each token apart', async () => {
    const limited = await startGateway({ settings: { rateLimitPerMinute: 3 } });
    try {
      const [one, two] = [await limited.token('viewer'), await limited.token('viewer', { accountId: 'other' })];
      const get = (token: string) => limited.app.inject({ url: '/api/v1/connectors', headers: limited.bearer(token) });
      for (let count = 0; count < 3; count += 1) expect((await get(one)).statusCode).toBe(200);
      const refused = await get(one);
      expect([refused.statusCode, refused.json().error.code]).toEqual([429, 'REQUEST_RATE_LIMITED']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await get(two)).statusCode).toBe(200);
      for (let count = 0; count < 3; count += 1) expect((await get(`hub_guess${count}`)).statusCode).toBe(401);
      expect((await get('hub_guess4')).statusCode).toBe(429);
      expect((await limited.app.inject('/healthz')).statusCode).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});
