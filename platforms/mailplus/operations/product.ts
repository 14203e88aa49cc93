import { z } from 'zod';
import { operation, paged } from './define.ts';
import { maxText, pageFields, searchQuery, sentCents, sentId, sentText } from './input.ts';
import { flag, list, neededId, nothing, text, whole, type Wire } from './wire.ts';

const externalProductId = sentId;
const customValue = z.union([z.string(), z.number(), z.boolean()], { error: 'must be a text, a number, or yes or no; leave out what is empty' })
  .refine((value) => String(value).length <= maxText, `has more than ${maxText} characters: shorten it`);
const link = sentText;

const product = z.looseObject({
  externalId: sentId, name: sentText, link, price: sentCents, imageUrl: link, imageLargeUrl: link,
  description: z.string().optional(), oldPrice: sentCents.optional(), category: z.string().optional(), gtin: z.string().optional(), sku: z.string().optional(), brand: z.string().optional(),
  ratingImageUrl: z.string().optional(), ratingValue: z.union([z.string(), z.number()]).optional(), reviewLink: z.string().optional(), addToCartLink: z.string().optional(), language: z.string().optional(),
  stock: z.enum(['LIMITED', 'GOOD', 'UNKNOWN']).optional(), deleted: z.boolean().optional(), visible: z.boolean().optional(),
  customProperties: z.record(z.string(), customValue).optional(),
  specifications: z.array(z.looseObject({ description: z.string(), value: z.string(), rank: z.union([z.string(), z.number()]).optional() })).optional(),
});
const body = z.looseObject({ update: z.boolean().optional(), product });
const byId = z.strictObject({ externalProductId });

const answer = ({ instant }: Wire) => z.object({
  externalId: neededId, name: text, link: text, price: whole, imageUrl: text, imageLargeUrl: text, description: text, oldPrice: whole, category: text, gtin: text, sku: text, brand: text,
  ratingImageUrl: text, ratingValue: text, reviewLink: text, addToCartLink: text, language: text, stock: text, deleted: flag, visible: flag, creationDate: instant, changeDate: instant,
  customProperties: z.record(z.string(), z.unknown()).nullish(), specifications: list(z.object({ description: text, value: text, rank: text })),
});

const situations = { 403: '403 at the shop' } as const;

/** Products of Spotler eCommerce (contract §3.14). Prices are in cents, sent as numbers; a deleted product is kept for the order history. */
export const productOperations = {
  'product.custom-properties': operation({
    name: 'product.custom-properties', method: 'GET', path: '/product/custom-properties/list', situations, list: true, about: 'the account\'s own properties of products', input: () => z.strictObject({}),
    answer: () => z.array(z.object({ name: z.string().min(1) })),
  }),
  'product.insert': operation({ name: 'product.insert', method: 'POST', path: '/product', situations, about: 'store a product; with update a known one is changed', input: () => z.strictObject({ body }), answer: () => nothing }),
  'product.update': operation({
    name: 'product.update', method: 'PUT', path: '/product/{externalProductId}', situations, about: 'change a product that is known', input: () => z.strictObject({ externalProductId, body }), answer: () => nothing,
  }),
  'product.get': operation({ name: 'product.get', method: 'GET', path: '/product/{externalProductId}', situations, about: 'one product by its external id', input: () => byId, answer }),
  'product.delete': operation({ name: 'product.delete', method: 'DELETE', path: '/product/{externalProductId}', situations, about: 'mark a product as deleted', input: () => byId, answer: () => nothing }),
  'product.search': paged({
    name: 'product.search', method: 'GET', path: '/product/search', situations, paging: { kind: 'offset', rows: 'products' }, about: 'products by the values of properties',
    input: () => z.strictObject({ MPSearchQuery: searchQuery, ...pageFields }), row: answer,
  }),
};
