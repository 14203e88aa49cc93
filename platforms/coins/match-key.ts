import { normaliseEmail } from '../../domain/identity/email.ts';
import { normalisePhone } from '../../domain/identity/phone.ts';
import type { CoinsProspect } from './schema.ts';

/**
 * Whether the hub can tell who the prospect is: a valid e-mail address or a phone number. An invalid address beside
 * a valid number is no reason to refuse anyone. `defaultCountry` is for numbers written without a country.
 */
export function hasMatchKey(prospect: CoinsProspect, defaultCountry: string): boolean {
  if (prospect.email && normaliseEmail(prospect.email).ok) return true;
  return [prospect.mobile, prospect.telephone].some((number) => Boolean(number) && normalisePhone(number ?? '', defaultCountry).ok);
}
