import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import type { ActionStateView, AskedActionView, ContactStandingView } from '../../gateway/routes/actions.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { actionStateText, askedText, automationsText, campaignsText, formsText } from '../output/action-text.ts';
import { pairsOf } from '../pairs.ts';
import { findAutomation, findCampaign, listAutomations, listCampaigns, listForms, triggerOf } from './mailplus-catalogue.ts';
import { onlyConnector } from './mailplus-connector.ts';
import { readOperation } from './mailplus-read.ts';

interface ActionOptions {
  readonly connector?: string;
  readonly contact?: string;
  readonly cause?: string;
  readonly field?: readonly string[];
  readonly answer?: readonly string[];
  readonly run?: string;
  readonly postUrl?: string;
}

const contactHelp = `
A contact is record:12 (\`hub records find\` tells the number), id:P7 (its id in Mail+), coins-1:P7 (its id at another connector), or the number or id alone.
The cause says why: the same cause never has a second effect. Without --cause each call is one of its own.`;
const fieldHelp = `${contactHelp}
A field is name=value, name:url=https://… or name:products=1-10,1-11. «-» alone reads them from standard input, one a line.`;
/** Nobody sees a page that the hub itself submits. */
const postUrl = 'https://connect-hub.invalid/';

/** `mailplus campaigns|automations|forms|trigger|start|stop|form|action`. */
export function addActionCommands(mailplus: Command, io: CliIo): void {
  const command = (parent: Command, usage: string, description: string) => parent.command(usage).description(description).option('--connector <connector>', 'the connector of Mail+ to use; not needed when there is one');
  command(mailplus, 'campaigns', 'list campaigns with their triggers').action(run(io, async (context, options: ActionOptions) => list(context, options, 'campaigns', listCampaigns, campaignsText)));
  command(mailplus, 'automations', 'list automations with their triggers').action(run(io, async (context, options: ActionOptions) => list(context, options, 'automations', listAutomations, automationsText)));
  command(mailplus, 'forms', 'list forms').action(run(io, async (context, options: ActionOptions) => list(context, options, 'forms', listForms, formsText)));
  const act = (usage: string, description: string) => command(mailplus, usage, description).requiredOption('--contact <contact>', 'for whom').option('--cause <text>', 'why; the same cause never has a second effect');
  act('trigger <campaign> [trigger]', 'start a campaign for one contact').option('--field <name=value...>', 'what the messages need').addHelpText('after', fieldHelp).action(run(io, trigger));
  act('start <automation> [trigger]', 'start an automation for one contact').option('--field <name=value...>', 'what the messages need').addHelpText('after', fieldHelp).action(run(io, start));
  act('stop <automation>', 'stop an automation, or a campaign, for one contact').option('--run <run>', 'only this run of the automation').addHelpText('after', contactHelp).action(run(io, stop));
  command(mailplus, 'action <id>', 'show what became of an action').action(run(io, showAction));
  addFormCommands(command(mailplus, 'form', 'get a form, or submit one'), command, io);
}

function addFormCommands(form: Command, command: (parent: Command, usage: string, description: string) => Command, io: CliIo): void {
  command(form, 'get <form>', 'print a form as HTML, filled in for a contact').option('--contact <contact>', 'for whom').option('--post-url <address>', 'where the form is to post to', postUrl).action(run(io, getForm));
  command(form, 'submit <form>', 'submit a form, for a contact or for nobody').option('--contact <contact>', 'for whom').option('--answer <name=value...>', 'by the name of the input; several values of one input are given one by one')
    .option('--cause <text>', 'why; the same cause never has a second effect').addHelpText('after', `${contactHelp}\n«-» alone reads the answers from standard input, one a line: an argument can be seen in the list of processes.`)
    .action(run(io, submitForm));
}

async function list<Row>(context: CommandContext, { connector }: ActionOptions, name: string, read: (client: GatewayClient, connectorId: string) => Promise<readonly Row[]>, text: (rows: readonly Row[]) => string): Promise<void> {
  const client = await context.client();
  const rows = await read(client, connector ?? await onlyConnector(client));
  context.print({ [name]: rows }, () => text(rows));
}

async function trigger(context: CommandContext, campaign: string, name: string | undefined, options: ActionOptions): Promise<void> {
  const fields = await fieldsOf(context, options);
  const client = await context.client();
  const connectorId = options.connector ?? await onlyConnector(client);
  const found = triggerOf(await findCampaign(client, connectorId, campaign), name);
  await ask(context, client, connectorId, 'campaign.trigger', options, { trigger: found, ...fields });
}

