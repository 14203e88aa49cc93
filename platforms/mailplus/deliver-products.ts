import type { Scalar } from '../../domain/model/fields.ts';
import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { meaningOf } from './answer.ts';
import { refusedOperation, tryOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';
import { customPrefix } from './project-product.ts';
import { sendEach, shopOutcome, wholeOf } from './shop-calls.ts';

type Body = Parameters<typeof tryOperation<(typeof operations)['product.insert']>>[2]['body'];

const fixes = {
  INVALID_PROPERTY: 'Make the property in Mail+, or leave the field out at the source.',
  INVALID_PARAMS: 'Correct the value that Mail+ names at the source; the next change is sent by itself.',
} as const;

/**
 * Stores products: `POST /product` with `update`, which makes and changes, whole, because Mail+ empties what a write does not name; one that
 * is gone `DELETE`, which keeps it for the order history, and a write brings it back. One call each, none for a change of extra fields that
 * the account has no property for. Idempotent.
 */
export async function deliverProducts(context: PlatformContext, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> {
  return sendEach(items, (item) => (wholeOf(item)['deleted'] === true ? remove(context, item) : store(context, item)));
}

async function store(context: PlatformContext, item: DeliveryItem): Promise<DeliveryOutcome> {
  const whole = wholeOf(item);
  const custom = Object.keys(whole).some((key) => key.startsWith(customPrefix)) ? await customProperties(context, false) : none;
  const concerns = (key: string) => !key.startsWith(customPrefix) || custom.has(key.slice(customPrefix.length));
  if (!item.isNew && !Object.keys(item.changes).some(concerns)) return { kind: 'stored' };
  const operation = operations['product.insert'];
  let tried = await tryOperation(context, operation, { body: bodyOf(item, custom) });
  if (tried.refusal?.errorType === 'INVALID_PROPERTY' && custom !== none) tried = await tryOperation(context, operation, { body: bodyOf(item, await customProperties(context, true)) });
  return tried.refusal === undefined ? { kind: 'stored' } : shopOutcome(context, { operation, refusal: tried.refusal }, item, fixes);
}

async function remove(context: PlatformContext, item: DeliveryItem): Promise<DeliveryOutcome> {
  const operation = operations['product.delete'];
  const { refusal } = await tryOperation(context, operation, { externalProductId: item.externalId });
  return refusal === undefined || refusal.status === 404 ? { kind: 'stored' } : shopOutcome(context, { operation, refusal }, item, {});
}

function bodyOf(item: DeliveryItem, custom: ReadonlySet<string>): Body {
  const filled = Object.entries(wholeOf(item)).filter((entry): entry is [string, Exclude<Scalar, null>] => entry[1] !== null && entry[1] !== '');
  const own = filled.flatMap(([key, value]) => (key.startsWith(customPrefix) && custom.has(key.slice(customPrefix.length)) ? [[key.slice(customPrefix.length), value] as const] : []));
  const plain = Object.fromEntries(filled.filter(([key]) => !key.startsWith(customPrefix)));
  return { update: true, product: { ...plain, externalId: item.externalId, ...(own.length === 0 ? {} : { customProperties: Object.fromEntries(own) }) } as Body['product'] };
}

const none: ReadonlySet<string> = new Set();
const known = new Map<string, { readonly atMs: number; readonly names: Promise<ReadonlySet<string>> }>();
const freshMs = 15 * 60_000;

/** Names of the account's own properties of products, asked for once in a quarter of an hour; none where the licence has no products. */
function customProperties(context: PlatformContext, again: boolean): Promise<ReadonlySet<string>> {
  const key = JSON.stringify([context.settings.baseUrl, context.credentials['key']]);
  const kept = known.get(key);
  if (!again && kept !== undefined && context.now() - kept.atMs < freshMs) return kept.names;
  const names = ask(context).catch((error: unknown) => {
    known.delete(key);
    throw error;
  });
  known.set(key, { atMs: context.now(), names });
  return names;
}

async function ask(context: PlatformContext): Promise<ReadonlySet<string>> {
  const operation = operations['product.custom-properties'];
  const tried = await tryOperation(context, operation, {});
  if (tried.refusal === undefined) return new Set(tried.answer.map(({ name }) => name));
  if (meaningOf(tried.refusal, operation.situations).code === 'PLATFORM_NOT_LICENSED') return none;
  throw refusedOperation(operation, tried.refusal);
}
