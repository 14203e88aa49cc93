import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { contactStanding } from '../../db/repositories/deliver/action-contact.ts';
import { findAskedAction } from '../../db/repositories/deliver/asked-actions.ts';
import { HubError } from '../../domain/errors.ts';
import { askAction } from '../actions/ask-action.ts';
import { contactWords, findContact } from '../actions/find-contact.ts';
import { requireConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const requestSchema = z.strictObject({
  kind: z.string().describe('At Mail+: `campaign.trigger`, `campaign.stop`, `automation.start`, `automation.stop`, `form.submit`, `conversion.post`.'),
  target: z.string().min(1).max(400).optional().describe(`${contactWords} For \`conversion.post\`, which is about no contact: conversions with one target go out in order, as the \`mpid\`.`),
  cause: z.string().min(1).max(200).regex(/^\P{Cc}+$/u, 'must not have control characters').describe('Why: unique at the connector. One cause never has two effects. No personal data.'),
  payload: z.record(z.string(), z.unknown()).default({}).describe('By kind: `{trigger, fields?}`, `{campaign}`, `{trigger, fields?}`, `{automation, run?}`, `{form, answers, postUrl?}`, and a conversion in the terms of Mail+.'),
}).meta({ id: 'AskAction' });

const askedSchema = z.object({
  id: z.number(), kind: z.string(), cause: z.string(), recordId: z.number().nullable().describe('The record of the contact.'),
}).meta({ id: 'AskedAction' });

const stateSchema = z.object({
  id: z.number(),
  kind: z.string(),
  target: z.string(),
  cause: z.string(),
  recordId: z.number().nullable(),
  state: z.enum(['pending', 'sending', 'done', 'parked', 'failed', 'skipped']).describe('`parked`: a question for a person, in `reason`.'),
  code: z.string().nullable(),
  reason: z.string().nullable().describe('Why it waits, failed or is a question; what the platform said to one that is done.'),
  askedAt: z.string(),
  begunAt: z.string().nullable().describe('When the last call was begun.'),
  settledAt: z.string().nullable(),
}).meta({ id: 'ActionState' });

const standingSchema = z.object({
  recordId: z.number(),
  externalId: z.string().nullable().describe('Its id at the platform; null where the platform does not have it.'),
  alternateId: z.string().nullable().describe('The platform\'s own id.'),
  waitingFor: z.string().nullable().describe('What it waits for, when something of it is still on its way.'),
  problem: z.string().nullable().describe('Why what the hub has of it did not get there.'),
}).meta({ id: 'ContactStanding' });

/** `askedSchema`. */
export type AskedActionView = z.infer<typeof askedSchema>;
/** `stateSchema`. */
export type ActionStateView = z.infer<typeof stateSchema>;
/** `standingSchema`. */
export type ContactStandingView = z.infer<typeof standingSchema>;

/** Acts at a platform that are no state, asked for by a person, a system or a rule. */
export function actionRoutes(app: App, deps: ApiDependencies): void {
  app.post('/connectors/:connectorId/actions', {
    config: { access: 'operator' },
    schema: {
      tags: ['actions'], summary: 'Ask for an action at the platform', params: connectorParams, body: requestSchema, response: answers(askedSchema, 202),
      description: 'Answers 202 once it is stored; it goes out behind withdrawals and live changes, and waits until its contact is at the platform. The same cause with the same body gives the same answer and no second effect, with another body 409.',
    },
  }, async (request, reply) => {
    const { connectorId } = request.params;
    const { kind, cause } = request.body;
    const asked = await askAction(deps, callerOf(request), connectorId, request.body);
    deps.waker.wake('deliver', connectorId);
    return reply.status(202).send({ ...asked, kind, cause });
  });
  app.get('/connectors/:connectorId/actions/:action', {
    config: { access: 'viewer' },
    schema: { tags: ['actions'], summary: 'Show what became of an action', params: connectorParams.extend({ action: z.coerce.number().int().min(1) }), response: answers(stateSchema) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { connectorId, action } = request.params;
    await requireConnector(trx, connectorId);
    const found = await findAskedAction(trx, connectorId, action);
    if (found === undefined) throw new HubError('NOT_FOUND', `Nobody asked for an action ${action} at «${connectorId}».`, { field: 'action' });
    return found;
  }));
  app.get('/connectors/:connectorId/contacts/:contact', {
    config: { access: 'viewer' },
    schema: { tags: ['actions'], summary: 'Show where a contact stands at a connector', params: connectorParams.extend({ contact: z.string().describe(contactWords) }), response: answers(standingSchema) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { connectorId, contact } = request.params;
    await requireConnector(trx, connectorId);
    const standing = await contactStanding(trx, connectorId, await findContact(trx, connectorId, contact));
    if (standing === undefined || standing.deleted) throw new HubError('NOT_FOUND', 'The contact is gone from the hub.', { field: 'contact' });
    const { recordId, externalId, alternateId, waitingFor, problem } = standing;
    return { recordId, externalId, alternateId, waitingFor, problem: problem?.reason ?? null };
  }));
}
