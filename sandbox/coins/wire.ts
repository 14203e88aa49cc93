/**
 * The Coins shapes on the wire. There is no public contract for the Coins link; these are the shapes that the project
 * assumes (see README.md in this folder), written here a second time so that the sandbox can disagree with the product.
 */

/** Postal address of a prospect; every part is a string, empty when unknown. `country` is ISO 3166-1 alpha-2. */
export type Address = {
  line1: string;
  line2: string;
  town: string;
  county: string;
  postcode: string;
  country: string;
};

/** One permission on the prospect card. `date` is ISO 8601 with an offset; `value: false, date: null` means never asked. */
export type Consent = {
  code: string;
  description: string;
  value: boolean;
  date: string | null;
};

/** A prospect card as Coins sends it. Times are ISO 8601 with an offset; unknown texts are empty strings. */
export type Prospect = {
  prospectId: string;
  title: string;
  forename: string;
  surname: string;
  email: string;
  mobile: string;
  telephone: string;
  address: Address;
  developmentCode: string;
  plot: string | null;
  source: string;
  levelOfInterest: string;
  status: string;
  salesAdviser: string;
  consents: Consent[];
  lastModified: string;
};

/** A prospect as it can really come: some cards in the data are wrong in type on purpose, so nothing but the id is sure. */
export type WireProspect = { prospectId: string } & { [field in Exclude<keyof Prospect, 'prospectId'>]?: unknown };

/** The list (audience) of a list sync. */
export type SyncList = { id: string; name: string; description: string };

/** The campaign of a list sync; `startDate` and `endDate` are calendar dates (`yyyy-MM-dd`). */
export type SyncCampaign = { id: string; name: string; startDate: string; endDate: string };

/** Body of one page of a list sync, `page` counts from 1. */
export type ListSyncPage = {
  syncId: string;
  cid: string;
  list: SyncList;
  campaign?: SyncCampaign;
  page: number;
  pageCount: number;
  prospects: readonly WireProspect[];
};

/** A prospect that the hub did not take, with its reason. */
export type Rejection = { prospectId: string; reason: string };

/** The hub's answer to a page (202). */
export type ListSyncAnswer = { syncId: string; accepted: number; rejected: Rejection[] };

/** The 14 activity types that a prospect card takes. Opens and unsubscribes are never activities. */
export const ACTIVITY_TYPES = [
  'email.sent', 'email.bounced', 'email.clicked', 'page.viewed', 'email.complained', 'sms.sent', 'sms.bounced',
  'event.invited', 'event.accepted', 'event.declined', 'event.attended', 'event.no_show', 'form.submitted',
  'conversation.concluded',
] as const;

/** An activity on a prospect card. `at` is ISO 8601 with an offset. */
export type Activity = {
  externalId: string;
  type: string;
  at: string;
  campaignId?: string;
  listId?: string;
  description: string;
  url?: string;
};

/** A task for a sales adviser. `dueDate` is a calendar date. */
export type Task = {
  externalId: string;
  assignee: string;
  subject: string;
  description?: string;
  dueDate?: string;
};

/** A change of consent that the hub writes to a prospect card. */
export type ConsentChange = { code: string; value: boolean; date: string; origin: string };

/** The text fields of a prospect card that may be edited from outside. */
export const EDITABLE_TEXTS = ['title', 'forename', 'surname', 'email', 'mobile', 'telephone'] as const;

/** The parts of an address. */
export const ADDRESS_PARTS = ['line1', 'line2', 'town', 'county', 'postcode', 'country'] as const;

/** An edit of a prospect card from outside: any of the editable texts, any parts of the address. */
export type ProspectEdit = { [field in (typeof EDITABLE_TEXTS)[number]]?: string } & { address?: Partial<Address> };
