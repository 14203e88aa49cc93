import { inAccount, type Db } from '../../db/database.ts';
import { saveDiscovery } from '../../db/repositories/mapping/save-discovery.ts';
import type { Mapping } from '../../domain/mapping/mapping.ts';
import type { HubError } from '../../domain/errors.ts';
import type { Platform, PlatformContext, PlatformField } from '../../platforms/platform.ts';
import { toHubError } from '../http/to-hub-error.ts';
import { openCredentials } from './credentials.ts';
import { startRemap, type RemapDependencies } from '../mapping/start-remap.ts';
import { idFieldNotes, requireOwnIds, type IdKeeper } from './id-field.ts';
import { userNameAdvice } from './user-name-advice.ts';
import { linkPermissions, unlinkedError } from './link-permissions.ts';
import { loadConnector } from './load-connector.ts';
import { platformContext } from './platform-context.ts';

/** What a platform said when it was asked. */
export interface PlatformSurvey {
  readonly notes: readonly string[];
  readonly fields: readonly PlatformField[];
}

/**
 * Asks a platform whether it can be reached and which fields it has. The context knows no fields and links, so that what the hub
 * remembers never hides what the platform has now. Throws the platform's HubErrors.
 */
export async function surveyPlatform(platform: Platform, context: PlatformContext): Promise<PlatformSurvey> {
  const { notes, fields: seen } = await platform.checkConnection(context);
  const fields = seen ?? await platform.discoverFields?.(context);
  return { notes, fields: fields ?? [] };
}

/** What came out of a check. */
export interface ConnectorCheck {
  readonly ok: boolean;
  readonly notes: readonly string[];
  readonly problems: readonly HubError[];
}

/**
 * Checks a connector: the platform answers, its fields are discovered again, and every permission has its counterpart.
 * Throws CONNECTOR_UNKNOWN and CONNECTOR_STATE; what the platform says comes back as problems.
 */
export async function checkConnector(deps: RemapDependencies, accountId: string, connectorId: string): Promise<ConnectorCheck> {
  const { db } = deps;
  const connector = await inAccount(db, accountId, (trx) => loadConnector(deps, trx, connectorId));
  try {
    const context = platformContext(deps, connector.platform, {
      connectorId,
      settings: connector.row.settings,
      credentials: openCredentials(deps.secrets, connector.row),
      permissionKeys: {},
      fields: [],
      mappingEntries: connector.mappingEntries,
      signal: AbortSignal.timeout(deps.settings.checkTimeoutMs),
    });
    const survey = await surveyPlatform(connector.platform, context);
    const { problems, remaps } = await storeSurvey(db, { accountId, connectorId, at: new Date(deps.now()).toISOString() }, survey, context.mapping);
    if (remaps) await startRemap(deps, connectorId);
    const ids = await checkIds(deps, { accountId, platform: connector.platform, context: { ...context, fields: survey.fields } });
    const advice = await userNameAdvice(db, accountId, connector);
    const all = [...problems, ...ids.problems];
    return { ok: all.length === 0, notes: [...survey.notes, ...ids.notes, ...advice], problems: all };
  } catch (error) {
    return { ok: false, notes: [], problems: [toHubError(error)] };
  }
}

/** Whether the connector keeps its ids in a field of its own, and in which. */
async function checkIds(deps: RemapDependencies, keeper: IdKeeper): Promise<{ readonly notes: readonly string[]; readonly problems: readonly HubError[] }> {
  const { notes, problems } = await idFieldNotes(deps, keeper);
  try {
    await requireOwnIds(deps, keeper, { ask: true });
    return { notes, problems };
  } catch (error) {
    return { notes, problems: [...problems, toHubError(error)] };
  }
}

interface StoredSurvey { readonly problems: readonly HubError[]; readonly remaps: boolean }

async function storeSurvey(db: Db, to: { readonly accountId: string; readonly connectorId: string; readonly at: string }, survey: PlatformSurvey, mapping: Mapping | undefined): Promise<StoredSurvey> {
  return inAccount(db, to.accountId, async (trx) => {
    const found = survey.fields.length > 0 ? await saveDiscovery(trx, { ...to, fields: survey.fields }, mapping) : undefined;
    const unlinked = await linkPermissions(trx, to.accountId);
    return { remaps: found?.remaps ?? false, problems: unlinked.filter(({ source, destination }) => source === to.connectorId || destination === to.connectorId).map(unlinkedError) };
  });
}
