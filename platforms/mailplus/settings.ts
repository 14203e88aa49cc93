import { z } from 'zod';
import type { PlatformSettings } from '../platform.ts';
import { formsSchema } from './form-settings.ts';

/** Where Mail+ answers. The unversioned base of the vendor's Swagger. */
export const mailplusBaseUrl = 'https://restapi.mailplus.nl/integrationservice';

const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const isPlainAddress = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
};

/** A setting from a command line is text: what reads as JSON becomes what it says, the rest is judged as it is. */
const fromText = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};
const yesOrNo = z.preprocess(fromText, z.boolean());
const noneByNull = (value: unknown): unknown => (value === 'null' || value === '' ? null : value);

const fieldName = z.string().regex(/^\S+$/, 'must be a name without spaces');

/** What is started for a cart: the trigger's code, and the automation's fields (names are case-sensitive) for the products in it and the link to it. */
const cartAutomationSchema = z.strictObject({ trigger: z.string().min(1), products: fieldName.default('productlist'), link: fieldName.default('linktocart') });

/** Settings of a Mail+ connector. Unknown settings are refused; numbers, yes or no, and `properties` may come as text. */
export const mailplusSettingsSchema = z.strictObject({
  /** Base of the API without a trailing slash. */
  baseUrl: z.string().refine(isPlainAddress, 'must be an http or https address without login, query and fragment')
    .transform((url) => url.replace(/\/+$/, '')).default(mailplusBaseUrl),
  /** IANA zone for stamps without offset. */
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, as Europe/Amsterdam').default('Europe/Amsterdam'),
  optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both'),
  pullIntervalMinutes: z.coerce.number().positive().max(24 * 60, 'must be at most 1440: a day').default(60),
  /** Canonical field to property, over the usual names; `null` leaves a field out. A switch of a set is `<property>:<bit>`. */
  properties: z.preprocess(fromText, z.record(z.string().min(1), z.string().min(1).nullable())).default({}),
  /** A text property that takes postcodes that are not Dutch; without it they are withheld from a property of type postcode. */
  foreignPostcodeProperty: z.preprocess(noneByNull, z.string().min(1).nullable()).default(null),
  /** Country of phone numbers that are written without one, ISO 3166-1 alpha-2. */
  defaultCountry: z.string().regex(/^[A-Z]{2}$/, 'must be a country code of two capitals, as NL').default('NL'),
  /** The field that this authentication's external ids are in, as it was chosen in Mail+: noted, since the API does not tell it; compared where the account shows it. */
  externalIdField: z.preprocess(noneByNull, z.string().min(1).nullable()).default(null),
  /** What selections of a source become: static lists (a snapshot each time), audiences (kept up to date, where the licence has them), or both. */
  selections: z.enum(['lists', 'audiences', 'both']).default('lists'),
  /** Whether the oldest list of our own may go when Mail+ has no room for another. */
  removeOldestList: yesOrNo.default(false),
  /** Whether contacts with a mobile number and no e-mail address go to Mail+. */
  smsChannel: yesOrNo.default(false),
  /** The feed that bounces are taken from; the other one is not read, so that a bounce is one activity. */
  bounceFeed: z.enum(['interactions', 'bounces']).default('bounces'),
  /** The automation for a cart whose customer did not come from a mailing; none unless told. */
  cartAutomation: z.preprocess((value) => noneByNull(fromText(value)), cartAutomationSchema.nullable()).default(null),
  /** Whether the reports of mailings are pulled into tables: a row for everybody who got, opened or clicked one. */
  reports: z.enum(['off', 'on']).default('off'),
  reportsIntervalMinutes: z.coerce.number().positive().max(24 * 60).default(60),
  /** Days after which the numbers of a mailing are taken for final. */
  reportsFollowDays: z.coerce.number().positive().max(366).default(30),
  /** The day of the oldest mailing whose reports are pulled; so many days before the first pull as numbers are followed when there is none. */
  reportsFrom: z.preprocess(noneByNull, z.iso.date('must be a date, as 2025-01-01').nullable()).default(null),
  /** Whether what people fill in in forms of Mail+ becomes activities. */
  formResults: yesOrNo.default(true),
  /** What becomes of a contact here that is deleted at its last source. `anonymise` is final. */
  whenDeleted: z.enum(['keep', 'inactivate', 'anonymise']).default('keep'),
  /** Forms of web pages, by name: what visitors may search by, get, and subscribe to. */
  forms: z.preprocess(fromText, formsSchema).default({}),
});

/** Settings of a Mail+ connector (`mailplusSettingsSchema`). */
export type MailplusSettings = z.infer<typeof mailplusSettingsSchema> & PlatformSettings;

/** Key and secret of a Mail+ authentication. */
export const mailplusCredentialsSchema = z.strictObject({ key: z.string().min(1), secret: z.string().min(1) });

/** At a call, settings of newer or older versions do no harm. */
const lenientSchema = z.object(mailplusSettingsSchema.shape);
const parsed = new WeakMap<PlatformSettings, MailplusSettings>();

/** The settings of a context with Mail+'s defaults filled in. Throws a ZodError when they were stored without being checked. */
export function mailplusSettings(settings: PlatformSettings): MailplusSettings {
  const known = parsed.get(settings);
  if (known !== undefined) return known;
  const result: MailplusSettings = lenientSchema.parse(settings);
  parsed.set(settings, result);
  return result;
}

/** What selections of a source become. */
export function selectionsOf(settings: PlatformSettings): readonly ('list' | 'audience')[] {
  const { selections } = mailplusSettings(settings);
  if (selections === 'both') return ['list', 'audience'];
  return selections === 'lists' ? ['list'] : ['audience'];
}
