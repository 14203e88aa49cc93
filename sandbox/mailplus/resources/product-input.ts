import { ApiError, invalidParams } from '../http/api-error.ts';
import { optionalProductTexts } from '../state/products.ts';
import type { ProductContent, ProductSpecification } from '../state/products.ts';
import { flag, isObject } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { optionalCents, optionalText, requiredCents, requiredText } from './values.ts';

const maxCustomValueLength = 255;
const stockLevels = ['LIMITED', 'GOOD', 'UNKNOWN'] as const;

/** Reads and checks the `product` of a request (contract 3.14). What is not named gets its default. */
export function productContent(product: JsonObject, customProperties: ReadonlySet<string>): ProductContent {
  return {
    name: requiredText(product, 'name'),
    link: requiredText(product, 'link'),
    priceCents: requiredCents(product, 'price'),
    oldPriceCents: optionalCents(product, 'oldPrice'),
    imageUrl: requiredText(product, 'imageUrl'),
    imageLargeUrl: requiredText(product, 'imageLargeUrl'),
    texts: optionalTextsOf(product),
    stock: stockOf(product),
    deleted: flag(product, 'deleted'),
    visible: (product['visible'] ?? undefined) === undefined || flag(product, 'visible'),
    customProperties: customValues(product['customProperties'] ?? {}, customProperties),
    specifications: specificationsOf(product['specifications'] ?? []),
  };
}

function optionalTextsOf(product: JsonObject): ProductContent['texts'] {
  const named = optionalProductTexts.map((name) => [name, optionalText(product, name)] as const);
  return Object.fromEntries(named.filter(([, text]) => text !== undefined));
}

function stockOf(product: JsonObject): ProductContent['stock'] {
  const given = optionalText(product, 'stock') ?? 'UNKNOWN';
  const level = stockLevels.find((known) => known === given);
  if (level === undefined) throw invalidParams(`stock must be one of ${stockLevels.join(', ')}`);
  return level;
}

function customValues(value: unknown, known: ReadonlySet<string>): ProductContent['customProperties'] {
  if (!isObject(value)) throw invalidParams('customProperties must be an object');
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => {
    if (!known.has(name)) throw invalidCustomProperty(`${name} is not a custom property of this account`);
    if (typeof entry !== 'string' && typeof entry !== 'number' && typeof entry !== 'boolean') throw invalidCustomProperty(`${name} has no value`);
    if (String(entry).length > maxCustomValueLength) throw invalidCustomProperty(`${name} is longer than ${maxCustomValueLength} characters`);
    return [name, entry];
  }));
}

function invalidCustomProperty(message: string): ApiError {
  return new ApiError(400, 'INVALID_PROPERTY', `Invalid custom property: ${message}`);
}

function specificationsOf(value: unknown): ProductSpecification[] {
  if (!Array.isArray(value)) throw invalidParams('specifications must be a list');
  return value.map((element: unknown) => {
    if (!isObject(element)) throw invalidParams('specifications must be a list of {description, value, rank}');
    const rank = optionalText(element, 'rank');
    return { description: requiredText(element, 'description'), value: requiredText(element, 'value'), ...(rank !== undefined && { rank }) };
  });
}
