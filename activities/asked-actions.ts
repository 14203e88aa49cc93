import type { Selectable } from 'kysely';
import { contactStanding, type ContactStanding } from '../db/repositories/deliver/action-contact.ts';
import { noteWaiting } from '../db/repositories/deliver/actions.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import { HubError } from '../domain/errors.ts';
import type { ActionContact, AskedAction } from '../platforms/platform.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActionPayload } from './list-actions.ts';

type Action = Selectable<ActionTable>;

/** How often an action looks whether its contact has arrived while other deliveries go out. */
const lookAgainMs = 5_000;

/**
 * What the platform gets for an action that was asked for. One about a contact waits while something of the contact is on its way
 * there, so that the platform knows a withdrawal before anything is started; it is refused when the contact does not go there at all.
 */
export async function askedPayload(run: DeliveryRun, action: Action, asked: AskedAction): Promise<ActionPayload> {
  const { payload, record_id: recordId } = action;
  if (recordId === null && asked.contact === 'needed') throw new HubError('INTERNAL', 'An action about a contact has no record.', { connectorId: run.scope.connectorId });
  if (recordId === null) return { payload };
  const standing = await contactStanding(run.deps.db, run.scope.connectorId, recordId);
  if (standing !== undefined && standing.waitingFor !== null && !standing.deleted) {
    run.holds.set(action.target, { until: run.deps.now() + lookAgainMs, forDeliveries: true });
    await noteWaiting(run.deps.db, action.id, `the contact is not at the platform as it is here yet: ${standing.waitingFor}`);
    return 'waits';
  }
  return judge(run, standing, asked, payload);
}

function judge(run: DeliveryRun, standing: ContactStanding | undefined, asked: AskedAction, payload: unknown): ActionPayload {
  const { title } = run.connector.platform.description;
  if (standing === undefined || standing.deleted) return { refused: { code: 'RECORD_GONE', message: `The contact is gone from the hub: nothing is done for it at ${title}.` } };
  const { externalId, problem } = standing;
  if (externalId === null) {
    const why = problem === null ? `it has no delivery to ${title}` : problem.reason;
    return { refused: { code: 'RECORD_REFUSED', message: `The contact is not at ${title}: ${why}. Put that right, then retry.` } };
  }
  if (asked.reachesOut && problem !== null) {
    return { refused: { code: problem.code === 'RECORD_OPTED_OUT' ? 'RECORD_OPTED_OUT' : 'RECORD_REFUSED', message: `Nothing is started for the contact: ${title} did not take what the hub has of it, which may be a withdrawal (${problem.reason}). Put that right, then retry.` } };
  }
  return { payload, contact: actionContact(standing, externalId) };
}

/** The contact's ids for looking an effect up, also when nothing may be sent for it any more. */
export async function contactOf(run: DeliveryRun, { record_id: recordId }: Action): Promise<ActionContact | undefined> {
  if (recordId === null) return undefined;
  const standing = await contactStanding(run.deps.db, run.scope.connectorId, recordId);
  return standing === undefined || standing.externalId === null ? undefined : actionContact(standing, standing.externalId);
}

function actionContact({ alternateId }: ContactStanding, externalId: string): ActionContact {
  return { externalId, ...(alternateId === null ? {} : { alternateId }) };
}
