import { IANAZone } from 'luxon';
import { z } from 'zod';
import { connectorClasses } from '../../domain/presets/connector-classes.ts';
import type { PlatformSettings } from '../platform.ts';

/** The permission that e-mail campaigns are checked against (seed 000). */
const emailPermission = 'Consent to Receive Email Marketing';

function isPlainHttp(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '';
}

/** Text that holds JSON (from a command line) becomes what it says; anything else stays as it is and is judged by the schema. */
function fromJsonText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const hasNoQuery = (url: string): boolean => new URL(url).search === '';
const isDistinct = (names: readonly string[]): boolean => new Set(names.map((name) => name.trim().toLowerCase())).size === names.length;

/** Settings of a custom connector; unknown ones are refused. Lists may come as JSON text. */
export const customSettings = z.strictObject({
  /** What kind of system it is: decides which presets it may have. */
  class: z.enum(connectorClasses, { error: ({ input }) => `${input === undefined ? 'has to be given first, as --set class=crm. It is one of' : 'there is no such class. It is one of'}: ${connectorClasses.join(', ')}` }),
  /** Where the system is, for people: the hub calls `webhookUrl` only. */
  baseUrl: z.string().refine((url) => url === '' || (isPlainHttp(url) && hasNoQuery(url)), { error: 'must be an http or https address without user, password and query' })
    .transform((url) => url.replace(/\/+$/, '')).default(''),
  /** Where the hub posts what it has for the system; without it the system reads its change feed. */
  webhookUrl: z.string().refine(isPlainHttp, { error: 'must be an http or https address without user and password' }).optional(),
  /** How long the hub keeps what it has for a system that reads its change feed. */
  changeFeedDays: z.coerce.number().int().min(1).max(365).default(30),
  /** IANA zone for stamps without offset. */
  timeZone: z.string().refine((zone) => IANAZone.isValidZone(zone), { error: 'must be an IANA time zone, as Europe/Amsterdam' }).default('Europe/Amsterdam'),
  optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both'),
  /** Country of phone numbers that are written without one, ISO 3166-1 alpha-2. */
  defaultCountry: z.string().regex(/^[A-Z]{2}$/, { error: 'must be a country code of two capitals, as NL' }).default('NL'),
  /** Names of the hub's permissions that the system knows; each is linked to the one of the same name elsewhere. */
  permissions: z
    .preprocess(fromJsonText, z.array(z.string().trim().min(1).max(200), { error: 'must be a list of names, as ["Newsletter"]' }).max(50).refine(isDistinct, { error: 'must name each permission once' }))
    .default([emailPermission]),
  /** What the language field of a contact gets: its `language`, or all levels of `shopStructure` where a contact has them. */
  languageFrom: z.enum(['language', 'structure']).default('language'),
  /** People log in there with their e-mail address: a changed one is not told. */
  emailIsUserName: z.preprocess(fromJsonText, z.boolean({ error: 'must be true or false' })).default(false),
  /** Between the levels of `shopStructure`. */
  languageSeparator: z.string().min(1).max(10).default(' - '),
});

/** Settings of a custom connector (`customSettings`). */
export type CustomSettings = z.infer<typeof customSettings>;

/** Signs what the hub posts to `webhookUrl`; a system that reads its feed needs none. */
export const customCredentials = z.strictObject({ webhookSecret: z.string().min(1).optional() }).transform(({ webhookSecret }): Readonly<Record<string, string>> => (webhookSecret === undefined ? {} : { webhookSecret }));

/** At a call, settings of newer or older versions do no harm. */
const lenient = z.object(customSettings.shape);
const parsed = new WeakMap<PlatformSettings, CustomSettings>();

/** The settings of a context, typed, with defaults filled in. Throws a ZodError when they were stored without being checked. */
export function settingsOf({ settings }: { readonly settings: PlatformSettings }): CustomSettings {
  const known = parsed.get(settings);
  if (known !== undefined) return known;
  const result = lenient.parse(settings);
  parsed.set(settings, result);
  return result;
}
