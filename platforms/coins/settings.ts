import { IANAZone } from 'luxon';
import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';

/** The permission that e-mail campaigns are checked against (seed 000). */
export const emailPermission = 'Consent to Receive Email Marketing';
/** The permission that text messages are checked against. */
export const smsPermission = 'Consent to Receive SMS Marketing';

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function isPlainHttp(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** Text that holds JSON (from a command line) becomes what it says; anything else stays as it is and is judged by the schema. */
function fromJsonText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const minutes = z.coerce.number().int().min(1);
const yesOrNo = z.preprocess(fromJsonText, z.boolean());

/** Settings of a Coins connector; unknown ones are refused. Numbers and `consentCodes` (as JSON) may come as text. */
export const coinsSettings = z.strictObject({
  /** Where Coins' API is, without `/api/v1`. No user, password, query or fragment: those are credentials or noise. */
  baseUrl: z.string().refine(isPlainHttp, { error: 'must be an http or https address without user, password and query' }).transform(withoutSlash),
  timeZone: z.string().refine((zone) => IANAZone.isValidZone(zone), { error: 'must be an IANA time zone, as Europe/London' }).default('Europe/London'),
  optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both'),
  defaultPermission: z.string().min(1).default(emailPermission),
  /** Coins' consent code to the hub's permission; each permission has one code. */
  consentCodes: z
    .preprocess(fromJsonText, z.record(z.string().min(1), z.string().min(1)))
    .refine((codes) => new Set(Object.values(codes)).size === Object.keys(codes).length, { error: 'must give each permission one code only' })
    .default({ EMAIL_MKT: emailPermission, SMS_MKT: smsPermission }),
  /** Overrides by hand which permission of Mail+ the default permission is linked to. */
  permissionKey: z.string().min(1).optional(),
  listSyncParkAfterMinutes: minutes.default(60),
  /** Country of phone numbers that are written without one, ISO 3166-1 alpha-2. */
  defaultCountry: z.string().regex(/^[A-Z]{2}$/, { error: 'must be a country code of two capitals, as GB' }).default('GB'),
  pullIntervalMinutes: minutes.max(24 * 60, { error: 'must be at most 1440: a day' }).default(60),
  /** People log in at Coins with their e-mail address: a changed one is not sent there. */
  emailIsUserName: yesOrNo.default(false),
});

/** Parsed settings of a Coins connector. */
export type CoinsSettings = z.infer<typeof coinsSettings>;

/** What the hub needs to call Coins. The token that Coins needs to call the hub is made with `hub token create`. */
export const coinsCredentials = z.strictObject({ apiToken: z.string().min(1) });

/**
 * The settings of a context, typed.
 *
 * @throws HubError CONFIGURATION_INVALID naming the setting that is wrong
 */
export function settingsOf(context: { readonly settings: unknown }): CoinsSettings {
  const parsed = coinsSettings.safeParse(context.settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const setting = String(issue?.path[0] ?? 'settings');
  throw new HubError('CONFIGURATION_INVALID', `the setting ${setting} ${issue?.message ?? 'is not valid'}`, { field: setting });
}
