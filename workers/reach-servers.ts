import { isNativeError } from 'node:util/types';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { HubError, type ErrorCode } from '../domain/errors.ts';
import type { TemporalTarget } from '../config/temporal-environment.ts';
import { isDatabaseUnavailable } from '../db/unavailable.ts';

/**
 * Connects clients to Temporal and looks whether the namespace is there. Throws HubError TEMPORAL_UNAVAILABLE that names the address, whether
 * TLS was used, and the reason.
 */
export async function connectClient(target: TemporalTarget): Promise<Connection> {
  const connection = await atTemporal(target, () => Connection.connect(target.connectionOptions));
  try {
    await findNamespace(connection, target);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A server may keep the description of its namespaces to administrators: only «there is none» is an answer. */
async function findNamespace(connection: Connection, { connectionOptions, namespace }: TemporalTarget): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== notFound) return;
    const address = connectionOptions.address ?? '';
    throw new HubError('TEMPORAL_UNAVAILABLE', `Temporal at ${address} has no namespace «${namespace}».`, {
      fix: `Set TEMPORAL_NAMESPACE to one that it has, or make this one (\`temporal operator namespace create --address ${address} ${namespace}\`); then start the hub again.`,
    }, error);
  }
}

/** gRPC's NOT_FOUND. */
const notFound = 5;

/** Connects workers to Temporal. Throws as connectClient does, apart from the namespace. */
export function connectWorker(target: TemporalTarget): Promise<NativeConnection> {
  return atTemporal(target, () => NativeConnection.connect(target.connectionOptions));
}

/**
 * The first work with the database. Throws HubError DATABASE_UNAVAILABLE that names host and database, never the password, when it can not be
 * reached or lets nobody in; other errors as they are.
 */
export async function atDatabase<Result>(databaseUrl: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const where = new URL(databaseUrl);
    if (!isDatabaseUnavailable(error) && !refusesEntry(error)) throw error;
    throw unreachable('DATABASE_UNAVAILABLE', `PostgreSQL at ${where.host}${where.pathname}`, error, 'Check that it runs there, has this database, and takes this user and password (DATABASE_URL); then start the hub again.');
  }
}

/** PostgreSQL answered, but the login, the role or the database is wrong (SQLSTATE classes 28 and 3D). */
function refusesEntry(error: unknown): boolean {
  const state = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(28|3D)\w{3}$/.test(state);
}

async function atTemporal<Result>({ connectionOptions, namespace }: TemporalTarget, connect: () => Promise<Result>): Promise<Result> {
  try {
    return await connect();
  } catch (error) {
    const withTls = connectionOptions.tls === undefined || connectionOptions.tls === null || connectionOptions.tls === false ? 'without TLS' : 'with TLS';
    throw unreachable('TEMPORAL_UNAVAILABLE', `Temporal at ${connectionOptions.address ?? ''} (namespace ${namespace}, ${withTls})`, error,
      'Check that it runs there, and whether it wants TLS (TEMPORAL_ADDRESS, TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_API_KEY); then start the hub again.');
  }
}

function unreachable(code: ErrorCode, what: string, error: unknown, fix: string): HubError {
  return new HubError(code, `${what} could not be reached: ${firstLine(error)}`, { fix }, error);
}

function firstLine(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return firstLine(error.errors[0]);
  return (isNativeError(error) ? error.message : String(error)).split('\n')[0] ?? '';
}
