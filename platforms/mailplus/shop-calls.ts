import { HubError } from '../../domain/errors.ts';
import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import { unexpectedRefusal, meaningOf, type Refusal } from './answer.ts';
import { callOperation } from './call-operation.ts';
import { operationOf } from './client.ts';
import type { SingleOperation } from './operations/define.ts';
import { operations } from './operations/index.ts';

/** Records of one chunk: each is a call of its own. */
export const shopBatchSize = 40;
const inFlight = 8;

/** What Mail+ said to one record. */
export interface ShopRefusal {
  readonly operation: SingleOperation;
  readonly refusal: Refusal;
}

const noShop = 'The Mail+ account has no Spotler eCommerce, which takes products, orders and conversions. Have the licence extended; the hub asks once a day and goes on by itself.';

/** The outcome for an account whose licence has no products, orders and conversions. */
export const notLicensed: DeliveryOutcome = { kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: noShop };

/**
 * Sends records one call each, some at a time, outcomes in the order of the items. The first goes alone: where the licence is missing,
 * nothing else is asked. Ends with the first failure of the connection, when the calls beside it have ended.
 */
export async function sendEach(items: readonly DeliveryItem[], send: (item: DeliveryItem) => Promise<DeliveryOutcome>): Promise<readonly DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = [];
  const errors: unknown[] = [];
  const waiting = items.map((item, index) => ({ item, index }));
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && errors.length === 0; next = waiting.shift()) {
      try {
        outcomes[next.index] = await send(next.item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const [first] = waiting.splice(0, 1);
  if (first === undefined) return [];
  const one = await send(first.item);
  if (one === notLicensed) return items.map(() => notLicensed);
  outcomes[0] = one;
  await Promise.all(Array.from({ length: inFlight }, worker));
  if (errors.length > 0) throw errors[0];
  return outcomes;
}

/**
 * What a refusal means for the record. Throws where it is not about the record: a method that is not there, an internal error of Mail+,
 * and a key that Mail+ accepts for nothing else either.
 */
export async function shopOutcome(context: PlatformContext, { operation, refusal }: ShopRefusal, item: DeliveryItem, fixes: Readonly<Record<string, string>>): Promise<DeliveryOutcome> {
  const { code } = meaningOf(refusal, operation.situations);
  await requireKey(context, operation, refusal);
  if (code === 'PLATFORM_NOT_LICENSED') return notLicensed;
  if (code === 'PLATFORM_ERROR' || code === 'PLATFORM_LOGIN_REFUSED' || code === 'CONFIGURATION_INVALID') throw unexpectedRefusal(operationOf(operation), refusal, operation.situations);
  const { errorType, words } = refusal;
  const said = cleanWords(words, Object.values(item.whole ?? {}));
  const fix = errorType === undefined ? undefined : fixes[errorType];
  return {
    kind: 'refused', code: 'RECORD_REFUSED', message: [`Mail+ refused it (${refusal.status}${errorType === undefined ? '' : ` ${errorType}`}).`, ...(said === '' ? [] : [`Mail+ says: «${said}».`]), ...(fix === undefined ? [] : [fix])].join(' '),
    ...(errorType === undefined ? {} : { platformCode: errorType }),
  };
}

/** Tells a licence that lacks something from a key that Mail+ accepts for nothing: one call that every key may make. Throws HubError PLATFORM_LOGIN_REFUSED for the latter. */
export async function requireKey(context: PlatformContext, operation: SingleOperation, refusal: Refusal): Promise<void> {
  if (meaningOf(refusal, operation.situations).code === 'PLATFORM_NOT_LICENSED') await callOperation(context, operations['contact.properties'], {});
}

/** The whole desired state of an item. Throws HubError INTERNAL without one: these things are taken only whole. */
export function wholeOf(item: DeliveryItem): NonNullable<DeliveryItem['whole']> {
  if (item.whole === undefined) throw new HubError('INTERNAL', 'A product or order was planned without its whole state.');
  return item.whole;
}
