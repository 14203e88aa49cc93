import { z } from 'zod';
import { bounceShape, contactShape, type contactResult } from './operations/contact.ts';
import { interactionShape } from './operations/mailing-interaction.ts';
import { rawStamp } from './operations/wire.ts';

/** A contact as Mail+ gives it, its stamps as they came. Strict in the fields that we use; others are kept in the payload. */
export const wireContactSchema = contactShape(rawStamp);

export type WireContact = z.infer<typeof wireContactSchema>;

/** One switch of a set property; Mail+ adds a description that we do not use. */
export const wireBitSchema = z.object({
  bit: z.union([z.number().int(), z.string().regex(/^\d+$/)]),
  enabled: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
});

/** One line of an interaction feed, its stamps as they came. */
export const wireInteractionSchema = interactionShape(rawStamp);

export type WireInteraction = z.infer<typeof wireInteractionSchema>;

/** One line of the bounce list, its stamp as it came. */
export const wireBounceSchema = bounceShape(z.union([z.string(), z.number()]));

export type WireBounce = z.infer<typeof wireBounceSchema>;

/** A mailing, as far as it is used: its kind, its name, and its public page. */
export const wireMailingSchema = z.object({
  name: z.string().nullish(),
  type: z.string().nullish(),
  archiveLink: z.string().nullish(),
  targetGroup: z.string().nullish(),
});

/** What became of one contact of a batch. */
export type WireContactResult = z.infer<typeof contactResult>;

const pagingSchema = z.object({ next: z.string().nullish(), after: z.union([z.number(), z.string()]).nullish() }).nullish();

/** A page: its rows unjudged, and whether the source says that there are more. */
export interface WirePage {
  readonly rows: readonly unknown[];
  readonly more: boolean;
  readonly statedNext?: number;
}

/**
 * Reads a page of `{paging, <rowsKey>}`, or the bare array of the older base. More pages: `paging.next` says so, or a full page with
 * an `after` that is further on; a bare array says so by being exactly as long as was asked for. `undefined` for any other shape.
 */
export function readWirePage(body: unknown, rowsKey: string, asked: { readonly after: number; readonly pageSize: number }): WirePage | undefined {
  if (Array.isArray(body)) return { rows: body as unknown[], more: body.length === asked.pageSize };
  const parsed = z.object({ paging: pagingSchema, [rowsKey]: z.array(z.unknown()).nullish() }).safeParse(body);
  if (!parsed.success || isOfAnotherKind(body, rowsKey)) return undefined;
  const rows = parsed.data[rowsKey];
  const { next, after } = pagingSchema.parse(parsed.data['paging']) ?? {};
  const listed = Array.isArray(rows) ? rows : [];
  const furtherOn = Number(after ?? Number.NaN);
  const goesOn = Number.isSafeInteger(furtherOn) && furtherOn > asked.after;
  const hasNext = typeof next === 'string' && next !== '';
  const statedNext = offsetIn(next) ?? (goesOn ? furtherOn : undefined);
  return { rows: listed, more: hasNext || (goesOn && listed.length >= asked.pageSize), ...(statedNext === undefined ? {} : { statedNext }) };
}

/** Something was said, and neither rows nor paging: a page of maintenance news must not count as a window without changes. */
function isOfAnotherKind(body: unknown, rowsKey: string): boolean {
  const names = Object.keys(body ?? {});
  return names.length > 0 && !names.includes('paging') && !names.includes(rowsKey);
}

function offsetIn(next: string | null | undefined): number | undefined {
  const after = /[?&]after=(\d{1,12})(?:&|$)/.exec(next ?? '')?.[1];
  return after === undefined ? undefined : Number(after);
}
