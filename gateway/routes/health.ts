import { z } from 'zod';
import { pendingMigrations } from '../../db/repositories/readiness.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { App } from '../http/app.ts';
import type { GatewayMetrics } from '../http/metrics.ts';
import { toHubError } from '../http/to-hub-error.ts';

const checkTimeoutMs = 3_000;

const partSchema = z.object({ ok: z.boolean(), problem: z.string().optional().describe('What is wrong and what to do.') });
const readySchema = z.object({ ready: z.boolean(), database: partSchema, migrations: partSchema, temporal: partSchema }).meta({ id: 'Readiness' });

type Part = z.infer<typeof partSchema>;

/** `/healthz` (the process answers), `/readyz` (its parts answer), `/metrics` (Prometheus). */
export async function healthRoutes(app: App, deps: GatewayDependencies & { readonly metrics: GatewayMetrics }): Promise<void> {
  const config = { access: 'public', rateLimit: false } as const;
  app.get('/healthz', { config, schema: { tags: ['health'], summary: 'Is the process up?', response: { 200: z.object({ ok: z.literal(true) }) } } }, async () => ({ ok: true as const }));
  app.get('/readyz', { config, schema: { tags: ['health'], summary: 'Are PostgreSQL, its schema and Temporal there?', response: { 200: readySchema, 503: readySchema } } }, async (_request, reply) => {
    const [{ database, migrations }, temporal] = await Promise.all([checkDatabase(deps), part(() => checkTemporal(deps))]);
    const ready = database.ok && migrations.ok && temporal.ok;
    return reply.status(ready ? 200 : 503).send({ ready, database, migrations, temporal });
  });
  app.get('/metrics', { config, schema: { tags: ['health'], summary: 'Metrics for Prometheus', produces: ['text/plain'], response: { 200: z.string() } } }, async (_request, reply) => {
    void reply.type(deps.metrics.contentType).serializer((text: unknown) => String(text));
    return reply.send(await deps.metrics.text());
  });
}

async function checkDatabase(deps: GatewayDependencies): Promise<{ database: Part; migrations: Part }> {
  let pending: readonly string[] = [];
  const database = await part(async () => {
    pending = await pendingMigrations(deps.db);
  });
  if (!database.ok) return { database, migrations: { ok: false, problem: 'Not known: the database does not answer.' } };
  if (pending.length === 0) return { database, migrations: { ok: true } };
  return { database, migrations: { ok: false, problem: `Not applied: ${pending.join(', ')}. Run \`hub migrate\`.` } };
}

async function checkTemporal(deps: GatewayDependencies): Promise<void> {
  const { temporal } = deps;
  await temporal.withDeadline(Date.now() + checkTimeoutMs, () => temporal.workflowService.describeNamespace({ namespace: temporal.options.namespace }));
}

async function part(check: () => Promise<void>): Promise<Part> {
  try {
    await withTimeout(check());
    return { ok: true };
  } catch (error) {
    const { message, fix } = toHubError(error);
    return { ok: false, problem: `${message} ${fix}` };
  }
}

async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout exceeded when trying to connect')), checkTimeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
