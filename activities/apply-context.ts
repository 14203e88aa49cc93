import { planDelivery } from '../domain/delivery/plan.ts';
import { isExported, isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { isGateOpen } from '../db/repositories/gates.ts';
import type { ApplyInput, ExportTarget } from '../db/repositories/apply/types.ts';
import { addressKeyOf, loadConnector, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What all pages of one activity have in common. */
export type ApplyContext = Pick<
  ApplyInput, 'accountId' | 'connectorId' | 'dataType' | 'mayGrant' | 'matching' | 'reflecting' | 'addressKey' | 'exports' | 'activityExports' | 'taskExports' | 'mappingGeneration'
>;

/** Loads where contacts and activities of this connector's account go. Valid for one activity: a new connector shows in the next one. */
export async function loadApplyContext(deps: ActivityDependencies, connector: LoadedConnector): Promise<ApplyContext> {
  const rows = await deps.db.selectFrom('connector').select('id')
    .where('account_id', '=', connector.row.account_id).where('phase', '<>', 'removed').orderBy('id').execute();
  const others = await Promise.all(rows.map((row) => loadConnector(deps, row.id)));
  const exporting = others.filter((c) => takes(c, 'contacts'));
  const addressKey = addressKeyOf(connector);
  return {
    accountId: connector.row.account_id, connectorId: connector.row.id, dataType: 'contacts', mayGrant: true, matching: connector.accountSettings.matching,
    ...(addressKey === undefined ? {} : { addressKey }),
    reflecting: new Set(others.filter((c) => c.platform.description.reflectsContacts).map((c) => c.row.id)),
    exports: await Promise.all(exporting.map((c) => exportTarget(deps, c))),
    ...(connector.mapping === undefined ? {} : { mappingGeneration: connector.row.mapping_generation }),
    activityExports: others.filter((c) => c.row.id !== connector.row.id && takes(c, 'activities')).map((c) => c.row.id),
    taskExports: others.filter(takesTasks).map((c) => c.row.id),
  };
}

function takes(connector: LoadedConnector, dataType: 'contacts' | 'activities'): boolean {
  const able = dataType === 'contacts' ? connector.platform.deliver !== undefined : connector.platform.act !== undefined;
  return able && isExported(connector.row.preset as PresetId, dataType, connector.platform.description).allowed;
}

/** Tasks are for account managers: those who work in a CRM (seed 001). */
function takesTasks(connector: LoadedConnector): boolean {
  const { class: kind } = connector.platform.description;
  return kind === 'crm' && connector.platform.actionKinds?.['task.create'] !== undefined && takes(connector, 'activities');
}

async function exportTarget(deps: ActivityDependencies, connector: LoadedConnector): Promise<ExportTarget> {
  const { row, platform } = connector;
  const imported = isImported(row.preset as PresetId, 'contacts', platform.description).allowed;
  return {
    connectorId: row.id, targets: platform.description.targets, createsContacts: platform.description.createsContacts,
    gateOpen: await isGateOpen(deps.db, row.id, 'contacts', imported),
    hasWork: (record, memory) => planFor(connector, record, memory, false).kind === 'send',
  };
}

type Planned = ReturnType<typeof planDelivery>;

/** The plan for one record at one connector: desired minus held. Pure apart from the platform's projection, which is pure too. */
export function planFor(connector: LoadedConnector, record: Parameters<ExportTarget['hasWork']>[0], memory: Parameters<ExportTarget['hasWork']>[1] | null, isNew: boolean): Planned {
  const { row, platform, settings, permissionKeys, fields, mapping, samePlatform } = connector;
  if (platform.project === undefined) return { kind: 'nothing', reason: `${platform.description.title} takes no contacts.` };
  const projection = platform.project({ connectorId: row.id, settings, fields, permissionKeys, mapping, samePlatform }, 'contacts', record);
  return planDelivery({ projection, consent: record.consent, permissionKeys, optInStrategy: settings.optInStrategy, memory, isNew, urgency: 'live' });
}
