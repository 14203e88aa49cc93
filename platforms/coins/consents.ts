import type { Instant, Scalar } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { consentPrefix } from './names.ts';
import type { CoinsConsent } from './schema.ts';
import type { CoinsSettings } from './settings.ts';
import { instantOf } from '../stamps.ts';

/** The key of a code in `held`. */
export function consentKey(code: string): string {
  return consentPrefix + code;
}

/**
 * What a card states about the permissions that the connector knows. A card may name a code twice: both are statements.
 * `false` without a date is passed on as it is: that it means «never asked» is decided in one place (`domain/consent`, design §9).
 */
export function statementsOf(prospectId: string, consents: readonly CoinsConsent[], settings: CoinsSettings): SourceRow['consents'] {
  const statements: SourceRow['consents'][number][] = [];
  for (const { code, value, date } of consents) {
    const permission = Object.hasOwn(settings.consentCodes, code) ? settings.consentCodes[code] : undefined;
    if (permission === undefined) continue;
    const at = date ? instantOf(date, settings.timeZone) : null;
    statements.push({ permission, granted: value, at, evidence: `Coins prospect ${prospectId}, consent ${code}`, heldKey: consentKey(code) });
  }
  return statements;
}

/** Puts what the card holds of each code into `held`; of a code that comes twice, the newest, and the withdrawal at equal times. */
export function holdConsents(held: Record<string, Scalar>, consents: readonly CoinsConsent[], timeZone: string): void {
  const times = new Map<string, Instant>();
  for (const { code, value, date } of consents) {
    const at = date ? instantOf(date, timeZone) : '';
    const known = times.get(code);
    if (known !== undefined && (at < known || (at === known && value))) continue;
    times.set(code, at);
    held[consentKey(code)] = value;
  }
}
