import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { activityTypes } from '../../domain/model/activity.ts';
import type { ActionOutcome, PlatformAction, PlatformContext } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import { coinsActivities, isCoinsActivity } from './activity-map.ts';
import { postActivity, postTask } from './client.ts';
import { activitySchema, taskSchema } from './schema.ts';
import type { CoinsActivity } from './schema.ts';

/** Payload of `activity.create`: the activity with the hub's own `type`. */
export const activityPayloadSchema = activitySchema.extend({ type: z.enum(activityTypes) });

/** Payload of `activity.create` (`activityPayloadSchema`). */
export type ActivityPayload = z.infer<typeof activityPayloadSchema>;

/** The kinds of actions at Coins. Both may be sent again: Coins keeps one activity and one task per `externalId`. Not every licence has tasks. */
export const actionKinds = { 'activity.create': { repeatable: true }, 'task.create': { repeatable: true, licensed: true } } as const;

const longestUrl = 2_000;

function bodyOf(payload: ActivityPayload): CoinsActivity {
  const { type, url, description, ...rest } = payload;
  if (!isCoinsActivity(type)) throw new HubError('INTERNAL', `activities of type ${type} are never written to Coins`, { operation: 'activity.create' });
  const { coinsType, label } = coinsActivities[type];
  const usable = url !== undefined && /^https?:\/\//.test(url) && url.length <= longestUrl;
  return { ...rest, type: coinsType, description: description === '' ? label : description, ...(usable && { url }) };
}

function payloadOf<T>(schema: z.ZodType<T>, { kind, payload }: PlatformAction): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new HubError('INTERNAL', `the payload of ${kind} for Coins is not valid`, { operation: kind, field: String(parsed.error.issues[0]?.path[0] ?? '') });
}

function call(context: PlatformContext, action: PlatformAction): ReturnType<typeof postTask> {
  switch (action.kind) {
    case 'activity.create': return postActivity(context, action.target, bodyOf(payloadOf(activityPayloadSchema, action)));
    case 'task.create': return postTask(context, action.target, payloadOf(taskSchema, action));
    default: throw new HubError('INTERNAL', `Coins has no action ${action.kind}`, { operation: action.kind });
  }
}

/**
 * Writes one activity or one task to one prospect card. Repeatable.
 *
 * @throws HubError INTERNAL for an activity that is never written (an open, an unsubscribe) or a wrong payload;
 * any other for the connection
 */
export async function act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome> {
  const answer = await call(context, action);
  switch (answer.kind) {
    case 'stored': return { kind: 'done' };
    case 'moved': return answer;
    case 'gone': return { kind: 'refused', code: 'RECORD_GONE', message: 'Coins has no prospect with this id any more' };
    case 'unlicensed': return { kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: 'Coins has no tasks in this licence: the bounce stands on the card as an activity only' };
    default: return { kind: 'refused', code: 'RECORD_REFUSED', message: cleanWords(answer.message), platformCode: String(answer.status) };
  }
}
