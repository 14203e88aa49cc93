import { createToken } from '../../config/access-token.ts';
import { inAccount, type Trx } from '../../db/database.ts';
import { findAccount } from '../../db/repositories/accounts.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { saveConnectorFields } from '../../db/repositories/connector-fields.ts';
import { insertConnector, listConnectors } from '../../db/repositories/connectors.ts';
import { insertToken } from '../../db/repositories/tokens.ts';
import { HubError } from '../../domain/errors.ts';
import { presetOf, type PresetId } from '../../domain/presets/presets.ts';
import { describedBy } from '../../platforms/described.ts';
import type { Platform, PlatformContext, PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';
import { checkTurn, chooseId, choosePreset } from './admission.ts';
import { askBeforeStoring } from './ask-before-storing.ts';
import type { PlatformSurvey } from './check-connector.ts';
import { checkCredentials, checkSettings, settingNames } from './check-settings.ts';
import { sealCredentials } from './credentials.ts';
import { requireOwnIds } from './id-field.ts';
import { linkPermissions, unlinkedError } from './link-permissions.ts';
import { requirePlatform } from './load-connector.ts';
import { platformContext } from './platform-context.ts';

/** What a person asks for when adding a connector. */
export interface AddConnectorRequest {
  readonly platform: string;
  readonly preset?: string | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
  /** A test connector: may pull more often and with a lower margin. */
  readonly test: boolean;
  /** Take another order than the onboarding page asks for. */
  readonly override: boolean;
  /** E-fulfilment comes late, and its consequences are wanted. */
  readonly acceptLateFulfilment: boolean;
  /** Store without asking the platform first. */
  readonly skipCheck: boolean;
}

/** Who adds a connector, and to which account. */
export interface Actor {
  readonly accountId: string;
  readonly who: string;
}

/** What came of it. `sourceToken` is shown here only. */
export interface AddedConnector {
  readonly id: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly sourceToken?: string;
  readonly started: boolean;
}

/** A request that passed all checks that need no outside system. */
interface Draft {
  readonly id: string;
  readonly platform: Platform;
  readonly preset: PresetId;
  readonly settings: Record<string, unknown>;
  readonly credentials: Readonly<Record<string, string>>;
  readonly request: AddConnectorRequest;
}

/**
 * Adds a connector: everything is checked and the platform asked before anything is stored; then connector, fields, permission links,
 * source token and audit are one transaction, and its workflow starts. When Temporal is away the connector is stored all the
 * same (`started: false`): the sweep starts it.
 * Throws REQUEST_INVALID, PRESET_REFUSED, ONBOARDING_ORDER, CONFIGURATION_INVALID, CONNECTOR_EXISTS, EXTERNAL_ID_SHARED and the platform's errors.
 */
export async function addConnector(deps: GatewayDependencies & { readonly commands: ConnectorCommands }, actor: Actor, request: AddConnectorRequest): Promise<AddedConnector> {
  const draft = await checkRequest(deps, actor, request);
  const survey = await surveyFor(deps, actor, draft);
  const sourceToken = draft.platform.receive === undefined ? undefined : createToken();
  const warnings = await inAccount(deps.db, actor.accountId, async (trx) => {
    await store(deps, trx, actor, draft, survey);
    if (sourceToken !== undefined) await insertToken(trx, { accountId: actor.accountId, connectorId: draft.id, name: `source ${draft.id}`, role: 'source', hash: sourceToken.hash });
    const unlinked = await linkPermissions(trx, actor.accountId);
    return unlinked.filter((one) => one.source === draft.id || one.destination === draft.id).map((one) => unlinkedError(one).message);
  });
  return {
    id: draft.id,
    notes: [...survey.notes, ...presetOf(draft.preset).notes],
    warnings: [...warnings, ...testWarning(request)],
    ...(sourceToken === undefined ? {} : { sourceToken: sourceToken.token }),
    started: await start(deps, draft.id),
  };
}

async function checkRequest(deps: GatewayDependencies, actor: Actor, request: AddConnectorRequest): Promise<Draft> {
  const known = requirePlatform(deps, request.platform);
  const checked = () => withAccountDefaults(deps, actor, known, request.settings).then((settings) => checkSettings(known, settings, request.test));
  const platform = known.describe === undefined ? known : describedBy(known, (await checked()) as PlatformSettings);
  const existing = await inAccount(deps.db, actor.accountId, (trx) => listConnectors(trx));
  const preset = choosePreset(platform, request.preset, existing);
  checkTurn(existing, preset, { override: request.override, acceptLateFulfilment: request.acceptLateFulfilment });
  const id = await chooseId(deps.db, platform.description.id, request.id);
  if (existing.some((row) => row.id === id)) throw new HubError('CONNECTOR_EXISTS', `There is already a connector «${id}».`, { field: 'id' });
  return { id, platform, preset, settings: await checked(), credentials: checkCredentials(platform, request.credentials), request };
}

/** The account's country of phone numbers, where the platform has such a setting and none is given. */
async function withAccountDefaults(deps: GatewayDependencies, { accountId }: Actor, platform: Platform, settings: AddConnectorRequest['settings']): Promise<AddConnectorRequest['settings']> {
  if ('defaultCountry' in settings || !settingNames(platform).includes('defaultCountry')) return settings;
  const account = await inAccount(deps.db, accountId, (trx) => findAccount(trx, accountId));
  const country = account?.settings.defaultCountry ?? null;
  return country === null ? settings : { ...settings, defaultCountry: country };
}

/** The same login needs no question; the rest is seen only with one. */
async function surveyFor(deps: GatewayDependencies, { accountId }: Actor, draft: Draft): Promise<PlatformSurvey> {
  const { platform, request: { skipCheck } } = draft;
  const context = contextOf(deps, draft);
  await requireOwnIds(deps, { accountId, platform, context }, { ask: false });
  if (skipCheck) return { notes: [], fields: [] };
  const survey = await askBeforeStoring(platform, context);
  await requireOwnIds(deps, { accountId, platform, context }, { ask: true });
  return survey;
}

function contextOf(deps: GatewayDependencies, draft: Draft): PlatformContext {
  return platformContext(deps, draft.platform, {
    connectorId: draft.id,
    settings: draft.settings,
    credentials: draft.credentials,
    permissionKeys: {},
    fields: [],
    signal: AbortSignal.timeout(deps.settings.checkTimeoutMs),
  });
}

async function store(deps: GatewayDependencies, trx: Trx, { accountId, who }: Actor, draft: Draft, survey: PlatformSurvey): Promise<void> {
  const { id, platform, preset, settings, request } = draft;
  const at = new Date(deps.now()).toISOString();
  const login = sealCredentials(deps.secrets, { id, platform: platform.description.id, baseUrl: String(settings['baseUrl']) }, draft.credentials);
  const inserted = await insertConnector(trx, {
    id, account_id: accountId, platform: platform.description.id, class: presetOf(preset).connectorClass, preset,
    name: request.name ?? id, settings: JSON.stringify(settings), credentials: login.sealed, credential_key: login.key,
    is_test: request.test, phase: 'onboarding', activated_at: at,
  });
  if (!inserted) throw new HubError('CONNECTOR_EXISTS', `There is already a connector «${id}».`, { field: 'id' });
  if (survey.fields.length > 0) await saveConnectorFields(trx, { accountId, connectorId: id, fields: survey.fields, at });
  await writeAudit(trx, { accountId, who, what: 'connector.added', connectorId: id, details: { platform: platform.description.id, preset, settings: Object.keys(request.settings), test: request.test, override: request.override, checked: !request.skipCheck } });
}

function testWarning(request: AddConnectorRequest): readonly string[] {
  return request.test ? ['This is a test connector: it may pull more often and with a lower margin than a real one.'] : [];
}

async function start(deps: GatewayDependencies & { readonly commands: ConnectorCommands }, connectorId: string): Promise<boolean> {
  try {
    await deps.commands.start(connectorId);
    return true;
  } catch (error) {
    deps.log.warn({ connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow of a new connector was not started; the sweep starts it');
    return false;
  }
}
