import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { sendOperation } from './call-operation.ts';
import type { PropertyPlan } from './mapping.ts';
import { operations } from './operations/index.ts';
import { wireContactSchema } from './schema.ts';

/**
 * Looks at contacts that were refused because of their address or because they «exist already», although Mail+ knows them by our id: when
 * Mail+ shows another contact with that id (by its encrypted id), somebody moved the id, and the outcome says so. One call for each such contact;
 * none where nothing of the kind was refused.
 */
export async function findSwitched(context: PlatformContext, plan: PropertyPlan, items: readonly DeliveryItem[], outcomes: readonly DeliveryOutcome[]): Promise<readonly DeliveryOutcome[]> {
  const judged = [...outcomes];
  for (const [index, item] of items.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || item.alternateId === undefined || !isSuspicious(plan, item, outcome)) continue;
    const switchedTo = await otherHolder(context, item.externalId, item.alternateId);
    if (switchedTo !== undefined) judged[index] = { kind: 'refused', code: 'CONTACT_SWITCHED', message: 'Mail+ has the id of this contact at another one.', switchedTo };
  }
  return judged;
}

function isSuspicious(plan: PropertyPlan, { isNew, identity }: DeliveryItem, outcome: DeliveryOutcome): boolean {
  if (outcome.kind !== 'refused' || isNew || Object.keys(identity).length > 0) return false;
  return outcome.platformCode === 'CONTACT_ALREADY_EXISTS' || (outcome.field !== undefined && outcome.field === (plan.targets.get('email') ?? 'email'));
}

/** The encrypted id of the contact that has the id, when it is another one. A refused read says nothing. */
async function otherHolder(context: PlatformContext, externalId: string, encryptedId: string): Promise<string | undefined> {
  const { refusal, body } = await sendOperation(context, operations['contact.get'], { externalId });
  const found = refusal === undefined ? wireContactSchema.safeParse(body).data?.encryptedId : undefined;
  return found === encryptedId ? undefined : found;
}
