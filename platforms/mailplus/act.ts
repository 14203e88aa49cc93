import { HubError } from '../../domain/errors.ts';
import type { ActionOutcome, PlatformAction, PlatformContext } from '../platform.ts';
import { audienceRemoveSchema, audienceReplaceSchema, removeAudience, replaceAudience } from './audiences.ts';
import { listRemoveSchema, listReplaceSchema, removeList, replaceList } from './lists.ts';

/** Lists work from what Mail+ has, and who is in an audience already or no more stays so: a repeat does no harm. Not every licence has audiences. */
export const actionKinds = {
  'list.replace': { repeatable: true }, 'list.remove': { repeatable: true },
  'audience.replace': { repeatable: true, licensed: true }, 'audience.remove': { repeatable: true, licensed: true },
} as const;

/** Carries out an action. Throws HubError INTERNAL for a kind or payload that the hub should not have made. */
export async function act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome> {
  switch (action.kind) {
    case 'list.replace': return replaceList(context, payloadOf(listReplaceSchema, action));
    case 'list.remove': return removeList(context, payloadOf(listRemoveSchema, action));
    case 'audience.replace': return replaceAudience(context, payloadOf(audienceReplaceSchema, action), action.report);
    case 'audience.remove': return removeAudience(context, payloadOf(audienceRemoveSchema, action), action.report);
    default: throw new HubError('INTERNAL', 'Mail+ has no action of this kind.', { operation: action.kind });
  }
}

function payloadOf<Payload>(schema: { safeParse(value: unknown): { success: true; data: Payload } | { success: false } }, action: PlatformAction): Payload {
  const parsed = schema.safeParse(action.payload);
  if (!parsed.success) throw new HubError('INTERNAL', 'The payload of a Mail+ action has another shape.', { operation: action.kind });
  return parsed.data;
}
