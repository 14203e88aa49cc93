import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { activityTypes } from '../../domain/model/activity.ts';
import type { ActionOutcome, FeedEntry, PlatformAction, PlatformContext } from '../platform.ts';
import { refusalFacts, tell } from './deliver.ts';

/** All may be repeated: an entry has the same id each time. */
export const actionKinds = {
  'activity.create': { repeatable: true }, 'list.replace': { repeatable: true }, 'list.remove': { repeatable: true }, 'contact.anonymise': { repeatable: true },
} as const;

const activityPayload = z.object({
  externalId: z.string().min(1), type: z.enum(activityTypes), at: z.iso.datetime(), description: z.string(),
  url: z.string().optional(), campaignId: z.string().optional(), listId: z.string().optional(),
});
const listPayload = z.object({ listId: z.string().min(1), name: z.string(), memberExternalIds: z.array(z.string()) });
const personPayload = z.object({ externalId: z.string().min(1) });
const removalPayload = z.object({ listId: z.string().min(1) });

/** Tells the system of an activity of a contact, of a list, or that a person is to be erased: whether it does, only it knows. Repeatable. Throws HubError INTERNAL for an action that the hub should not have made. */
export async function act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome> {
  const entry = entryOfAction(action);
  const refusal = (await tell(context, [entry])).get(entry.key);
  if (refusal !== undefined) return { kind: 'refused', ...refusalFacts(refusal, []) };
  return action.kind === 'contact.anonymise' ? { kind: 'done', note: 'the system is told to erase the contact; it cannot be read back' } : { kind: 'done' };
}

function entryOfAction(action: PlatformAction): FeedEntry {
  const common = { key: action.cause, changes: [] };
  switch (action.kind) {
    case 'activity.create': {
      const data = { ...payloadOf(activityPayload, action), contactExternalId: action.target };
      return { ...common, dataType: 'activities', kind: 'happened', externalId: data.externalId, data, about: { dataType: 'contacts', externalId: action.target } };
    }
    case 'list.replace': {
      const { listId, name, memberExternalIds } = payloadOf(listPayload, action);
      return { ...common, dataType: 'lists', kind: 'upserted', externalId: listId, data: { name, members: memberExternalIds } };
    }
    case 'list.remove': return { ...common, dataType: 'lists', kind: 'deleted', externalId: payloadOf(removalPayload, action).listId, data: {} };
    case 'contact.anonymise': {
      const { externalId } = payloadOf(personPayload, action);
      return { ...common, dataType: 'contacts', kind: 'deleted', externalId, data: { erase: true } };
    }
    default: throw new HubError('INTERNAL', 'A custom system has no action of this kind.', { operation: action.kind });
  }
}

function payloadOf<Payload>(schema: z.ZodType<Payload>, { kind, payload }: PlatformAction): Payload {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new HubError('INTERNAL', `The payload of ${kind} for a custom system has another shape.`, { operation: kind, field: String(parsed.error.issues[0]?.path[0] ?? '') });
}
