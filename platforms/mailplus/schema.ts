import { z } from 'zod';

/** Ids come as text; a number is taken as its text. Blank is absent. */
const id = z.union([z.string(), z.number()]).nullish().transform((value) => {
  const text = value === null || value === undefined ? '' : String(value).trim();
  return text === '' ? undefined : text;
});
const stamp = z.union([z.string(), z.number()]).nullish();

/** A contact as Mail+ gives it (contract §2). Strict in the fields that we use; others are kept in the payload. */
export const wireContactSchema = z.object({
  externalId: id,
  encryptedId: id,
  created: stamp,
  lastChanged: stamp,
  testGroup: z.boolean().nullish(),
  temporary: z.boolean().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export type WireContact = z.infer<typeof wireContactSchema>;

/** One switch of a set property; Mail+ adds a description that we do not use. */
export const wireBitSchema = z.object({
  bit: z.union([z.number().int(), z.string().regex(/^\d+$/)]),
  enabled: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
});

/** A property of the account. */
export const wirePropertySchema = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  type: z.string().min(1),
  entries: z.array(z.object({ bit: z.union([z.number(), z.string()]), description: z.string().nullish() })).nullish(),
});

/** One line of an interaction feed. */
export const wireInteractionSchema = z.object({
  id: z.union([z.number(), z.string().min(1)]),
  externalContactId: id,
  encryptedMailingId: id,
  date: stamp,
  changeDate: stamp,
  bounceType: z.string().nullish(),
  name: z.string().nullish(),
});

export type WireInteraction = z.infer<typeof wireInteractionSchema>;

/** One line of the bounce list. */
export const wireBounceSchema = z.object({
  date: z.union([z.string(), z.number()]),
  type: z.string(),
  contact: z.object({ externalId: id, encryptedId: id }),
  encryptedActId: id,
});

export type WireBounce = z.infer<typeof wireBounceSchema>;

/** A mailing, as far as it is used: its kind, its name, and its public page. */
export const wireMailingSchema = z.object({
  name: z.string().nullish(),
  type: z.string().nullish(),
  archiveLink: z.string().nullish(),
  targetGroup: z.string().nullish(),
});

/** What became of one contact of a batch. */
export const wireContactResultSchema = z.object({
  externalId: id,
  code: z.string().min(1),
  message: z.string().nullish(),
});

export type WireContactResult = z.infer<typeof wireContactResultSchema>;

/** A static («temporary») list. Lists of other origin may have no id. */
export const wireListSchema = z.object({
  externalTemporaryListId: id,
  name: z.string().nullish(),
  createdAt: stamp,
  type: z.string().nullish(),
});

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
