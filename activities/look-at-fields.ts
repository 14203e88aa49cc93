import { inAccount } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { saveDiscovery, type SavedDiscovery } from '../db/repositories/mapping/save-discovery.ts';
import { HubError } from '../domain/errors.ts';
import type { DeliveryOutcome, PlatformField } from '../platforms/platform.ts';
import { platformContext } from './connector-context.ts';
import type { DeliveryRun } from './delivery-run.ts';
import { startRemap } from './start-remap.ts';

const looked = new WeakSet<DeliveryRun>();

/**
 * Looks what fields the platform's account has now, when it refused one that was sent; once a run, since most such refusals are about a
 * value. Throws MAPPING_CHANGED when a mapped field is gone, or back: everything is planned anew then, without that field alone.
 */
export async function lookAtFields(run: DeliveryRun, outcomes: readonly DeliveryOutcome[]): Promise<void> {
  if (looked.has(run) || !outcomes.some((outcome) => outcome.kind === 'refused' && outcome.doubtsFields === true)) return;
  looked.add(run);
  const fields = await discover(run);
  if (fields === undefined || fields.length === 0) return;
  const { deps, connector: { row } } = run;
  const found = await inAccount(deps.db, row.account_id, async (trx) => {
    const saved = await saveDiscovery(trx, { accountId: row.account_id, connectorId: row.id, fields, at: new Date(deps.now()).toISOString() }, run.connector.mapping);
    if (saved.changed.size > 0) await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'fields.changed', connectorId: row.id, details: { changed: [...saved.changed], gone: Object.keys(saved.gone) } });
    return saved;
  });
  if (found.remaps) await planAnew(run, found);
}

/** A platform that does not answer now leaves things as they are: what was refused is shown with its reason. */
async function discover({ deps, connector, signal }: DeliveryRun): Promise<readonly PlatformField[] | undefined> {
  try {
    return await connector.platform.discoverFields?.(platformContext(deps, connector, signal));
  } catch (error) {
    deps.log.warn({ connectorId: connector.row.id, error: error instanceof HubError ? error.code : 'unknown' }, 'The fields of the account could not be read again');
    return undefined;
  }
}

async function planAnew({ deps, connector: { row } }: DeliveryRun, { changed }: SavedDiscovery): Promise<never> {
  deps.log.warn({ connectorId: row.id, changed: [...changed].join(', ') }, 'The account has other fields than before; stored records are planned anew');
  await startRemap(deps.temporal, row.id).catch((error: unknown) =>
    deps.log.warn({ connectorId: row.id, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow that plans records anew was not started; the sweep starts it'));
  throw new HubError('MAPPING_CHANGED', undefined, { connectorId: row.id });
}
