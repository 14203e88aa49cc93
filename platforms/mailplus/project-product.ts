import { fromRecordFields } from '../../domain/model/record-fields.ts';
import { extraPrefix, type Fields, type Scalar } from '../../domain/model/fields.ts';
import type { DesiredRecord, Projection } from '../platform.ts';
import { maxText } from './operations/input.ts';

/** Begins the keys of a product's own properties in `held`; the rest is the property's name. */
export const customPrefix = 'custom:';

/** Extra fields that are no properties of the account's own: Mail+ has a place for them. */
const placesOfExtras = ['imageLargeUrl', 'ratingImageUrl', 'ratingValue', 'reviewLink', 'addToCartLink'] as const;

const needed = { name: 'a name (field name)', link: 'a link (field url)', price: 'a price (field priceCents)', imageUrl: 'an image (field imageUrl)' } as const;

/**
 * A product in Mail+'s terms (contract §3.14). Prices in cents; the large image is `extra.imageLargeUrl`, else the image. One that is gone
 * at its sources is marked as deleted, and never made. Excluded with the names of the fields for want of what Mail+ needs. Pure.
 */
export function projectProduct({ canonical, deleted }: DesiredRecord): Projection {
  if (deleted === true) return { fields: { deleted: true }, withheld: [], onlyTakesAway: 'it is gone at its sources, and was never sent' };
  const product = fromRecordFields('products', canonical);
  const withheld: { key: string; reason: string }[] = [];
  const { oldPriceCents: oldPrice, priceCents: price } = product;
  const fields: Record<string, Scalar> = {
    name: product.name ?? null, link: product.url ?? null, price: price ?? null, imageUrl: product.imageUrl ?? null, imageLargeUrl: product.imageUrl ?? null,
    description: product.description ?? null, brand: product.brand ?? null, sku: product.sku ?? null, language: product.language ?? null,
    oldPrice: oldPrice !== undefined && oldPrice !== null && price !== undefined && price !== null && oldPrice > price ? oldPrice : null,
    category: product.categories === undefined || product.categories.length === 0 ? null : product.categories.join('/'),
    gtin: gtinOf(product.gtin, withheld), visible: product.visible ?? true, deleted: false,
  };
  takeExtras(canonical, fields, withheld);
  const missing = Object.entries(needed).filter(([key]) => isMissing(fields[key])).map(([, words]) => words);
  return { fields, withheld, ...(missing.length === 0 ? {} : { excluded: `Mail+ takes no product without ${missing.join(' and ')}: complete it at the source` }) };
}

const isMissing = (value: Scalar | undefined): boolean => value === undefined || value === null || (typeof value === 'string' ? value.trim() === '' : typeof value === 'number' && value < 0);

/** Mail+ has a longest number that it does not name; the longest that exists has 14 digits. */
function gtinOf(gtin: string | null | undefined, withheld: { key: string; reason: string }[]): Scalar {
  if (gtin === undefined || gtin === null || gtin === '') return null;
  if (/^\d{8,14}$/.test(gtin)) return gtin;
  withheld.push({ key: 'gtin', reason: 'is no number of 8 to 14 digits' });
  return null;
}

/** Whether the account has a property of that name is known where it is sent. */
function takeExtras(canonical: Fields, fields: Record<string, Scalar>, withheld: { key: string; reason: string }[]): void {
  for (const [name, value] of Object.entries(canonical)) {
    if (!name.startsWith(extraPrefix)) continue;
    const own = name.slice(extraPrefix.length);
    const place = placesOfExtras.find((known) => known === own);
    if (String(value ?? '').length > maxText && place === undefined) withheld.push({ key: `${customPrefix}${own}`, reason: `is longer than ${maxText} characters` });
    else if (place === undefined || !isMissing(value)) fields[place ?? `${customPrefix}${own}`] = place === undefined ? value : String(value);
  }
}
