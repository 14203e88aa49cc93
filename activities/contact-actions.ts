import type { Selectable } from 'kysely';
import { z } from 'zod';
import { erasureContext, idForNaming } from '../db/repositories/erase/destinations.ts';
import { blankAnonymised, contactOfAction } from '../db/repositories/erase/status-actions.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActionPayload } from './list-actions.ts';

type Action = Selectable<ActionTable>;

const payloadSchema = z.object({ sealed: z.string().optional(), receiptId: z.number().optional(), recordId: z.number().optional(), whileDeleted: z.boolean().optional(), notSources: z.array(z.string()).default([]) });
const sealedSchema = z.object({ externalId: z.string(), address: z.string().nullable(), newId: z.string() });

/**
 * Which contact the platform is to anonymise or inactivate. That of an erased person stands sealed in the action, for nothing else is left of it; any other
 * one is looked up by its link. What was decided because the contact was deleted at its last source is not needed when it is back.
 */
export async function contactStatusPayload(run: DeliveryRun, action: Action): Promise<ActionPayload> {
  const { sealed, receiptId, recordId, whileDeleted, notSources } = payloadSchema.parse(action.payload);
  if (sealed !== undefined && receiptId !== undefined) return { payload: sealedSchema.parse(JSON.parse(run.deps.secrets.open(sealed, erasureContext(receiptId)))) };
  if (recordId === undefined) return { superseded: 'it was carried out before' };
  const contact = await contactOfAction(run.deps.db, run.scope, { externalId: action.target, recordId, notSources });
  if (contact === undefined) return { superseded: 'the contact is not linked to this record any more' };
  if (whileDeleted === true && contact.isBack && action.kind === 'contact.inactivate') return { superseded: 'the contact is back at a source' };
  return { payload: { externalId: contact.externalId, address: contact.address, newId: idForNaming(contact.externalId) } };
}

/** An anonymised contact is named no more: what the action kept of it goes, and so does what its link held. Harmless for any other action. */
export async function forgetAnonymised(run: DeliveryRun, action: Action): Promise<void> {
  if (action.kind === 'contact.anonymise') await blankAnonymised(run.deps.db, run.scope, action.id, action.target);
}
