import { ApiError, invalidState } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import type { Automation, AutomationRun } from '../state/automations.ts';
import type { Contact } from '../state/contact.ts';
import { requireKnownContact } from './contact.ts';
import { requireKnownProducts } from './product.ts';
import { bodyObject } from './request-body.ts';
import { readStartFields } from './start-fields.ts';
import type { StartFields } from './start-fields.ts';
import { optionalText, requiredText } from './values.ts';

/**
 * Automations of the newer module (contract 3.12). The contract gives the path of the trigger only; list and stop are
 * known to exist, and have paths and bodies here that follow those of campaigns: an assumption.
 */
export const automationOperations: readonly Operation[] = [
  { method: 'GET', path: 'automation/list', handle: listAutomations },
  { method: 'POST', path: 'automation/trigger/{triggerCode}', handle: triggerAutomations },
  { method: 'POST', path: 'automation/{automationId}/stop', handle: stopAutomation },
];

interface StartResult {
  readonly automationId: string;
  readonly result: 'OK' | 'AUTOMATION_INACTIVE' | 'PARTICIPATION_LIMIT_REACHED';
  readonly automationContactId?: string;
}

function listAutomations(call: Call): Reply {
  const automations = call.account.automations.all().map(({ automationId, name, active, triggerCodes }) => ({
    automationId, name, active, triggers: triggerCodes.map((triggerCode) => ({ triggerCode })),
  }));
  return { status: 200, body: automations };
}

function triggerAutomations(call: Call): Reply {
  const automations = call.account.automations.ofTrigger(call.path['triggerCode'] ?? '');
  if (automations.length === 0) return refused(404, 'TRIGGER_NOTFOUND');
  const body = bodyObject(call.body);
  const externalId = requiredText(body, 'externalContactId');
  const startFields = readStartFields(body['automationFields'], 'automationFields');
  requireKnownProducts(call, startFields.productIds);
  const contact = call.account.contacts.byExternalId(call.credential.externalIdField, externalId);
  if (contact === undefined) return refused(404, 'CONTACT_NOTFOUND');
  const automationResults = automations.map((automation) => start(call, automation, contact, startFields));
  if (!automationResults.some(({ result }) => result === 'OK')) return refused(417, 'NOT_TRIGGERED', { automationResults });
  call.notes.changed = true;
  call.notes.contacts.push(noteContact(externalId, 'automation started'));
  return { status: 200, body: { result: 'OK', automationResults } };
}

function refused(status: number, result: string, rest: object = {}): Reply {
  return { status, body: { result, ...rest }, refusal: result };
}

function start(call: Call, automation: Automation, contact: Contact, { fields }: StartFields): StartResult {
  const { account } = call;
  const { automationId, participationLimit } = automation;
  if (!automation.active) return { automationId, result: 'AUTOMATION_INACTIVE' };
  const runs = account.automations.runsOf(contact).filter((run) => run.automation === automation);
  if (participationLimit !== undefined && runs.length >= participationLimit) return { automationId, result: 'PARTICIPATION_LIMIT_REACHED' };
  const { automationContactId } = account.automations.start(automation, contact);
  account.starts.record({
    kind: 'automation', contact, target: automationId, atMs: account.nowMs(), credential: call.credential.key,
    detail: { name: automation.name, trigger: call.path['triggerCode'], automationContactId, fields },
  });
  return { automationId, result: 'OK', automationContactId };
}

function stopAutomation(call: Call): Reply {
  const { account } = call;
  const automation = account.automations.find(call.path['automationId'] ?? '');
  if (automation === undefined) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Automation not found');
  const running = runsToStop(call, automation);
  if (running.length === 0) throw invalidState('The automation does not run for this contact');
  for (const run of running) {
    run.running = false;
    account.starts.record({
      kind: 'automationStop', contact: run.contact, target: automation.automationId, atMs: account.nowMs(), credential: call.credential.key,
      detail: { name: automation.name, automationContactId: run.automationContactId },
    });
    call.notes.contacts.push(noteContact(run.contact.externalIds[call.credential.externalIdField] ?? '', 'automation stopped'));
  }
  call.notes.changed = true;
  return noContent;
}

/** One run by its `automationContactId`, or all runs of the contact that `externalContactId` names. */
function runsToStop(call: Call, automation: Automation): AutomationRun[] {
  const body = bodyObject(call.body);
  const runId = optionalText(body, 'automationContactId');
  const isMeant = ({ automation: own, running }: AutomationRun): boolean => running && own === automation;
  if (runId !== undefined) {
    return call.account.automations.runs().filter((run) => isMeant(run) && run.automationContactId === runId);
  }
  const contact = requireKnownContact(call, requiredText(body, 'externalContactId'));
  return call.account.automations.runsOf(contact).filter(isMeant);
}
