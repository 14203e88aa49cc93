import type { Selectable } from 'kysely';
import { z } from 'zod';
import { assignTask, caseOfTask } from '../db/repositories/bounces/tasks.ts';
import { unlicensedReason } from '../db/repositories/deliver/licence.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import { HubError } from '../domain/errors.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActionPayload } from './list-actions.ts';

const taskPayloadSchema = z.object({ caseId: z.number(), externalId: z.string(), assignee: z.string().optional(), subject: z.string(), description: z.string() });

/**
 * What the platform gets for a task. One of which the case is resolved meanwhile is not needed any more; one that names nobody gets the
 * owner that the card has by now. Throws HubError INTERNAL for a payload that is none.
 */
export async function taskPayload(run: DeliveryRun, action: Selectable<ActionTable>): Promise<ActionPayload> {
  const parsed = taskPayloadSchema.safeParse(action.payload);
  if (!parsed.success) throw new HubError('INTERNAL', 'A task has no case.', { connectorId: run.scope.connectorId });
  const { db } = run.deps;
  const { title } = run.connector.platform.description;
  const { caseId, ...task } = parsed.data;
  const found = await caseOfTask(db, caseId);
  if (action.state === 'pending' && found?.resolution !== null) return { superseded: `the bounce was resolved before a task was made: ${found?.resolution ?? 'it is gone'}` };
  if (await unlicensedReason(db, run.scope.connectorId, ['task.create'], new Date(run.deps.now()).toISOString()) !== undefined) {
    return { refused: { code: 'PLATFORM_NOT_LICENSED', message: `${title} has no tasks in this licence: the bounce stands on the card as an activity only` } };
  }
  const assignee = task.assignee ?? await assignTask(db, action.id);
  if (assignee === null) return { refused: { code: 'RECORD_REFUSED', message: `Nobody looks after this contact in ${title}, so that nobody can get the task. Name somebody on the card, then retry.` } };
  return { payload: { ...task, assignee } };
}
