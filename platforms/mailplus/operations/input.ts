import { z } from 'zod';
import type { Wire } from './wire.ts';

/** Rows of a page that is asked for without saying how many: Mail+'s own default (contract §1.4). */
export const defaultPageSize = 1_000;
/** The most rows of a page (contract §1.4). */
export const maxPageSize = 10_000;
/** Rows of a page where Mail+ sets the size (contract §1.4). */
export const fixedPageSize = 50;
/** The most characters of an audience's id and name, and of a product's own property (contract §5). */
export const maxText = 255;

/** An id to send; numbers are taken as their text. */
export const sentId = z.union([z.string(), z.number()]).transform(String).refine((value) => value.trim() !== '', 'must not be blank');

/** A list of external ids to send. */
export const sentIds = z.array(sentId);

/** Text to send that must not be blank. */
export const sentText = z.string().refine((value) => value.trim() !== '', 'must not be blank');

/** Text to send of at most 255 characters. */
export const sentShortText = sentText.refine((value) => value.length <= maxText, `has more than ${maxText} characters: shorten it`);

/** An amount to send, in whole cents; sent as a number. */
export const sentCents = z.union([z.number(), z.string().regex(/^-?\d{1,15}$/, 'must be whole cents').transform(Number)]).refine(Number.isSafeInteger, 'must be whole cents, as 1295 for 12.95');

/** Offset and size of a page. */
export const pageFields = {
  after: z.number().int().min(0, 'must not be below 0').default(0),
  pageSize: z.number().int().min(1, 'must be 1 or more').max(maxPageSize, `must be ${maxPageSize} or less: ask for more pages`).default(defaultPageSize),
};

/** Offset of a page whose size Mail+ sets. */
export const fixedPageFields = { after: pageFields.after };

/** A window that has to be given. */
export const neededWindow = ({ sentInstant }: Wire) => ({ fromDate: sentInstant, toDate: sentInstant });

/** A window that may be given. */
export const optionalWindow = ({ sentInstant }: Wire) => ({ fromDate: sentInstant.optional(), toDate: sentInstant.optional() });

/** What Mail+ searches by: properties and their values, or the text as it is sent. How several are joined is not documented: `&`. */
export const searchQuery = z.union([
  sentText,
  z.record(sentText, z.union([z.string(), z.number()])).refine((pairs) => Object.keys(pairs).length > 0, 'names no property')
    .transform((pairs) => Object.entries(pairs).map(([name, value]) => `${name}=${value}`).join('&')),
]);

/** Refuses a window whose end comes before its beginning. Both are in UTC by then, so that texts compare. */
export function inOrder<Schema extends z.ZodType<object>>(schema: Schema, from = 'fromDate', to = 'toDate'): Schema {
  return schema.refine((value) => {
    const { [from]: begin, [to]: end } = value as Readonly<Record<string, unknown>>;
    return typeof begin !== 'string' || typeof end !== 'string' || begin <= end;
  }, { path: [to], message: `lies before ${from}: exchange the two dates` });
}
