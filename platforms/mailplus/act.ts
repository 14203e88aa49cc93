import { HubError } from '../../domain/errors.ts';
import type { ActionContact, ActionOutcome, PlatformAction, PlatformContext } from '../platform.ts';
import { automationStartSchema, automationStopSchema, campaignStopSchema, campaignTriggerSchema, conversionSchema, formSubmitSchema } from './action-kinds.ts';
import { audienceRemoveSchema, audienceReplaceSchema, removeAudience, replaceAudience } from './audiences.ts';
import { anonymiseContact, contactStatusSchema, inactivateContact } from './contact-status.ts';
import { listRemoveSchema, listReplaceSchema, removeList, replaceList } from './lists.ts';
import { postConversion, startAutomation, stopAutomation, stopCampaign, triggerCampaign } from './starts.ts';
import { submitForm } from './submit-form.ts';

/**
 * Carries out an action. Throws HubError INTERNAL for a kind or payload that the hub should not have made, PLATFORM_OUTCOME_UNKNOWN when one
 * that must not be repeated may have been carried out, and the errors of the connection when it was not.
 */
export async function act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome> {
  switch (action.kind) {
    case 'list.replace': return replaceList(context, payloadOf(listReplaceSchema, action));
    case 'list.remove': return removeList(context, payloadOf(listRemoveSchema, action));
    case 'campaign.trigger': return triggerCampaign(context, payloadOf(campaignTriggerSchema, action), contactOf(action));
    case 'campaign.stop': return stopCampaign(context, payloadOf(campaignStopSchema, action), contactOf(action));
    case 'automation.start': return startAutomation(context, payloadOf(automationStartSchema, action), contactOf(action));
    case 'automation.stop': return stopAutomation(context, payloadOf(automationStopSchema, action), contactOf(action));
    case 'form.submit': return submitForm(context, payloadOf(formSubmitSchema, action), action.contact);
    case 'conversion.post': return postConversion(context, payloadOf(conversionSchema, action));
    case 'audience.replace': return replaceAudience(context, payloadOf(audienceReplaceSchema, action), action.report);
    case 'audience.remove': return removeAudience(context, payloadOf(audienceRemoveSchema, action), action.report);
    case 'contact.anonymise': return anonymiseContact(context, payloadOf(contactStatusSchema, action));
    case 'contact.inactivate': return inactivateContact(context, payloadOf(contactStatusSchema, action));
    default: throw new HubError('INTERNAL', 'Mail+ has no action of this kind.', { operation: action.kind });
  }
}

/** The payload of an action by its schema. Throws HubError INTERNAL for another shape. */
export function payloadOf<Payload>(schema: { safeParse(value: unknown): { success: true; data: Payload } | { success: false } }, action: PlatformAction): Payload {
  const parsed = schema.safeParse(action.payload);
  if (!parsed.success) throw new HubError('INTERNAL', 'The payload of a Mail+ action has another shape.', { operation: action.kind });
  return parsed.data;
}

function contactOf({ kind, contact }: PlatformAction): ActionContact {
  if (contact === undefined) throw new HubError('INTERNAL', 'An action about a contact names none.', { operation: kind });
  return contact;
}
