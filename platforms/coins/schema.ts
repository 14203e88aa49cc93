import { z } from 'zod';

/*
 * Every shape that Coins and the hub exchange. There is no public contract for this link: all of it is assumed
 * (`docs/coins.md`), and stands in this file only, so that the real contract can replace it.
 */

/** Most prospects that one page of a list sync may carry. */
export const maxProspectsAPage = 5_000;
/** Most pages that one list sync may have. */
export const maxPagesASync = 10_000;

const opaqueId = z
  .string({ error: 'must be a text' })
  .regex(/^(?!\.{1,2}$)[^\s@\p{Cc}]{1,200}$/u, { error: 'must be an id: 1 to 200 characters without spaces and without @' });
const text = z.string({ error: 'must be a text' }).nullish();
const stamp = z.iso.datetime({ offset: true, local: true, error: 'must be a time in ISO 8601, as 2026-11-20T09:12:00Z' }).nullish();
const calendarDate = z.iso.date({ error: 'must be a calendar date, as 2027-03-01' }).nullish();

const addressSchema = z.object(
  { line1: text, line2: text, town: text, county: text, postcode: text, country: text },
  { error: 'must be an object' },
);

const consentSchema = z.object(
  {
    code: z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' }),
    value: z.boolean({ error: 'must be true or false' }),
    date: stamp,
  },
  { error: 'must be an object' },
);

/**
 * A prospect card, as far as the hub uses it. An absent, `null` or empty text is not known; `value: false` with `date: null`
 * means that the person was never asked. Stamps without an offset are in the connector's time zone.
 */
export const prospectSchema = z.object(
  {
    prospectId: opaqueId,
    title: text, forename: text, surname: text, email: text, mobile: text, telephone: text,
    address: addressSchema.nullish(),
    developmentCode: text, plot: text, source: text, levelOfInterest: text, status: text, salesAdviser: text, cid: text,
    consents: z.array(consentSchema, { error: 'must be a list' }).nullish(),
    lastModified: stamp,
  },
  { error: 'must be an object' },
);

/** A parsed prospect (`prospectSchema`). */
export type CoinsProspect = z.infer<typeof prospectSchema>;
/** One permission on a prospect card. */
export type CoinsConsent = z.infer<typeof consentSchema>;

const pageNumber = z.int({ error: 'must be a whole number' }).min(1, { error: 'must be 1 or more' });
const listSchema = z.object(
  { id: opaqueId, name: z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' }), description: text },
  { error: 'must be an object' },
);
const campaignSchema = z.object(
  { id: opaqueId, name: z.string({ error: 'must be a text' }), startDate: calendarDate, endDate: calendarDate },
  { error: 'must be an object' },
);

/** One page of a list sync, as Coins posts it; the prospects are parsed one by one (`prospectSchema`). */
export const listSyncSchema = z
  .object(
    {
      syncId: opaqueId,
      list: listSchema,
      campaign: campaignSchema.nullish(),
      page: pageNumber,
      pageCount: pageNumber.max(maxPagesASync, { error: `must be at most ${maxPagesASync}` }),
      prospects: z
        .array(z.unknown(), { error: 'must be a list' })
        .max(maxProspectsAPage, { error: `must have at most ${maxProspectsAPage} entries: send smaller pages` }),
    },
    { error: 'must be an object' },
  )
  .refine((body) => body.page <= body.pageCount, { path: ['page'], error: 'must not be greater than pageCount' });

/** A parsed page of a list sync (`listSyncSchema`). */
export type CoinsListSync = z.infer<typeof listSyncSchema>;

/**
 * Answer of `GET /api/v1/prospects?modifiedSince=…&page=…&pageSize=…`: the cards saved at or after that time, oldest stamp first,
 * at equal stamps by id. Pages count from 1; the last one is the one whose `page` is not below `pageCount`.
 */
export const prospectPageSchema = z.object({
  page: z.int().min(1),
  pageCount: z.int().min(0),
  prospects: z.array(z.unknown()),
});

/** Body of a 404 for a prospect: `mergedInto` names the card that took its place. */
export const goneSchema = z.object({ message: z.string(), mergedInto: opaqueId.nullish() });

/** Body of a refusal (400, 409, 422): `field` is the field at fault, in Coins' terms. */
export const refusalSchema = z.object({ message: z.string(), field: z.string().nullish() });

/** Body of `PATCH /api/v1/prospects/{prospectId}/consents`. `date` is when the person said so, ISO 8601 in UTC. */
export interface ConsentPatch {
  readonly code: string;
  readonly value: boolean;
  readonly date: string;
  readonly origin: 'spotler';
}

/** Body of `PATCH /api/v1/prospects/{prospectId}` (docs/adr/0004): only what changes; an empty text empties the field. */
export interface ProspectPatch {
  readonly [field: string]: string | Readonly<Record<string, string>>;
  readonly origin: 'spotler';
}

/** Body of `POST /api/v1/prospects/{prospectId}/activities`; a second one with the same `externalId` changes nothing. */
export const activitySchema = z.strictObject({
  externalId: z.string().min(1),
  type: z.string().min(1),
  /** ISO 8601 in UTC. */
  at: z.iso.datetime(),
  campaignId: z.string().min(1).optional(),
  listId: z.string().min(1).optional(),
  description: z.string(),
  url: z.string().min(1).optional(),
});

/** Body of `POST /api/v1/prospects/{prospectId}/tasks`; a second one with the same `externalId` changes nothing. */
export const taskSchema = z.strictObject({
  externalId: z.string().min(1),
  /** The sales adviser who is to do it, as `salesAdviser` on the card. */
  assignee: z.string().min(1),
  subject: z.string().min(1),
  description: z.string(),
});

/** A task on a prospect card (`taskSchema`). */
export type CoinsTask = z.infer<typeof taskSchema>;

/** An activity for a prospect card (`activitySchema`). */
export type CoinsActivity = z.infer<typeof activitySchema>;
