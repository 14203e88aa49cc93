import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { searchCriteria } from '../http/search-query.ts';
import type { Criterion } from '../http/search-query.ts';
import { optionalProductTexts } from '../state/products.ts';
import type { Product } from '../state/products.ts';
import { productView } from './product.ts';

/** Search of products, oldest first, deleted ones included; the answer is a bare array on both bases (contract 3.14). */
export const productSearchOperations: readonly Operation[] = [
  { method: 'GET', path: 'product/search', handle: search },
];

const searchable: ReadonlySet<string> = new Set([
  'externalId', 'name', 'link', 'price', 'oldPrice', 'imageUrl', 'imageLargeUrl', 'stock', 'deleted', 'visible', ...optionalProductTexts,
]);

function search(call: Call): Reply {
  const request = readPageRequest(call, false);
  const criteria = readCriteria(call);
  const found = call.account.products.all().filter((product) => criteria.every((criterion) => matches(call, product, criterion)));
  const { items } = pageOf(call, request, found.length, (from, to) => found.slice(from, to));
  return { status: 200, body: items.map((product) => productView(call, product)) };
}

function readCriteria(call: Call): Criterion[] {
  const criteria = searchCriteria(call);
  const unknown = criteria.find(({ name }) => !searchable.has(name) && !call.account.products.customProperties.has(name));
  if (unknown !== undefined) throw new ApiError(400, 'INVALID_PROPERTY', `Property is invalid: ${unknown.name}`);
  return criteria;
}

function matches(call: Call, product: Product, { name, value }: Criterion): boolean {
  const stored = searchable.has(name) ? productView(call, product)[name] : product.content.customProperties[name];
  return ['string', 'number', 'boolean'].includes(typeof stored) && `${stored as string | number | boolean}`.toLowerCase() === value;
}
