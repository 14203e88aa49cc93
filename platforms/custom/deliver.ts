import { HubError } from '../../domain/errors.ts';
import type { RecordType } from '../../domain/model/record-fields.ts';
import type { Fields } from '../../domain/model/fields.ts';
import type { DeliveryItem, DeliveryOutcome, FeedEntry, PlatformContext } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import { entryOf } from './entries.ts';
import { deletedKey } from './project.ts';
import { sendEntries, webhookUrlOf, type WebhookRefusal } from './webhook.ts';

/**
 * Tells the system what differs: by signed webhook where one is set, else by its change feed. One outcome for each item, in order. Idempotent: the same
 * items have the same keys. A thing that is gone before the system heard of it is not told at all.
 */
export async function deliver(context: PlatformContext, dataType: RecordType, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> {
  const entries = items.map((item) => (item.isNew && item.changes[deletedKey] === true ? undefined : entryOf(context, dataType, item)));
  const refused = await tell(context, entries.filter((entry) => entry !== undefined));
  return entries.map((entry, index) => outcomeOf(entry === undefined ? undefined : refused.get(entry.key), items[index]?.changes ?? {}));
}

/** Tells the system of entries; answers with those that it did not take, by their keys. Throws HubErrors of the connection. */
export async function tell(context: PlatformContext, entries: readonly FeedEntry[]): Promise<ReadonlyMap<string, WebhookRefusal>> {
  if (entries.length === 0) return new Map();
  const url = webhookUrlOf(context);
  if (url !== undefined) return sendEntries(context, url, entries);
  if (context.publish === undefined) throw new HubError('INTERNAL', 'A delivery was planned where no change feed is.', { connectorId: context.connectorId });
  await context.publish(entries);
  return new Map();
}

function outcomeOf(refusal: WebhookRefusal | undefined, changes: Fields): DeliveryOutcome {
  if (refusal === undefined) return { kind: 'stored' };
  const { field } = refusal;
  return { kind: 'refused', ...refusalFacts(refusal, Object.values(changes)), ...(field === undefined || !(field in changes) ? {} : { field }) };
}

/** Why an entry was not taken, in the system's words without what they may say of a person. */
export function refusalFacts({ message, code, gone }: WebhookRefusal, sent: readonly Fields[string][]): { readonly code: 'RECORD_REFUSED' | 'RECORD_GONE'; readonly message: string; readonly platformCode?: string } {
  const words = cleanWords(message, sent);
  const isWord = code !== undefined && /^[\w.-]{1,60}$/.test(code);
  return { code: gone === true ? 'RECORD_GONE' : 'RECORD_REFUSED', message: words === '' ? 'the system refused it without a reason' : words, ...(isWord ? { platformCode: code } : {}) };
}
