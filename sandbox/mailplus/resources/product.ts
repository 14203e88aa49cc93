import { ApiError, invalidParams } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import type { Product, ProductContent } from '../state/products.ts';
import { productContent } from './product-input.ts';
import { bodyObject, flag } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { requiredObject, requiredText } from './values.ts';
import { stamp } from './views.ts';

/** Products of a web shop (contract 3.14). A write gives the whole product: what it does not name goes back to its default. */
export const productOperations: readonly Operation[] = [
  { method: 'GET', path: 'product/custom-properties/list', handle: listCustomProperties },
  { method: 'POST', path: 'product', handle: insertProduct },
  { method: 'PUT', path: 'product/{externalProductId}', handle: updateProduct },
  { method: 'GET', path: 'product/{externalProductId}', handle: (call) => ({ status: 200, body: productView(call, requireProduct(call)) }) },
  { method: 'DELETE', path: 'product/{externalProductId}', handle: deleteProduct },
];

/** 400 for a product that a request refers to and that does not exist. */
export function requireKnownProducts(call: Call, externalIds: readonly string[]): void {
  const unknown = externalIds.find((externalId) => call.account.products.find(externalId) === undefined);
  if (unknown !== undefined) throw new ApiError(400, 'PRODUCT_NOTFOUND', `Product ${unknown} not found`);
}

/** A product as reads show it: amounts and ranks are text. */
export function productView(call: Call, { externalId, content, createdMs, changedMs }: Product): Record<string, unknown> {
  const { texts, priceCents, oldPriceCents, ...rest } = content;
  return {
    externalId, ...rest, price: String(priceCents),
    ...(oldPriceCents !== undefined && { oldPrice: String(oldPriceCents) }),
    ...texts, creationDate: stamp(call, createdMs), changeDate: stamp(call, changedMs),
  };
}

function listCustomProperties(call: Call): Reply {
  return { status: 200, body: [...call.account.products.customProperties].map((name) => ({ name })) };
}

function insertProduct(call: Call): Reply {
  const body = bodyObject(call.body);
  const product = requiredObject(body, 'product');
  const externalId = requiredText(product, 'externalId');
  if (!flag(body, 'update') && call.account.products.find(externalId) !== undefined) {
    throw new ApiError(400, 'ID_NOTUNIQUE', `Product ${externalId} already exists`);
  }
  return put(call, externalId, contentOf(call, product));
}

function updateProduct(call: Call): Reply {
  const { externalId } = requireProduct(call);
  const product = requiredObject(bodyObject(call.body), 'product');
  if ((product['externalId'] ?? undefined) !== undefined && requiredText(product, 'externalId') !== externalId) {
    throw invalidParams('externalId of the body differs from the one of the path');
  }
  return put(call, externalId, contentOf(call, product));
}

function deleteProduct(call: Call): Reply {
  const { externalId, content } = requireProduct(call);
  return put(call, externalId, { ...content, deleted: true });
}

function contentOf(call: Call, product: JsonObject): ProductContent {
  return productContent(product, call.account.products.customProperties);
}

function put(call: Call, externalId: string, content: ProductContent): Reply {
  const { account } = call;
  const wasDeleted = account.products.find(externalId)?.content.deleted ?? false;
  const outcome = account.products.put(externalId, content, account.nowMs());
  call.notes.changed = outcome !== 'identical';
  if (outcome === 'created') account.totals.productsCreated += 1;
  else if (content.deleted && !wasDeleted) account.totals.productsDeleted += 1;
  else if (outcome === 'changed') account.totals.productsChanged += 1;
  return noContent;
}

function requireProduct(call: Call): Product {
  const product = call.account.products.find(call.path['externalProductId'] ?? '');
  if (product === undefined) throw new ApiError(404, 'PRODUCT_NOTFOUND', 'Product not found');
  return product;
}
