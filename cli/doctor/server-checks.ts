import { Connection } from '@temporalio/client';
import { loadConfig } from '../../config/environment.ts';
import type { TemporalTarget } from '../../config/temporal-environment.ts';
import { openDatabase, openPool } from '../../db/database.ts';
import { pendingMigrations } from '../../db/repositories/readiness.ts';
import { findRunningServers } from '../../embedded/servers.ts';
import { taskQueue } from '../../workflows/ids.ts';
import { explain } from '../errors.ts';
import { failed, type Finding } from './finding.ts';

const timeoutMs = 5_000;
const workflowTaskQueueType = 1;

/** Whether PostgreSQL and Temporal, configured or embedded, are as they should be. */
export async function checkServers(): Promise<Finding[]> {
  try {
    const config = loadConfig();
    const running = findRunningServers(config);
    const [databaseUrl, temporal] = [running?.databaseUrl ?? config.databaseUrl, running?.temporal ?? config.temporal];
    return [
      ...(databaseUrl === undefined ? [notThere('database', 'DATABASE_URL')] : await checkDatabase(databaseUrl)),
      ...(temporal === undefined ? [notThere('Temporal', 'TEMPORAL_ADDRESS')] : await checkTemporal(temporal)),
    ];
  } catch (error) {
    return [failed('configuration', explain(error))];
  }
}

function notThere(part: string, variable: string): Finding {
  return failed(part, { message: `None is configured (${variable}), and no hub runs on this machine with its own.`, fix: `Start the hub with \`npm start\`, or set ${variable}.` });
}

/** Whether PostgreSQL answers and has the newest schema. */
async function checkDatabase(databaseUrl: string): Promise<Finding[]> {
  const where = new URL(databaseUrl);
  const db = openDatabase(openPool({ url: databaseUrl, maxConnections: 1, onError: () => undefined }));
  try {
    const pending = await pendingMigrations(db);
    const migrations = pending.length === 0 ? { ok: true, what: 'all applied', fix: '' } : { ok: false, what: `not applied: ${pending.join(', ')}`, fix: 'hub migrate' };
    return [{ part: 'database', ok: true, what: `${where.host}${where.pathname}`, fix: '' }, { part: 'migrations', ...migrations }];
  } catch (error) {
    const missingRole = /role "hub_app" does not exist/.test(String(error));
    if (missingRole) return [{ part: 'migrations', ok: false, what: 'The database was never migrated.', fix: 'hub migrate' }];
    return [failed('database', { message: `${where.host}${where.pathname}: ${reason(error)}`, fix: 'Check that PostgreSQL runs there and takes this user and password (DATABASE_URL).' })];
  } finally {
    await db.destroy();
  }
}

/** Whether the Temporal server answers, knows the namespace, and has a worker that polls the hub's task queue. */
async function checkTemporal({ connectionOptions, namespace }: TemporalTarget): Promise<Finding[]> {
  const address = connectionOptions.address ?? '';
  let connection: Connection | undefined;
  try {
    const opened = connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
    const queue = await opened.withDeadline(Date.now() + timeoutMs, async () => {
      await opened.workflowService.describeNamespace({ namespace });
      return opened.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: workflowTaskQueueType });
    });
    const workers = queue.pollers?.length ?? 0;
    return [
      { part: 'Temporal', ok: true, what: `${address}, namespace ${namespace}`, fix: '' },
      { part: 'worker', ok: workers > 0, what: `${workers === 1 ? '1 worker polls' : `${workers} workers poll`} the task queue «${taskQueue}»`, fix: workers > 0 ? '' : 'Start the hub with `npm start` (role worker).' },
    ];
  } catch (error) {
    return [failed('Temporal', { message: `${address}, namespace ${namespace}: ${reason(error)}`, fix: 'Check that the Temporal server runs there and has the namespace (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE).' })];
  } finally {
    await connection?.close();
  }
}

function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
