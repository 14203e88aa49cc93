import { z } from 'zod';
import type { ActionKind } from '../platform.ts';
import { sentFields } from './operations/campaign.ts';
import { sentCents, sentId, sentIds, sentText } from './operations/input.ts';

/** `campaign.trigger`: the encrypted id of an external trigger, as `campaign.list` gives it, with the campaign's fields. */
export const campaignTriggerSchema = z.strictObject({ trigger: sentId, fields: sentFields.optional() });
/** `campaign.stop`: the encrypted id of a campaign. */
export const campaignStopSchema = z.strictObject({ campaign: sentId });
/** `automation.start`: the code of a trigger, with the automation's fields. */
export const automationStartSchema = z.strictObject({ trigger: sentId, fields: sentFields.optional() });
/** `automation.stop`: the automation, and one run of it where not all of the contact are meant. */
export const automationStopSchema = z.strictObject({ automation: sentId, run: sentId.optional() });
/** `form.submit`: answers by the name of the form's input. No page is shown to anybody, so that `postUrl` rarely matters. */
export const formSubmitSchema = z.strictObject({
  form: sentId, answers: z.record(z.string().min(1), z.array(z.string())), postUrl: sentText.default('https://connect-hub.invalid/'),
});
/** `conversion.post`: a shopping cart that a link of a message led to, in the contract's own terms (§3.16). */
export const conversionSchema = z.strictObject({
  mailplusId: sentText, type: z.enum(['CREATE_SHOPPINGCART', 'CONVERT_SHOPPINGCART']), value: sentCents.optional(), products: sentIds.optional(),
  interactionDate: z.iso.datetime({ offset: true, error: 'is no date with an offset: give ISO 8601 as 2026-05-01T10:00:00+02:00' }),
});

/**
 * The kinds of actions at Mail+. Lists work from what Mail+ has, and who is in an audience already or no more stays so: a repeat does no harm. Not every
 * licence has audiences. A stop that comes twice finds nothing to stop.
 * The others have an effect each time they arrive: what becomes of one whose outcome is lost says `find-effect.ts`.
 */
export const actionKinds = {
  'list.replace': { repeatable: true },
  'list.remove': { repeatable: true },
  'contact.anonymise': { repeatable: true },
  'contact.inactivate': { repeatable: true },
  'audience.replace': { repeatable: true, licensed: true },
  'audience.remove': { repeatable: true, licensed: true },
  'campaign.trigger': { repeatable: false, asked: { what: 'the campaign was started', contact: 'needed', reachesOut: true, payload: campaignTriggerSchema } },
  'campaign.stop': { repeatable: true, asked: { what: 'the campaign was stopped', contact: 'needed', reachesOut: false, payload: campaignStopSchema } },
  'automation.start': { repeatable: false, asked: { what: 'the automation was started', contact: 'needed', reachesOut: true, payload: automationStartSchema } },
  'automation.stop': { repeatable: true, asked: { what: 'the automation was stopped', contact: 'needed', reachesOut: false, payload: automationStopSchema } },
  'form.submit': { repeatable: false, asked: { what: 'the form was submitted', contact: 'optional', reachesOut: false, payload: formSubmitSchema } },
  'conversion.post': { repeatable: false, licensed: true, asked: { what: 'the conversion was counted', contact: 'none', reachesOut: false, payload: conversionSchema } },
} as const satisfies Readonly<Record<string, ActionKind>>;
