import { RefusedError, UsageError } from '../errors.ts';
import type { GatewayClient } from '../gateway-client.ts';
import { readOperation } from './mailplus-read.ts';

/** A trigger of a campaign or an automation. */
export interface TriggerRow {
  readonly id: string;
  readonly name: string;
}

/** A campaign or an automation. */
export interface StartableRow {
  readonly id: string;
  readonly name: string;
  readonly active: boolean | null;
  readonly triggers: readonly TriggerRow[];
}

/** A form. */
export interface FormRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
}

type Wire = Readonly<Record<string, unknown>>;

/** All campaigns, inactive ones too, with their external triggers. */
export async function listCampaigns(client: GatewayClient, connectorId: string): Promise<readonly StartableRow[]> {
  return (await readOperation<readonly Wire[]>(client, connectorId, 'campaign.list')).map((campaign) => startable(campaign, 'encryptedId', 'encryptedId'));
}

/** All automations with their triggers. */
export async function listAutomations(client: GatewayClient, connectorId: string): Promise<readonly StartableRow[]> {
  return (await readOperation<readonly Wire[]>(client, connectorId, 'automation.list')).map((automation) => {
    const row = startable(automation, 'automationId', 'triggerCode');
    const own = text(automation['triggerCode']);
    return own === '' || row.triggers.some(({ id }) => id === own) ? row : { ...row, triggers: [...row.triggers, { id: own, name: '' }] };
  });
}

/** All forms. */
export async function listForms(client: GatewayClient, connectorId: string): Promise<readonly FormRow[]> {
  return (await readOperation<readonly Wire[]>(client, connectorId, 'form.list')).map((form) => ({ id: text(form['id']), name: text(form['name']), kind: text(form['formSubType']), state: text(form['formState']) }));
}

/** The campaign with this id or name. Throws UsageError with those there are. */
export async function findCampaign(client: GatewayClient, connectorId: string, given: string): Promise<StartableRow> {
  return named(await listCampaigns(client, connectorId), given, 'campaign', '`hub mailplus campaigns` lists them.');
}

/** The automation with this id or name; `undefined` where Mail+ cannot list them, since that path is a guess. Throws UsageError with those there are. */
export async function findAutomation(client: GatewayClient, connectorId: string, given: string): Promise<StartableRow | undefined> {
  const all = await listAutomations(client, connectorId).catch((error: unknown) => {
    if (error instanceof RefusedError && error.answer.code === 'PLATFORM_REFUSED') return undefined;
    throw error;
  });
  return all === undefined ? undefined : named(all, given, 'automation', '`hub mailplus automations` lists them.');
}

/** The id of the trigger with this id or name, or of the only one there is. Throws UsageError with those there are. */
export function triggerOf({ name, triggers }: StartableRow, given: string | undefined): string {
  const chosen = given === undefined ? triggers : triggers.filter((trigger) => trigger.id === given || trigger.name === given);
  const [one, ...others] = chosen;
  if (one !== undefined && others.length === 0) return one.id;
  const there = triggers.length === 0 ? 'It has no external trigger, so that it cannot be started from outside.' : `There are: ${triggers.map((trigger) => `${trigger.id} (${trigger.name})`).join(', ')}.`;
  throw new UsageError(given === undefined ? `«${name}» has ${triggers.length === 0 ? 'no trigger' : 'more than one trigger'}.` : `«${name}» has no trigger «${given}», or several of this name.`, there);
}

function named(all: readonly StartableRow[], given: string, what: string, fix: string): StartableRow {
  const [one, ...others] = all.some(({ id }) => id === given) ? all.filter(({ id }) => id === given) : all.filter(({ name }) => name === given);
  if (one === undefined) throw new UsageError(`There is no ${what} «${given}».`, fix);
  if (others.length > 0) throw new UsageError(`There is more than one ${what} «${given}».`, `Give the id: ${[one, ...others].map(({ id }) => id).join(', ')}.`);
  return one;
}

function startable(wire: Wire, idField: string, triggerField: string): StartableRow {
  const triggers = Array.isArray(wire['triggers']) ? (wire['triggers'] as readonly Wire[]) : [];
  const { active } = wire;
  return {
    id: text(wire[idField]), name: text(wire['name']), active: active === true || active === 'true' ? true : active === false || active === 'false' ? false : null,
    triggers: triggers.map((trigger) => ({ id: text(trigger[triggerField]), name: text(trigger['name']) })),
  };
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
