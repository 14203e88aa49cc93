import { Context } from '@temporalio/activity';
import type { Selectable } from 'kysely';
import { HubError } from '../domain/errors.ts';
import type { Mapping } from '../domain/mapping/mapping.ts';
import type { Db } from '../db/database.ts';
import { splitSettings, type HubSettings } from '../db/repositories/connector-settings.ts';
import { publishChanges } from '../db/repositories/feed/publish.ts';
import { newestMapping } from '../db/repositories/mapping/mappings.ts';
import { takeTokens } from '../db/repositories/rate-bucket.ts';
import type { ConnectorTable } from '../db/tables/connector.ts';
import { mappingOf } from '../platforms/connector-mapping.ts';
import { describedBy } from '../platforms/described.ts';
import type { Platform, PlatformContext, PlatformField, PlatformSettings } from '../platforms/platform.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** A connector with its platform, as activities need it. */
export interface LoadedConnector {
  readonly row: Selectable<ConnectorTable>;
  readonly platform: Platform;
  /** The platform's own settings, as stored. */
  readonly settings: PlatformSettings;
  /** The hub's settings of this connector. */
  readonly hubSettings: HubSettings;
  readonly accountSettings: { readonly matching: 'email' | 'phone'; readonly defaultCountry: string };
  readonly permissionKeys: Readonly<Record<string, string>>;
  readonly fields: readonly PlatformField[];
  /** When they were read, ISO instant; null: never. */
  readonly fieldsReadAt: string | null;
  /** The mapping in force; undefined where the platform has none. */
  readonly mapping: Mapping | undefined;
  /** Ids of all connectors that the account has or had to the same platform. */
  readonly samePlatform: ReadonlySet<string>;
}

/** Loads a connector. Throws HubError CONNECTOR_UNKNOWN. */
export async function loadConnector(deps: Pick<ActivityDependencies, 'db' | 'platforms'>, connectorId: string): Promise<LoadedConnector> {
  const row = await deps.db.selectFrom('connector').selectAll().where('id', '=', connectorId).executeTakeFirst();
  const known = row === undefined ? undefined : deps.platforms[row.platform];
  if (row === undefined || known === undefined) throw new HubError('CONNECTOR_UNKNOWN', `There is no connector ${connectorId}.`, { connectorId });
  const account = await deps.db.selectFrom('account').select('settings').where('id', '=', row.account_id).executeTakeFirstOrThrow();
  const fields = await deps.db.selectFrom('connector_field').select(['fields', 'discovered_at']).where('connector_id', '=', connectorId).executeTakeFirst();
  const siblings = await deps.db.selectFrom('connector').select('id').where('account_id', '=', row.account_id).where('platform', '=', row.platform).execute();
  const settings = splitSettings(row.settings);
  const platform = describedBy(known, settings.platform as PlatformSettings);
  const entries = platform.mapping === undefined ? undefined : await newestMapping(deps.db, connectorId);
  return {
    row, platform, settings: settings.platform as PlatformSettings, hubSettings: settings.hub, permissionKeys: await loadPermissionKeys(deps.db, connectorId),
    fields: (fields?.fields ?? []) as readonly PlatformField[], fieldsReadAt: fields?.discovered_at ?? null, samePlatform: new Set(siblings.map(({ id }) => id)),
    mapping: mappingOf(platform, settings.platform as PlatformSettings, entries?.entries ?? []),
    accountSettings: {
      matching: account.settings['matching'] === 'phone' ? 'phone' : 'email',
      defaultCountry: typeof account.settings['defaultCountry'] === 'string' ? account.settings['defaultCountry'] : 'GB',
    },
  };
}

/** Key in `held` of the address by which the platform finds things that carry no id of the hub; none where all carry one. */
export function addressKeyOf({ platform, settings, fields, mapping }: Pick<LoadedConnector, 'platform' | 'settings' | 'fields' | 'mapping'>): string | undefined {
  return platform.addressKey?.({ settings, fields, mapping });
}

/** Hub permission to the platform's key, as linked for this connector. */
export async function loadPermissionKeys(db: Db, connectorId: string): Promise<Record<string, string>> {
  const rows = await db.selectFrom('permission_link').select(['permission', 'platform_key']).where('connector_id', '=', connectorId).execute();
  return Object.fromEntries(rows.map((row) => [row.permission, row.platform_key]));
}

/** What a platform call gets: opened credentials, abort signal, rate bucket. Credentials stay in memory. */
export function platformContext(deps: ActivityDependencies, connector: LoadedConnector, signal: AbortSignal): PlatformContext {
  const { row } = connector;
  const credentials = JSON.parse(deps.secrets.open(row.credentials, `connector/${row.id}`)) as Record<string, string>;
  return {
    connectorId: row.id, settings: connector.settings, credentials, signal: forCalls(signal), now: deps.now, log: deps.log,
    permissionKeys: connector.permissionKeys, fields: connector.fields, mapping: connector.mapping,
    acquire: (cost) => takeTokens(deps.db, row.account_id, row.credential_key, cost, connector.platform.description.callsPerSecond, signal),
    publish: async (entries) => void (await publishChanges(deps.db, { accountId: row.account_id, connectorId: row.id }, entries)),
  };
}

/** The present activity's cancellation, joined with others. */
export function activitySignal(...others: readonly AbortSignal[]): AbortSignal {
  return AbortSignal.any([Context.current().cancellationSignal, ...others]);
}

const callSignals = new WeakMap<AbortSignal, AbortSignal>();

/**
 * The signal for calls that are under way: they are let finish when an attempt is cancelled, for breaking one off would leave its outcome
 * unknown, and they have a time limit of their own. Only the loss of the sender's lock (a HubError) breaks them off.
 */
function forCalls(signal: AbortSignal): AbortSignal {
  const known = callSignals.get(signal);
  if (known !== undefined) return known;
  const calls = new AbortController();
  const onAbort = (): void => {
    if (signal.reason instanceof HubError) calls.abort(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  callSignals.set(signal, calls.signal);
  return calls.signal;
}
