import type { Selectable } from 'kysely';
import { z } from 'zod';
import { HubError } from '../domain/errors.ts';
import { listContent, rememberListName } from '../db/repositories/lists.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import type { ActionContact, PlatformAction } from '../platforms/platform.ts';
import { cartPayload, isCartAction } from './cart-actions.ts';
import { askedPayload } from './asked-actions.ts';
import { audiencePayload, audienceRemoval } from './audience-actions.ts';
import { contactStatusPayload } from './contact-actions.ts';
import type { DeliveryRun } from './delivery-run.ts';
import { taskPayload } from './task-actions.ts';

type Action = Selectable<ActionTable>;

/** How often a list looks whether its members have arrived while other deliveries go out. */
const lookAgainMs = 5_000;
const listPayload = z.object({ sourceConnectorId: z.string(), listId: z.string(), syncId: z.string() });

/** What the platform gets; or that it is not needed any more, and why; or that the action has to wait. */
export type ActionPayload = { readonly payload: unknown; readonly contact?: ActionContact; readonly report?: NonNullable<PlatformAction['report']> } | { readonly superseded: string } | ActionRefusal | 'waits';

/** It cannot be carried out, for a reason that the hub knows without asking. */
export interface ActionRefusal {
  readonly refused: { readonly code: 'RECORD_REFUSED' | 'RECORD_OPTED_OUT' | 'RECORD_GONE' | 'PLATFORM_NOT_LICENSED'; readonly message: string };
}

/** What the platform gets for an action; lists are named after the connector that they come from. Throws HubError INTERNAL when a list action names no list. */
export async function payloadOf(run: DeliveryRun, action: Action): Promise<ActionPayload> {
  if (action.kind === 'list.replace' || action.kind === 'audience.replace') return replacePayload(run, action);
  if (action.kind === 'audience.remove') return audienceRemoval(run, listOf(run, action), listName(listOf(run, action)));
  if (action.kind === 'task.create') return taskPayload(run, action);
  if (isCartAction(action)) return cartPayload(run, action);
  const asked = run.connector.platform.actionKinds?.[action.kind]?.asked;
  if (asked !== undefined) return askedPayload(run, action, asked);
  if (action.kind === 'contact.anonymise' || action.kind === 'contact.inactivate') return contactStatusPayload(run, action);
  return { payload: action.kind === 'list.remove' ? { listId: listName(listOf(run, action)) } : action.payload };
}

/** Remembers under which name a list was written, so that a mailing to it leads back to its campaign. */
export async function rememberName(run: DeliveryRun, action: Action, payload: unknown, givenName: string | undefined): Promise<void> {
  const asked = listOf(run, action);
  const name = givenName ?? z.object({ name: z.string() }).parse(payload).name;
  await rememberListName(run.deps.db, { connectorId: asked.sourceConnectorId, listId: asked.listId, syncId: asked.syncId }, name);
}

function listOf(run: DeliveryRun, action: Action): z.infer<typeof listPayload> {
  const asked = listPayload.safeParse(action.payload);
  if (!asked.success) throw new HubError('INTERNAL', 'A list action has no list.', { connectorId: run.scope.connectorId });
  return asked.data;
}

const listName = ({ sourceConnectorId, listId }: z.infer<typeof listPayload>) => `${sourceConnectorId}.${listId}`;

/** The members of a selection at this destination; it waits while some of them are still on their way. */
async function replacePayload(run: DeliveryRun, action: Action): Promise<ActionPayload> {
  const asked = listOf(run, action);
  const content = await listContent(run.deps.db, run.scope.connectorId, asked.sourceConnectorId, asked.listId, asked.syncId);
  if (!content.isCurrent) return { superseded: 'a newer sync of the list took its place' };
  if (content.isWaiting) {
    run.holds.set(action.target, { until: run.deps.now() + lookAgainMs, forDeliveries: true });
    return 'waits';
  }
  if (action.kind === 'audience.replace') return audiencePayload(run, asked, listName(asked), content);
  return { payload: { listId: listName(asked), syncId: asked.syncId, name: content.name, memberExternalIds: content.memberIds } };
}
