import { inAccount } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { updateConnector } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import { presetsFor } from '../../domain/presets/preset-choice.ts';
import { describedBy } from '../../platforms/described.ts';
import type { Platform, PlatformField, PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';
import type { Actor } from './add-connector.ts';
import { askBeforeStoring } from './ask-before-storing.ts';
import { checkCredentials, checkSettings } from './check-settings.ts';
import { openCredentials, sealCredentials } from './credentials.ts';
import { followMapping } from '../mapping/follow-settings.ts';
import { startRemap } from '../mapping/start-remap.ts';
import { requireOwnIds } from './id-field.ts';
import { linkPermissions, unlinkedError } from './link-permissions.ts';
import { loadConnector, type LoadedConnector } from './load-connector.ts';
import { platformContext } from './platform-context.ts';

/** What a person changes at a connector. What is not named stays. */
export interface ChangeConnectorRequest {
  readonly name?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Settings that go back to their default. */
  readonly unset: readonly string[];
  readonly credentials: Readonly<Record<string, string>>;
  /** Store without asking the platform first. */
  readonly skipCheck: boolean;
}

interface NewState {
  readonly settings: Record<string, unknown>;
  readonly credentials: Readonly<Record<string, string>>;
}

/**
 * Changes name, settings or credentials; the platform is asked with the new ones before they are stored.
 * Returns warnings. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, CONFIGURATION_INVALID, EXTERNAL_ID_SHARED, MAPPING_INVALID and REMAP_RUNNING for the defaults of the
 * mapping, and the platform's errors.
 */
export async function changeConnector(deps: GatewayDependencies & { readonly commands: ConnectorCommands }, actor: Actor, connectorId: string, request: ChangeConnectorRequest): Promise<{ readonly warnings: readonly string[] }> {
  const connector = await inAccount(deps.db, actor.accountId, (trx) => loadConnector(deps, trx, connectorId));
  const next = newState(deps, connector, request);
  const fields = await askPlatform(deps, actor, connector, { next, skipCheck: request.skipCheck });
  const { warnings, remaps } = await store(deps, actor, connector, { request, next, fields });
  await wake(deps, connectorId);
  if (remaps) await startRemap(deps, connectorId);
  return { warnings };
}

function newState(deps: GatewayDependencies, { row, platform }: LoadedConnector, request: ChangeConnectorRequest): NewState {
  const merged = Object.fromEntries(Object.entries({ ...row.settings, ...request.settings }).filter(([name]) => !request.unset.includes(name)));
  const settings = checkSettings(platform, merged, row.is_test);
  requirePreset(platform, row.preset, settings);
  return {
    settings,
    credentials: checkCredentials(platform, { ...openCredentials(deps.secrets, row), ...request.credentials }),
  };
}

/** A connector keeps its preset: a setting may not make of it something that has another one. */
function requirePreset(platform: Platform, preset: string, settings: Record<string, unknown>): void {
  if (platform.describe === undefined) return;
  const offered: readonly string[] = presetsFor(describedBy(platform, settings as PlatformSettings).description);
  if (!offered.includes(preset)) throw new HubError('CONFIGURATION_INVALID', `The setting «class»: the preset ${preset} of this connector belongs to another class. Add another connector for it.`, { field: 'settings.class' });
}

/** The fields that the platform shows with the new state; undefined when it is not to be asked. */
async function askPlatform(deps: GatewayDependencies, { accountId }: Actor, { row, platform, mappingEntries }: LoadedConnector, { next, skipCheck }: { readonly next: NewState; readonly skipCheck: boolean }): Promise<readonly PlatformField[] | undefined> {
  const signal = AbortSignal.timeout(deps.settings.checkTimeoutMs);
  const context = platformContext(deps, platform, { connectorId: row.id, ...next, permissionKeys: {}, fields: [], mappingEntries, signal });
  await requireOwnIds(deps, { accountId, platform, context }, { ask: false });
  if (skipCheck) return undefined;
  const { fields } = await askBeforeStoring(platform, context);
  await requireOwnIds(deps, { accountId, platform, context }, { ask: true });
  return fields;
}

interface Change {
  readonly request: ChangeConnectorRequest;
  readonly next: NewState;
  readonly fields: readonly PlatformField[] | undefined;
}

async function store(deps: GatewayDependencies, { accountId, who }: Actor, connector: LoadedConnector, { request, next, fields }: Change): Promise<{ readonly warnings: readonly string[]; readonly remaps: boolean }> {
  const { row } = connector;
  const { sealed, key } = sealCredentials(deps.secrets, { id: row.id, platform: row.platform, baseUrl: String(next.settings['baseUrl']) }, next.credentials);
  return inAccount(deps.db, accountId, async (trx) => {
    await updateConnector(trx, row.id, { ...(request.name === undefined ? {} : { name: request.name }), settings: next.settings, credentials: { sealed, key } });
    const remaps = await followMapping(trx, connector, { settings: next.settings, fields, at: new Date(deps.now()).toISOString() });
    const details = { settings: Object.keys(request.settings), unset: [...request.unset], credentials: Object.keys(request.credentials), checked: !request.skipCheck };
    await writeAudit(trx, { accountId, who, what: 'connector.changed', connectorId: row.id, details });
    const unlinked = await linkPermissions(trx, accountId);
    return { remaps, warnings: unlinked.filter(({ source, destination }) => source === row.id || destination === row.id).map((one) => unlinkedError(one).message) };
  });
}

async function wake(deps: GatewayDependencies & { readonly commands: ConnectorCommands }, connectorId: string): Promise<void> {
  try {
    await deps.commands.start(connectorId);
  } catch (error) {
    deps.log.warn({ connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow of a changed connector was not woken; the sweep does it');
  }
}
