import { inAccount } from '../../db/database.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { findConnector } from '../../db/repositories/connectors.ts';
import { takeTokens } from '../../db/repositories/rate-bucket.ts';
import { HubError } from '../../domain/errors.ts';
import type { PlatformContext } from '../../platforms/platform.ts';
import type { ServesForms, WebForm } from '../../platforms/web-forms.ts';
import { openCredentials } from '../connectors/credentials.ts';
import { loadConnector } from '../connectors/load-connector.ts';
import { platformContext } from '../connectors/platform-context.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';

/** Which form of which connector. */
export interface FormAddress {
  readonly connectorId: string;
  readonly form: string;
}

/** A form with what it needs to be answered. */
export interface LoadedForm {
  readonly form: WebForm;
  readonly context: PlatformContext;
  readonly platform: ServesForms;
}

/** How long a visitor is kept waiting for the platform. */
const patienceMs = 10_000;

/**
 * The form that a page may use with its token. Calls in its context take from the rate bucket of the credential, like those of workers.
 * Throws TOKEN_NOT_ALLOWED for the token of another connector, CONNECTOR_UNKNOWN, CONNECTOR_STATE, NOT_FOUND for a form that is not there,
 * and ORIGIN_NOT_ALLOWED for a page that the form is not for.
 */
export async function loadForm(deps: GatewayDependencies, caller: Caller, { connectorId, form: name }: FormAddress, origin: string | undefined): Promise<LoadedForm> {
  if (caller.connectorId !== connectorId) throw new HubError('TOKEN_NOT_ALLOWED', 'This token is for the forms of another connector.');
  const { row, platform, permissionKeys, fields } = await inAccount(deps.db, caller.accountId, (trx) => loadConnector(deps, trx, connectorId));
  const { webForm, searchForForm, subscribe } = platform;
  if (webForm === undefined || searchForForm === undefined || subscribe === undefined) throw unknownForm(name);
  const signal = AbortSignal.timeout(patienceMs);
  const plain = platformContext(deps, platform, { connectorId, settings: row.settings, credentials: openCredentials(deps.secrets, row), permissionKeys, fields, signal });
  const form = webForm(plain.settings, name);
  if (form === undefined) throw unknownForm(name);
  if (origin !== undefined && !form.origins.includes(origin)) throw new HubError('ORIGIN_NOT_ALLOWED');
  const { callsPerSecond } = platform.description;
  return { form, platform: { webForm, searchForForm, subscribe }, context: { ...plain, acquire: (cost) => takeTokens(deps.db, caller.accountId, row.credential_key, cost, callsPerSecond, signal) } };
}

function unknownForm(name: string): HubError {
  return new HubError('NOT_FOUND', `There is no form «${name}».`, { field: 'form', fix: 'Check the name; the forms stand in the setting `forms` of the connector.' });
}

/** Whether pages of an origin may call a form: for the browser's question, which comes without a token. Tells nothing else. */
export async function isFormOrigin(deps: GatewayDependencies, { connectorId, form }: FormAddress, origin: string): Promise<boolean> {
  const row = await findConnector(deps.db, connectorId);
  const platform = row === undefined || row.phase === 'removed' ? undefined : deps.platforms[row.platform];
  if (row === undefined || platform?.webForm === undefined) return false;
  const settings = platform.description.settings.safeParse(splitSettings(row.settings).platform);
  return settings.success && platform.webForm(settings.data, form)?.origins.includes(origin) === true;
}
