import { z } from 'zod';
import { sentFields } from './campaign.ts';
import { operation } from './define.ts';
import { sentId } from './input.ts';
import { flag, id, list, neededId, nothing, text } from './wire.ts';

const situations = { 404: '404 at an assumed path' } as const;

/** What became of a start, for each automation of the trigger. `automationContactId` names the run; newer versions of Mail+ give it. */
const started = z.object({
  result: z.string().min(1),
  automationResults: list(z.object({ automationId: id, result: text, automationContactId: id })),
});

const whom = z.looseObject({ automationContactId: sentId.optional(), externalContactId: sentId.optional() })
  .refine((body) => body.automationContactId !== undefined || body.externalContactId !== undefined, { path: ['automationContactId'], message: 'has to be given, or externalContactId for all runs of a contact' });

/**
 * Automations, the newer module (contract §3.12). The vendor names listing and stopping without their paths: these are guesses, by
 * analogy with `campaign/list` and `campaign/{id}/stop`, and so are the names of the fields.
 */
export const automationOperations = {
  'automation.list': operation({
    name: 'automation.list', method: 'GET', path: '/automation/list', list: true, evidence: 'assumed', situations, about: 'automations with their triggers', input: () => z.strictObject({}),
    answer: () => z.array(z.object({ automationId: id, name: text, active: flag, triggerCode: id, triggers: list(z.object({ triggerCode: neededId, name: text })) })),
  }),
  'automation.trigger': operation({
    name: 'automation.trigger', method: 'POST', path: '/automation/trigger/{triggerCode}', idempotent: false, alsoAnswers: [404, 417], situations: { 417: '417 at an automation' },
    about: 'start the automations of a trigger for one contact, with their fields',
    input: () => z.strictObject({ triggerCode: sentId, body: z.looseObject({ externalContactId: sentId, automationFields: sentFields.optional() }) }), answer: () => started,
  }),
  'automation.stop': operation({
    name: 'automation.stop', method: 'POST', path: '/automation/{automationId}/stop', evidence: 'assumed', situations, about: 'stop one run of an automation, or those of one contact',
    input: () => z.strictObject({ automationId: sentId, body: whom }), answer: () => nothing,
  }),
};
