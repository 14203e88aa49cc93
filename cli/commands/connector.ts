import type { Command } from 'commander';
import type { ConnectorSummary, ConnectorView } from '../../gateway/connectors/connector-view.ts';
import type { ConnectorFieldsView } from '../../gateway/mapping/connector-fields.ts';
import type { AddedView, CheckView } from '../../gateway/routes/connectors.ts';
import type { PlatformView } from '../../gateway/routes/set-up.ts';
import { stockWarning } from '../../domain/presets/preset-choice.ts';
import { isPresetId } from '../../domain/presets/presets.ts';
import { run, type CommandContext } from '../context.ts';
import { gatherCredentials, givenCredentials } from '../credentials.ts';
import { FoundProblems, UsageError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { connectorText } from '../output/connector-text.ts';
import { fieldsText } from '../output/mapping-text.ts';
import { table } from '../output/table.ts';
import { collect, collectSetting } from '../settings-argument.ts';

interface AddOptions {
  readonly preset?: string;
  readonly id?: string;
  readonly name?: string;
  readonly set?: Record<string, unknown>;
  readonly credentialsFile?: string;
  readonly test?: boolean;
  readonly override?: boolean;
  readonly acceptLateFulfilment?: boolean;
  readonly skipCheck?: boolean;
}

interface SetOptions {
  readonly name?: string;
  readonly set?: Record<string, unknown>;
  readonly unset?: string[];
  readonly credentialsFile?: string;
  readonly credentials?: boolean;
  readonly skipCheck?: boolean;
}

/** `connector add|list|show|check|fields|set|remove`. */
export function addConnectorCommands(program: Command, io: CliIo): void {
  const connector = program.command('connector').description('add and look after connectors');
  connector.command('add <platform>').description('add a connector; the platform is asked before anything is stored')
    .option('--preset <preset>', 'which preset, where the platform has more than one')
    .option('--id <id>', 'its id; <platform>-<n> otherwise')
    .option('--name <name>', 'its name for people')
    .option('--set <name=value>', 'a setting; may be repeated', collectSetting)
    .option('--credentials-file <file>', 'a JSON file with the credentials')
    .option('--test', 'a test connector: may pull more often and with a lower margin')
    .option('--override', 'take another order than the onboarding page asks for')
    .option('--accept-late-fulfilment', 'e-fulfilment comes late, and its consequences are wanted')
    .option('--skip-check', 'store without asking the platform first')
    .addHelpText('after', `
\`hub platforms show <platform>\` lists the settings and credentials, \`hub presets\` what each preset moves.

  hub connector add mailplus --preset marketing-automation --credentials-file mailplus.json
  hub connector add coins --preset crm --set baseUrl=https://coins.example
  hub connector add custom --id shop-1 --set class=sales-channel --preset e-commerce-with-marketing-automation`)
    .action(run(io, add));
  connector.command('list').description('list connectors').option('--removed', 'removed ones too').action(run(io, list));
  connector.command('show <connector>').description('show a connector').action(run(io, show));
  connector.command('check <connector>').description('check that its platform answers and its permissions are linked').action(run(io, check));
  connector.command('fields <connector>').description('show the fields of its account').option('--refresh', 'read them from the platform first').action(run(io, fields));
  connector.command('set <connector>').description('change name, settings or credentials')
    .option('--name <name>', 'its name for people')
    .option('--set <name=value>', 'a setting; may be repeated', collectSetting)
    .option('--unset <name>', 'a setting that goes back to its default; may be repeated', collect)
    .option('--credentials', 'ask for new credentials')
    .option('--credentials-file <file>', 'a JSON file with new credentials')
    .option('--skip-check', 'store without asking the platform first')
    .action(run(io, set));
  connector.command('remove <connector>').description('remove a connector for good; what it brought in stays')
    .option('--yes', 'do not ask whether it is meant')
    .action(run(io, remove));
}

async function add(context: CommandContext, platformId: string, options: AddOptions): Promise<void> {
  const client = await context.client();
  const { platforms } = await client.get<{ platforms: PlatformView[] }>('/platforms');
  const platform = platforms.find((one) => one.id === platformId);
  if (platform === undefined) throw new UsageError(`There is no platform «${platformId}».`, `Choose one of: ${platforms.map((one) => one.id).join(', ')}.`);
  refuseSecretSettings(platform, options.set);
  checkChoice(platform, options);
  const { set: settings = {}, credentialsFile, ...rest } = options;
  const body = { platform: platformId, ...addFields(rest), settings, credentials: await gatherCredentials(context.io, platform, { credentialsFile }) };
  const added = await client.send<AddedView>('POST', '/connectors', body);
  context.print(added, () => addedText(context, added));
}

/** Before anybody is asked for credentials. Whether the preset fits the class, and what is there already, is for the gateway to say. */
function checkChoice({ title, classes, presets }: PlatformView, { preset, set: settings }: AddOptions): void {
  if (classes.length > 0 && settings?.['class'] === undefined) throw new UsageError(`A ${title.toLowerCase()} says first of what class it is.`, `Add --set class=…, one of: ${classes.join(', ')}.`);
  if (classes.length > 0) return;
  const choice = `Choose one with --preset: ${presets.join(', ')}.`;
  if (preset === undefined && presets.length > 1) throw new UsageError(`${title} has several presets.`, choice);
  if (preset !== undefined && !presets.includes(preset)) throw new UsageError(`${title} has no preset «${preset}».`, choice);
}

function addFields({ preset, id, name, test, override, acceptLateFulfilment, skipCheck }: AddOptions): object {
  return {
    ...(preset === undefined ? {} : { preset }), ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }),
    test: test ?? false, override: override ?? false, acceptLateFulfilment: acceptLateFulfilment ?? false, skipCheck: skipCheck ?? false,
  };
}

