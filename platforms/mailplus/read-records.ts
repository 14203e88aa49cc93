import { HubError } from '../../domain/errors.ts';
import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import type { PlatformContext, SourcePage } from '../platform.ts';
import { unexpectedRefusal } from './answer.ts';
import { sendOperation } from './call-operation.ts';
import { fieldsOf } from './fields.ts';
import { planOf, type PropertyPlan } from './mapping.ts';
import { deletedContact, encryptedPrefix, normaliseContact, sortOut } from './normalise.ts';
import { operations } from './operations/index.ts';

/** Contacts that are asked for at the same time. */
const concurrency = 4;

/**
 * Contacts by external id. One that Mail+ does not know comes back as deleted. Ids of the form `enc:…` are left out: Mail+ has no
 * look-up by encrypted id (contract §4.2), so those contacts are read by windows only.
 */
export async function readContactsById(context: PlatformContext, ids: readonly string[]): Promise<SourcePage> {
  const plan = planOf(await fieldsOf(context), context);
  const readAt = new Date(context.now()).toISOString();
  const asked = [...new Set(ids)].filter((id) => !id.startsWith(encryptedPrefix));
  const found: (SourceRow | RejectedRow)[] = [];
  for (let first = 0; first < asked.length; first += concurrency) {
    found.push(...await Promise.all(asked.slice(first, first + concurrency).map((id) => readContact(context, plan, id))));
  }
  return { ...sortOut(found), activities: [], readAt };
}

async function readContact(context: PlatformContext, plan: PropertyPlan, externalId: string): Promise<SourceRow | RejectedRow> {
  const answer = await sendOperation(context, operations['contact.get'], { externalId });
  if (answer.refusal === undefined) {
    if (typeof answer.body !== 'object') throw new HubError('PLATFORM_ANSWER_INVALID', 'GET /contact/{externalId}: the answer is no contact.');
    return normaliseContact(context, plan, answer.body);
  }
  if (answer.refusal.errorType === 'CONTACT_NOT_FOUND') return deletedContact(externalId);
  throw unexpectedRefusal('GET /contact/{externalId}', answer.refusal);
}