async function start(context: CommandContext, automation: string, name: string | undefined, options: ActionOptions): Promise<void> {
  const fields = await fieldsOf(context, options);
  const client = await context.client();
  const connectorId = options.connector ?? await onlyConnector(client);
  const known = await findAutomation(client, connectorId, automation);
  if (known === undefined && name === undefined) throw new UsageError('Mail+ does not list its automations here.', 'Give the code of the trigger as well: Mail+ shows it at the automation.');
  await ask(context, client, connectorId, 'automation.start', options, { trigger: known === undefined ? name : triggerOf(known, name), ...fields });
}

/** What is a campaign's is stopped as one; everything else is taken for an automation. */
async function stop(context: CommandContext, given: string, options: ActionOptions): Promise<void> {
  const client = await context.client();
  const connectorId = options.connector ?? await onlyConnector(client);
  const campaign = (await listCampaigns(client, connectorId)).find(({ id, name }) => id === given || name === given);
  if (campaign !== undefined) return ask(context, client, connectorId, 'campaign.stop', options, { campaign: campaign.id });
  const automation = (await findAutomation(client, connectorId, given))?.id ?? given;
  return ask(context, client, connectorId, 'automation.stop', options, { automation, ...(options.run === undefined ? {} : { run: options.run }) });
}

async function getForm(context: CommandContext, form: string, { connector, contact, postUrl: address = postUrl }: ActionOptions): Promise<void> {
  const client = await context.client();
  const connectorId = connector ?? await onlyConnector(client);
  const encId = contact === undefined ? undefined : await encryptedIdOf(client, connectorId, contact);
  const page = await readOperation<{ readonly html?: string | null }>(client, connectorId, 'form.get', { formId: form, postUrl: address, ...(encId === undefined ? {} : { encId }) });
  context.print(page, () => page.html ?? 'Mail+ gave no page.');
}

async function encryptedIdOf(client: GatewayClient, connectorId: string, contact: string): Promise<string> {
  const { recordId, externalId, alternateId, problem } = await client.get<ContactStandingView>(at`/connectors/${connectorId}/contacts/${contact}`);
  if (alternateId !== null) return alternateId;
  if (externalId === null) throw new UsageError(`The contact (record ${recordId}) is not in Mail+${problem === null ? '' : `: ${problem}`}.`, 'Get the form without --contact.');
  const { encryptedId } = await readOperation<{ readonly encryptedId?: string }>(client, connectorId, 'contact.get', { externalId });
  if (encryptedId === undefined) throw new UsageError('Mail+ gives no encrypted id of this contact.', 'Get the form without --contact.');
  return encryptedId;
}

async function submitForm(context: CommandContext, form: string, options: ActionOptions): Promise<void> {
  const pairs = await pairsOf(context.io, options.answer ?? [], { none: 'Nothing is given to submit.', what: 'input of the form', example: '--answer email=ann@people.example' });
  const answers: Record<string, string[]> = {};
  for (const [name, value] of pairs) answers[name] = [...(answers[name] ?? []), value];
  const client = await context.client();
  await ask(context, client, options.connector ?? await onlyConnector(client), 'form.submit', options, { form, answers });
}

async function showAction(context: CommandContext, id: string, { connector }: ActionOptions): Promise<void> {
  const client = await context.client();
  const connectorId = connector ?? await onlyConnector(client);
  const state = await client.get<ActionStateView>(at`/connectors/${connectorId}/actions/${id}`);
  context.print(state, () => actionStateText(state));
}

async function ask(context: CommandContext, client: GatewayClient, connectorId: string, kind: string, { contact, cause = `cli/${randomUUID()}` }: ActionOptions, payload: object): Promise<void> {
  const asked = await client.send<AskedActionView>('POST', at`/connectors/${connectorId}/actions`, { kind, cause, payload, ...(contact === undefined ? {} : { target: contact }) });
  context.print(asked, () => askedText(asked));
}

async function fieldsOf({ io }: CommandContext, { field = [] }: ActionOptions): Promise<{ readonly fields?: readonly object[] }> {
  const pairs = await pairsOf(io, field, { what: 'field', example: '--field linktocart=https://shop.example/cart', twice: 'A field has one value: give it once.' });
  const fields = pairs.map(([name, value]) => {
    if (name.endsWith(':url')) return { name: name.slice(0, -':url'.length), type: 'URL', value };
    if (name.endsWith(':products')) return { name: name.slice(0, -':products'.length), type: 'PRODUCTLIST', values: value.split(',') };
    return { name, value };
  });
  return fields.length === 0 ? {} : { fields };
}
