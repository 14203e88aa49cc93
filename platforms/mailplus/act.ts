import { HubError } from '../../domain/errors.ts';
import type { ActionOutcome, PlatformAction, PlatformContext } from '../platform.ts';
import { anonymiseContact, contactStatusSchema, inactivateContact } from './contact-status.ts';
import { listRemoveSchema, listReplaceSchema, removeList, replaceList } from './lists.ts';

/** All work from what Mail+ has, so a repeat does no harm. */
export const actionKinds = {
  'list.replace': { repeatable: true }, 'list.remove': { repeatable: true }, 'contact.anonymise': { repeatable: true }, 'contact.inactivate': { repeatable: true },
} as const;

/** Carries out an action. Throws HubError INTERNAL for a kind or payload that the hub should not have made. */
export async function act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome> {
  switch (action.kind) {
    case 'list.replace': return replaceList(context, payloadOf(listReplaceSchema, action));
    case 'list.remove': return removeList(context, payloadOf(listRemoveSchema, action));
    case 'contact.anonymise': return anonymiseContact(context, payloadOf(contactStatusSchema, action));
    case 'contact.inactivate': return inactivateContact(context, payloadOf(contactStatusSchema, action));
    default: throw new HubError('INTERNAL', 'Mail+ has no action of this kind.', { operation: action.kind });
  }
}

function payloadOf<Payload>(schema: { safeParse(value: unknown): { success: true; data: Payload } | { success: false } }, action: PlatformAction): Payload {
  const parsed = schema.safeParse(action.payload);
  if (!parsed.success) throw new HubError('INTERNAL', 'The payload of a Mail+ action has another shape.', { operation: action.kind });
  return parsed.data;
}
