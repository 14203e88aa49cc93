import { inAccount } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { saveDiscovery, type SavedDiscovery } from '../db/repositories/mapping/save-discovery.ts';
import { HubError } from '../domain/errors.ts';
import type { DeliveryOutcome } from '../platforms/platform.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { startRemap } from './start-remap.ts';

/** How old the known fields of an account may be when what a read does not show is taken to be empty. */
const freshMs = 60_000;

const lookedAt = new WeakMap<LoadedConnector, number>();

/**
 * Makes sure that what a read does not show is empty, and no property that the account has lost since: looks what fields it has, once
 * a minute while reading. Throws MAPPING_CHANGED when they are others than known: what was read is to be read again.
 */
export async function requireFreshFields(deps: ActivityDependencies, connector: LoadedConnector, signal: AbortSignal): Promise<void> {
  if (connector.mapping === undefined) return;
  const known = lookedAt.get(connector) ?? (connector.fieldsReadAt === null ? 0 : Date.parse(connector.fieldsReadAt));
  if (Math.abs(deps.now() - known) < freshMs) return;
  lookedAt.set(connector, deps.now());
  const found = await lookAgain(deps, connector, signal);
  if (found !== undefined && found.changed.size > 0) throw new HubError('MAPPING_CHANGED', undefined, { connectorId: connector.row.id });
}

/**
 * Looks what fields the account has now, when it refused one that was sent; once a run, since most such refusals are about a
 * value. Throws MAPPING_CHANGED when a mapped field is gone, or back: everything is planned anew then, without that field alone.
 */
export async function lookAtFields({ deps, connector, signal }: DeliveryRun, outcomes: readonly DeliveryOutcome[]): Promise<void> {
  if (lookedAt.has(connector) || !outcomes.some((outcome) => outcome.kind === 'refused' && outcome.doubtsFields === true)) return;
  lookedAt.set(connector, deps.now());
  const found = await lookAgain(deps, connector, signal).catch((error: unknown) => {
    deps.log.warn({ connectorId: connector.row.id, error: error instanceof HubError ? error.code : 'unknown' }, 'The fields of the account could not be read again');
    return undefined;
  });
  if (found?.remaps === true) throw new HubError('MAPPING_CHANGED', undefined, { connectorId: connector.row.id });
}

/** Undefined where the platform has no fields to discover, or says that it has none. */
async function lookAgain(deps: ActivityDependencies, connector: LoadedConnector, signal: AbortSignal): Promise<SavedDiscovery | undefined> {
  const { row, mapping } = connector;
  const fields = await connector.platform.discoverFields?.(platformContext(deps, connector, signal));
  if (fields === undefined || fields.length === 0) return undefined;
  const found = await inAccount(deps.db, row.account_id, async (trx) => {
    const saved = await saveDiscovery(trx, { accountId: row.account_id, connectorId: row.id, fields, at: new Date(deps.now()).toISOString() }, mapping);
    if (saved.changed.size > 0) await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'fields.changed', connectorId: row.id, details: { changed: [...saved.changed], gone: Object.keys(saved.gone) } });
    return saved;
  });
  if (found.remaps) await planAnew(deps, row.id, found);
  return found;
}

async function planAnew(deps: ActivityDependencies, connectorId: string, { changed }: SavedDiscovery): Promise<void> {
  deps.log.warn({ connectorId, changed: [...changed].join(', ') }, 'The account has other fields than before; stored records are planned anew');
  await startRemap(deps.temporal, connectorId).catch((error: unknown) =>
    deps.log.warn({ connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow that plans records anew was not started; the sweep starts it'));
}
