import { planDelivery, withKept } from '../domain/delivery/plan.ts';
import { emptyMemory } from '../domain/model/link-memory.ts';
import type { Fields } from '../domain/model/fields.ts';
import { namesThings } from '../domain/model/named-things.ts';
import { recordTypes, type RecordType } from '../domain/model/record-fields.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import { defaultSourceOf, hasDefaultSource } from '../domain/presets/default-source.ts';
import { isExported, isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { CartExport } from '../db/repositories/checkouts/raise-carts.ts';
import { isGateOpen } from '../db/repositories/gates.ts';
import type { ApplyInput, ExportTarget } from '../db/repositories/apply/types.ts';
import { addressKeyOf, loadConnector, type LoadedConnector } from './connector-context.ts';
import type { DesiredRecord } from '../platforms/platform.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Records of these types are about somebody who may have been erased. */
const namesPeople: ReadonlySet<RecordType> = new Set(['contacts', 'orders', 'checkouts']);

/** What all pages of one activity have in common. */
export type ApplyContext = Pick<
  ApplyInput, 'accountId' | 'connectorId' | 'dataType' | 'mayGrant' | 'matching' | 'reflecting' | 'addressKey' | 'exports' | 'activityExports' | 'taskExports' | 'mappingGeneration' | 'defaultSource' | 'isNamed' | 'imports' | 'fingerprint' | 'purchaseExports' | 'cartExports'
>;

/** Loads where records of a data type and activities of this connector's account go. Valid for one activity: a new connector shows in the next one. */
export async function loadApplyContext(deps: ActivityDependencies, connector: LoadedConnector, dataType: RecordType = 'contacts'): Promise<ApplyContext> {
  const rows = await deps.db.selectFrom('connector').select('id')
    .where('account_id', '=', connector.row.account_id).where('phase', '<>', 'removed').orderBy('id').execute();
  const others = await Promise.all(rows.map((row) => loadConnector(deps, row.id)));
  const exporting = others.filter((c) => takes(c, dataType));
  const addressKey = dataType === 'contacts' ? addressKeyOf(connector) : undefined;
  return {
    accountId: connector.row.account_id, connectorId: connector.row.id, dataType, mayGrant: true, matching: connector.accountSettings.matching,
    ...(addressKey === undefined ? {} : { addressKey }),
    ...(hasDefaultSource(dataType) ? { defaultSource: defaultSourceOf(others.map(({ row }) => row)) ?? null } : {}), isNamed: others.some((c) => recordTypes.some((type) => namesThings(type) && imports(c, type))),
    imports: new Set(recordTypes.filter((type) => imports(connector, type))),
    reflecting: new Set(others.filter((c) => c.platform.description.reflectsContacts).map((c) => c.row.id)),
    exports: await Promise.all(exporting.map((c) => exportTarget(deps, c, dataType))),
    ...(connector.mapping === undefined || dataType !== 'contacts' ? {} : { mappingGeneration: connector.row.mapping_generation }),
    activityExports: others.filter((c) => c.row.id !== connector.row.id && takes(c, 'activities')).map((c) => c.row.id),
    purchaseExports: await Promise.all(others.filter((c) => keepsPurchaseDates(c) && ((dataType === 'orders') || (dataType === 'contacts' && imports(connector, 'orders')))).map((c) => exportTarget(deps, c, 'contacts'))),
    cartExports: dataType === 'checkouts' || dataType === 'orders' ? others.flatMap(cartExport) : [],
    taskExports: others.filter(takesTasks).map((c) => c.row.id), ...(namesPeople.has(dataType) ? { fingerprint: (plain) => deps.secrets.fingerprint(plain) } : {}),
  };
}

const imports = ({ row, platform }: LoadedConnector, dataType: RecordType): boolean => isImported(row.preset as PresetId, dataType, platform.description).allowed;

/** Whether records of a data type, or activities, go to a connector. */
export function takes(connector: LoadedConnector, dataType: DataType): boolean {
  const able = dataType === 'activities' ? connector.platform.act !== undefined : connector.platform.deliver !== undefined;
  return able && isExported(connector.row.preset as PresetId, dataType, connector.platform.description).allowed;
}

function cartExport(connector: LoadedConnector): CartExport[] {
  const { carts } = connector.platform;
  return carts === undefined || !takes(connector, 'checkouts') ? [] : [{ connectorId: connector.row.id, kinds: carts.kinds, hasAutomation: carts.hasAutomation(connector.settings) }];
}

/** Purchase dates are for segments and campaigns (seed 001): a marketing destination's. */
export function keepsPurchaseDates(connector: LoadedConnector): boolean {
  return connector.platform.description.class === 'marketing-automation' && takes(connector, 'contacts');
}

/** Tasks are for account managers: those who work in a CRM (seed 001). */
function takesTasks(connector: LoadedConnector): boolean {
  const { class: kind } = connector.platform.description;
  return kind === 'crm' && connector.platform.actionKinds?.['task.create'] !== undefined && takes(connector, 'activities');
}

async function exportTarget(deps: ActivityDependencies, connector: LoadedConnector, dataType: RecordType): Promise<ExportTarget> {
  const { row, platform } = connector;
  return {
    connectorId: row.id, targets: platform.description.targets, createsContacts: platform.description.createsContacts,
    gateOpen: await isGateOpen(deps.db, row.id, dataType, imports(connector, dataType)), ...(dataType === 'contacts' ? whenDeleted(connector) : {}),
    hasWork: (record, memory) => namesThings(dataType) || planFor(connector, dataType, record, memory, false).kind === 'send',
  };
}

function whenDeleted({ platform, settings }: LoadedConnector): Pick<ExportTarget, 'whenDeleted'> {
  const chosen = settings['whenDeleted'];
  if (chosen !== 'inactivate' && chosen !== 'anonymise') return {};
  return platform.actionKinds?.[`contact.${chosen}`] === undefined ? {} : { whenDeleted: chosen };
}

type Planned = ReturnType<typeof planDelivery> & { readonly whole?: Fields; /** The thing is only to be taken away: nothing that it names is needed for that. */ readonly takesAway?: boolean };

/** The plan for one record at one connector: desired minus held. Pure apart from the platform's projection, which is pure too. */
export function planFor(connector: LoadedConnector, dataType: RecordType, record: DesiredRecord, memory: Parameters<ExportTarget['hasWork']>[1] | null, isNew: boolean): Planned {
  const { row, platform, settings, permissionKeys, fields, mapping, samePlatform } = connector;
  if (platform.project === undefined) return { kind: 'nothing', reason: `${platform.description.title} takes no ${dataType}.` };
  const projection = withKept(platform.project({ connectorId: row.id, settings, fields, permissionKeys, mapping, samePlatform }, dataType, record), memory ?? emptyMemory, isNew);
  const plan = planDelivery({ projection, consent: record.consent, permissionKeys: dataType === 'contacts' ? permissionKeys : {}, optInStrategy: settings.optInStrategy, memory, isNew, urgency: 'live' });
  return { ...plan, whole: projection.fields, takesAway: projection.onlyTakesAway !== undefined };
}