function addedText({ paint }: CommandContext, { connector, notes, warnings, sourceToken, started }: AddedView): string {
  return [
    `${paint.good('Added')} ${connector.id} (${connector.platform}, preset ${connector.preset}).`,
    ...notes,
    ...warnings.map((warning) => `${paint.warn('Warning:')} ${warning}`),
    ...(started ? [] : [`${paint.warn('Warning:')} Temporal did not answer; the connector starts when it does.`]),
    ...(sourceToken === undefined ? [] : [`It sends to:   ${connector.inboundUrl ?? ''}`, `with this token, which is shown only now: ${sourceToken}`]),
    ...(connector.temporalUi === null ? [] : [`Temporal UI: ${connector.temporalUi}`]),
  ].join('\n');
}

/** A secret given as a setting would stand in the shell's history and in the list of processes. */
function refuseSecretSettings(platform: PlatformView, settings: Readonly<Record<string, unknown>> = {}): void {
  const secret = platform.credentials.find((name) => name in settings);
  if (secret !== undefined) throw new UsageError(`«${secret}» is a credential and no setting.`, 'Use --credentials-file, the environment or the prompt, and replace the secret: it can be seen in the list of processes.');
}

async function list(context: CommandContext, options: { readonly removed?: boolean }): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ connectors: ConnectorSummary[] }>('/connectors', { removed: String(options.removed ?? false) });
  context.print(answer, () => (answer.connectors.length === 0
    ? 'There are no connectors. `hub onboarding` shows where to begin.'
    : table(['connector', 'name', 'platform', 'preset', 'state'], answer.connectors.map((one) => [one.test ? `${one.id} (test connector)` : one.id, one.name, one.platform, one.preset, one.state]))));
}

async function show(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const connector = await client.get<ConnectorView>(at`/connectors/${id}`);
  context.print(connector, () => connectorText(connector));
}

async function check(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const answer = await client.send<CheckView>('POST', at`/connectors/${id}/check`, {});
  context.print(answer, () => checkText(context, id, answer));
  if (!answer.ok) throw new FoundProblems();
}

function checkText({ paint }: CommandContext, id: string, { ok, notes, problems }: CheckView): string {
  return [ok ? `${paint.good('ok')}  ${id}` : `${paint.bad('not ok')}  ${id}`, ...notes, ...problems.map((one) => `${one.code}: ${one.message}\n  What to do: ${one.fix}`)].join('\n');
}

async function fields(context: CommandContext, id: string, { refresh = false }: { readonly refresh?: boolean }): Promise<void> {
  const client = await context.client();
  const answer = refresh ? await client.send<ConnectorFieldsView>('POST', at`/connectors/${id}/fields/refresh`, {}) : await client.get<ConnectorFieldsView>(at`/connectors/${id}/fields`);
  context.print(answer, () => fieldsText(context.paint, answer));
}

async function set(context: CommandContext, id: string, options: SetOptions): Promise<void> {
  const client = await context.client();
  const platform = await platformOf(client, id);
  refuseSecretSettings(platform, options.set);
  const { credentials: ask = false, credentialsFile } = options;
  const credentials = ask ? await gatherCredentials(context.io, platform, { credentialsFile })
    : credentialsFile === undefined ? {} : await givenCredentials(context.io, platform.credentials, { credentialsFile });
  const body = { ...(options.name === undefined ? {} : { name: options.name }), settings: options.set ?? {}, unset: options.unset ?? [], credentials, skipCheck: options.skipCheck ?? false };
  const answer = await client.send<{ connector: ConnectorView; warnings: string[] }>('PATCH', at`/connectors/${id}`, body);
  context.print(answer, () => [`${context.paint.good('Changed')} ${id}.`, ...waitingHint(answer.connector), ...answer.warnings.map((warning) => `${context.paint.warn('Warning:')} ${warning}`)].join('\n'));
}

/** New credentials alone do not end a wait: the failed calls are there to be looked at first. */
function waitingHint({ id, health }: ConnectorView): string[] {
  const waits = health.in.state !== 'ok' || health.out.state !== 'ok';
  return waits ? [`It still waits since its last failure. \`hub failed retry --connector ${id}\` makes it go on at once.`] : [];
}

async function platformOf(client: GatewayClient, id: string): Promise<PlatformView> {
  const connector = await client.get<ConnectorView>(at`/connectors/${id}`);
  const { platforms } = await client.get<{ platforms: PlatformView[] }>('/platforms');
  const platform = platforms.find((one) => one.id === connector.platform);
  if (platform === undefined) throw new UsageError(`The platform «${connector.platform}» of «${id}» is not part of this hub.`, 'Use a hub that has it.');
  return platform;
}

/** What else goes with it. */
async function warningBefore(client: GatewayClient, id: string): Promise<string> {
  const { connectors } = await client.get<{ connectors: ConnectorSummary[] }>('/connectors');
  const warning = stockWarning(id, connectors.flatMap(({ id: one, preset, phase }) => (isPresetId(preset) ? [{ id: one, preset, active: phase !== 'onboarding' && phase !== 'removed' }] : [])));
  return warning === '' ? '' : ` ${warning}`;
}

async function remove(context: CommandContext, id: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  const client = await context.client();
  const isAsked = context.io.interactive && !yes && !context.json;
  if (isAsked && !(await context.io.confirm(`Remove «${id}» for good? What it brought in stays; its credentials, schedules and tokens go.${await warningBefore(client, id)}`))) {
    throw new UsageError(`«${id}» was not removed.`, 'Answer with yes, or give --yes.');
  }
  const answer = await client.send<{ message: string }>('DELETE', at`/connectors/${id}`);
  context.print(answer, () => answer.message);
}
