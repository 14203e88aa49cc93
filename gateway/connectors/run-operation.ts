import { inAccount } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { HubError } from '../../domain/errors.ts';
import type { OperationRun, OperationSummary, Platform, RunsOperations } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';
import { openCredentials } from './credentials.ts';
import { loadConnector } from './load-connector.ts';
import { platformContext } from './platform-context.ts';

/** What a person asks for. */
export interface OperationRequest {
  readonly connectorId: string;
  readonly operation: string;
  readonly input: unknown;
  /** That a change is meant. */
  readonly confirm: boolean;
}

/**
 * Runs one operation of a connector's platform for a person. A change needs `confirm`, and is in the audit before it is sent, so that
 * none is without an entry; how it ended follows. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, and REQUEST_INVALID with the field:
 * nothing was sent then. What the platform says comes back as part of the run.
 */
export async function runOperation(deps: GatewayDependencies, caller: Caller, request: OperationRequest): Promise<OperationRun> {
  const connector = await inAccount(deps.db, caller.accountId, (trx) => loadConnector(deps, trx, request.connectorId));
  const { operations, runOperation: run } = operationsOf(connector.platform);
  const operation = operations.find(({ name }) => name === request.operation);
  if (operation?.changes === true && !request.confirm) {
    throw new HubError('REQUEST_INVALID', `«${operation.name}» changes ${connector.platform.description.title}: say that it is meant.`, { field: 'confirm', fix: 'Send `"confirm": true`, or give --yes on the command line.' });
  }
  const context = platformContext(deps, connector.platform, {
    connectorId: request.connectorId, settings: connector.row.settings, credentials: openCredentials(deps.secrets, connector.row),
    permissionKeys: connector.permissionKeys, mappingEntries: connector.mappingEntries, fields: connector.fields, signal: AbortSignal.timeout(deps.settings.checkTimeoutMs),
  });
  const audit = auditOf(deps, caller, request);
  if (operation?.changes === true) await audit('operation.asked', { operation: operation.name, ...idsOf(operation, request.input) });
  const result = await run(context, request.operation, request.input);
  await audit('operation.answered', { operation: request.operation, ...(operation === undefined ? {} : idsOf(operation, request.input)), status: result.status ?? null, code: result.problem?.code ?? null });
  return result;
}

/** The operations of a platform. Throws REQUEST_INVALID where there are none. */
export function operationsOf(platform: Platform): RunsOperations {
  const { operations, runOperation: run } = platform;
  if (operations !== undefined && run !== undefined) return { operations, runOperation: run };
  throw new HubError('REQUEST_INVALID', `${platform.description.title} has no operations to run one by one.`, { field: 'connectorId', fix: 'Choose a connector of Mail+.' });
}

function auditOf({ db }: GatewayDependencies, { accountId, who }: Caller, { connectorId }: OperationRequest) {
  return async (what: string, details: Readonly<Record<string, unknown>>): Promise<void> => {
    await inAccount(db, accountId, (trx) => writeAudit(trx, { accountId, who, what, connectorId, details }));
  };
}

/** The ids in the operation's path, for the audit: those that look like an address or a phone number are left out. */
function idsOf({ path }: OperationSummary, input: unknown): { readonly ids?: Readonly<Record<string, string>> } {
  const given = typeof input === 'object' && input !== null ? new Map<string, unknown>(Object.entries(input)) : new Map<string, unknown>();
  const ids = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']): [string, string][] => {
    const value = given.get(name);
    return typeof value === 'string' || typeof value === 'number' ? [[name, looksPersonal(String(value)) ? 'looks like an address or a phone number' : String(value)]] : [];
  });
  return ids.length === 0 ? {} : { ids: Object.fromEntries(ids) };
}

const looksPersonal = (id: string): boolean => id.includes('@') || /^\+?[\d\s().-]{9,}$/.test(id);
