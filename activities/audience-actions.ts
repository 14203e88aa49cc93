import { mayHaveAudience, planAudience, recordAudienceStep, type AudienceKey } from '../db/repositories/audiences.ts';
import { unlicensedReason } from '../db/repositories/deliver/licence.ts';
import { rememberListName, type ListContent } from '../db/repositories/lists.ts';
import type { ActionStep } from '../platforms/platform.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActionPayload, ActionRefusal } from './list-actions.ts';

const kinds = ['audience.replace', 'audience.remove'];

/** One sync of a selection. */
export interface AudienceSync extends AudienceKey {
  readonly syncId: string;
}

/** What the platform gets to make an audience what the sync says: the difference only. What it does is kept part by part. */
export async function audiencePayload(run: DeliveryRun, sync: AudienceSync, listName: string, content: ListContent): Promise<ActionPayload> {
  const { db } = run.deps;
  const unlicensed = await refusalOfToday(run);
  if (unlicensed !== undefined) return unlicensed;
  const name = content.lastingName;
  const difference = await planAudience(db, run.scope, sync, { name, memberIds: content.memberIds });
  const report = async (step: ActionStep): Promise<void> => {
    await recordAudienceStep(db, run.scope, sync, name, step);
    if (step.kind === 'named') await rememberListName(db, { connectorId: sync.sourceConnectorId, listId: sync.listId, syncId: sync.syncId }, step.name);
  };
  return { payload: { listId: listName, name, ...difference }, report };
}

/** What the platform gets to delete an audience. */
export async function audienceRemoval(run: DeliveryRun, key: AudienceKey, listName: string): Promise<ActionPayload> {
  const { db } = run.deps;
  if (!(await mayHaveAudience(db, run.scope.connectorId, key))) return { superseded: 'there is no audience of it' };
  const unlicensed = await refusalOfToday(run);
  if (unlicensed !== undefined) return unlicensed;
  return { payload: { listId: listName, isMade: true }, report: (step) => recordAudienceStep(db, run.scope, key, '', step) };
}

/** A licence without audiences is asked once a day, not once a selection. */
async function refusalOfToday({ deps, scope }: DeliveryRun): Promise<ActionRefusal | undefined> {
  const message = await unlicensedReason(deps.db, scope.connectorId, kinds, new Date(deps.now()).toISOString());
  return message === undefined ? undefined : { refused: { code: 'PLATFORM_NOT_LICENSED', message } };
}
