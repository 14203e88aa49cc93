import { sampleLinks } from '../../db/repositories/sample-links.ts';
import { listConnectors, type ConnectorRow } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import type { KeepsIds } from '../../platforms/keeps-ids.ts';
import type { Platform, PlatformContext } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { openCredentials } from './credentials.ts';

type Deps = Pick<GatewayDependencies, 'db' | 'secrets'>;

/** A connector that is there or is about to be: whose ids must stand in a field of their own. */
export interface IdKeeper {
  readonly accountId: string;
  readonly platform: Platform;
  readonly context: PlatformContext;
}

const samples = 3;

/**
 * Refuses a connector whose ids would stand in the same field of the same account as those of another one of this hub, whatever account of the hub
 * that belongs to: the same login, or a login that shows a thing of the other one under the same id. `ask`: the platform may be asked. Where neither
 * knows a thing yet nobody can tell; a later check does. Throws HubError EXTERNAL_ID_SHARED, and the platform's errors.
 */
export async function requireOwnIds(deps: Deps, keeper: IdKeeper, { ask }: { readonly ask: boolean }): Promise<void> {
  const { ids } = keeper.platform;
  if (ids === undefined) return;
  const others = (await listConnectors(deps.db)).filter((row) => row.platform === keeper.platform.description.id && row.id !== keeper.context.connectorId && isSameHost(row, keeper));
  for (const other of others) {
    const login = ids.loginName;
    if (openCredentials(deps.secrets, other)[login] === keeper.context.credentials[login]) throw shared(keeper, other, `uses this ${login} already`);
    if (ask && await showsSame(deps, ids, keeper.context, other.id)) throw shared(keeper, other, 'keeps its ids in the same field of the same account: a contact shows the id that it has there');
  }
}

async function showsSame(deps: Deps, ids: KeepsIds['ids'], context: PlatformContext, otherId: string): Promise<boolean> {
  const known = await sampleLinks(deps.db, otherId, samples);
  return known.length > 0 && (await ids.look(context, known)).isSame;
}

/** Where a login keeps the hub's ids, as far as the platform lets one see; and a problem where that is not what the setting says. */
export async function idFieldNotes(deps: Deps, { platform, context }: IdKeeper): Promise<{ readonly notes: readonly string[]; readonly problems: readonly HubError[] }> {
  if (platform.ids === undefined) return { notes: [], problems: [] };
  const said = context.settings['externalIdField'];
  const known = await sampleLinks(deps.db, context.connectorId, samples);
  const shown = known.length === 0 ? { isSame: false, fields: [] } : await platform.ids.look(context, known);
  if (typeof said === 'string') return judge(said, shown.fields, context.fields.length === 0 || context.fields.some(({ name }) => name === said));
  const where = shown.fields.length === 0 ? 'the account shows no field that holds them' : `they stand in ${shown.fields.map((name) => `«${name}»`).join(' or ')}`;
  return { notes: [`The field of the external ids is not noted (setting externalIdField); ${where}.`], problems: [] };
}

function judge(said: string, fields: readonly string[], isVisible: boolean): { readonly notes: readonly string[]; readonly problems: readonly HubError[] } {
  if (fields.includes(said)) return { notes: [`The external ids stand in «${said}», as the setting externalIdField says.`], problems: [] };
  if (fields.length === 0 || !isVisible) return { notes: [`The external ids stand in «${said}» by the setting externalIdField; the account does not show it, so that it cannot be compared.`], problems: [] };
  const message = `The setting externalIdField says «${said}», but the ids of the hub stand in ${fields.map((name) => `«${name}»`).join(' or ')}.`;
  return { notes: [], problems: [new HubError('CONFIGURATION_INVALID', message, { field: 'settings.externalIdField' })] };
}

function isSameHost({ settings }: ConnectorRow, { context }: IdKeeper): boolean {
  return hostOf(settings['baseUrl']) === hostOf(context.settings.baseUrl);
}

const hostOf = (url: unknown): string => (typeof url === 'string' && URL.canParse(url) ? new URL(url).host : '');

function shared({ accountId, platform, context }: IdKeeper, other: ConnectorRow, how: string): HubError {
  const name = other.account_id === accountId ? `«${other.id}»` : 'A connector of another account of this hub';
  const message = `${name} ${how}. Two connectors that write one field of external ids overwrite each other's, and contacts get mixed up.`;
  return new HubError('EXTERNAL_ID_SHARED', message, { connectorId: context.connectorId, field: `credentials.${platform.ids?.loginName ?? ''}` });
}
