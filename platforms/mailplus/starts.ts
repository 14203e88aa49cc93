import type { z } from 'zod';
import type { ActionContact, ActionOutcome, PlatformContext } from '../platform.ts';
import type { automationStartSchema, automationStopSchema, campaignStopSchema, campaignTriggerSchema, conversionSchema } from './action-kinds.ts';
import { startProblem } from './automation-result.ts';
import { tryCommand, tryOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';
import { refusalOutcome, refusedOutcome } from './refused-action.ts';
import { requireKey } from './shop-calls.ts';

/** Starts a campaign for a contact: one call, never repeated. */
export async function triggerCampaign(context: PlatformContext, { trigger, fields }: z.output<typeof campaignTriggerSchema>, { externalId }: ActionContact): Promise<ActionOutcome> {
  const operation = operations['campaign.trigger'];
  const body = { externalContactId: externalId, ...(fields === undefined ? {} : { campaignFields: fields }) };
  const refusal = await tryCommand(context, operation, { encryptedTriggerId: trigger, body });
  return refusal === undefined ? { kind: 'done' } : refusalOutcome(operation, refusal);
}

/** Stops a campaign for a contact. That it does not run for the contact is as good. */
export async function stopCampaign(context: PlatformContext, { campaign }: z.output<typeof campaignStopSchema>, { externalId }: ActionContact): Promise<ActionOutcome> {
  const operation = operations['campaign.stop'];
  const refusal = await tryCommand(context, operation, { encryptedCampaignId: campaign, body: { externalContactId: externalId } });
  if (refusal?.errorType === 'INVALID_STATE') return { kind: 'done', note: 'Mail+ says that the campaign does not run for this contact' };
  return refusal === undefined ? { kind: 'done' } : refusalOutcome(operation, refusal);
}

/** Starts the automations of a trigger for a contact: one call, never repeated. Done as soon as one of them was started; the note names the runs. */
export async function startAutomation(context: PlatformContext, { trigger, fields }: z.output<typeof automationStartSchema>, { externalId }: ActionContact): Promise<ActionOutcome> {
  const operation = operations['automation.trigger'];
  const body = { externalContactId: externalId, ...(fields === undefined ? {} : { automationFields: fields }) };
  const tried = await tryOperation(context, operation, { triggerCode: trigger, body });
  if (tried.refusal !== undefined) return refusalOutcome(operation, tried.refusal);
  const { answer } = tried;
  const problem = startProblem(answer);
  if (problem !== undefined) return refusedOutcome(problem);
  const runs = answer.automationResults.flatMap(({ automationContactId }) => (automationContactId === undefined ? [] : [automationContactId]));
  return { kind: 'done', ...(runs.length === 0 ? {} : { note: `started as ${runs.join(', ')}` }) };
}

/** Stops one run of an automation, or all of a contact. That none is under way is as good. */
export async function stopAutomation(context: PlatformContext, { automation, run }: z.output<typeof automationStopSchema>, { externalId }: ActionContact): Promise<ActionOutcome> {
  const operation = operations['automation.stop'];
  const body = run === undefined ? { externalContactId: externalId } : { automationContactId: run };
  const refusal = await tryCommand(context, operation, { automationId: automation, body });
  if (refusal?.errorType === 'INVALID_STATE') return { kind: 'done', note: 'Mail+ says that the automation does not run for this contact' };
  return refusal === undefined ? { kind: 'done' } : refusalOutcome(operation, refusal);
}

/** Tells of a shopping cart: one call, never repeated. */
export async function postConversion(context: PlatformContext, body: z.output<typeof conversionSchema>): Promise<ActionOutcome> {
  const operation = operations['conversion.insert'];
  const refusal = await tryCommand(context, operation, { body });
  if (refusal === undefined) return { kind: 'done' };
  await requireKey(context, operation, refusal);
  return refusalOutcome(operation, refusal);
}
