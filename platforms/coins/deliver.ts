import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import { patchConsent, patchProspect } from './client.ts';
import type { WriteAnswer } from './client.ts';
import { consentPrefix, profileKeys } from './names.ts';
import { consentPatchesOf, prospectPatchOf } from './payload.ts';

function refused(message: string, field?: string): DeliveryOutcome {
  return { kind: 'refused', code: 'RECORD_REFUSED', message, ...(field !== undefined && { field }) };
}

function outcomeOf(answer: Exclude<WriteAnswer, { kind: 'stored' }>, item: DeliveryItem): DeliveryOutcome {
  if (answer.kind === 'moved') return answer;
  if (answer.kind === 'gone') return { kind: 'refused', code: 'RECORD_GONE', message: 'Coins has no prospect with this id any more' };
  const outcome = { kind: 'refused', code: 'RECORD_REFUSED', message: cleanWords(answer.message, Object.values(item.changes)), platformCode: String(answer.status) } as const;
  return answer.field === undefined ? outcome : { ...outcome, field: answer.field };
}

function isKnownKey(key: string): boolean {
  return profileKeys.has(key) || (key.startsWith(consentPrefix) && key.length > consentPrefix.length);
}

/**
 * One prospect: consents before the profile and withdrawals before grants, so that what Coins refuses in a name
 * never holds back what a person has said.
 */
async function deliverItem(context: PlatformContext, item: DeliveryItem): Promise<DeliveryOutcome> {
  if (item.isNew) return refused('the hub never creates a prospect in Coins');
  const unknown = Object.keys(item.changes).find((key) => !isKnownKey(key));
  if (unknown !== undefined) return refused(`Coins has no field ${unknown} that can be changed`, unknown);
  const { patches, undatedGrants } = consentPatchesOf(item, new Date(context.now()).toISOString());
  const profile = prospectPatchOf(item.changes);
  const calls = patches.map((patch) => () => patchConsent(context, item.externalId, patch));
  if (profile) calls.push(() => patchProspect(context, item.externalId, profile));
  for (const call of calls) {
    const answer = await call();
    if (answer.kind !== 'stored') return outcomeOf(answer, item);
  }
  const [undated] = undatedGrants;
  return undated === undefined ? { kind: 'stored' } : refused('a grant without a date is not passed on to Coins', consentPrefix + undated);
}

/**
 * Sends each prospect its changes, one after the other, in order: one call for the profile (`address.*` among it) and one per
 * consent code. Idempotent. An item that fails half-way is refused as a whole and safely sent again.
 *
 * @throws HubError for everything that is about the connection: nothing is sent after it
 */
export async function deliver(context: PlatformContext, items: readonly DeliveryItem[]): Promise<DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = [];
  for (const item of items) outcomes.push(await deliverItem(context, item));
  return outcomes;
}
