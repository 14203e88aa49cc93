import type { DeliveryItem, DeliveryOutcome } from '../platform.ts';
import { cleanWords } from '../platform-words.ts';
import type { WireContactResult } from './schema.ts';

type RefusedCode = Extract<DeliveryOutcome, { kind: 'refused' }>['code'];

/** An outcome for a contact that was not stored. */
export function refusedContact(code: RefusedCode, message: string, more: { readonly platformCode?: string; readonly field?: string; readonly doubtsFields?: true } = {}): DeliveryOutcome {
  return { kind: 'refused', code, message, ...more };
}

/** Whether a result may be another one at the next try: Mail+'s word for a fault of its own. */
export function isPassing(code: string | undefined): boolean {
  return code === 'ERROR';
}

/** What the hub makes of Mail+'s word on one contact (contract §2 `ContactResponseCode`); a word that it does not know is a refusal. */
export function contactOutcome(item: DeliveryItem, result: WireContactResult): DeliveryOutcome {
  const { code: platformCode } = result;
  if (platformCode === 'OK') return { kind: 'stored' };
  const words = cleanWords(result.message ?? '', Object.values({ ...item.identity, ...item.changes }));
  const said = words === '' ? '' : ` Mail+ says: «${words}».`;
  switch (platformCode) {
    case 'CONTACT_OPTOUT':
      return refusedContact('RECORD_OPTED_OUT', `Mail+ does not take this contact: it is on the blacklist or inactive there.${said}`, { platformCode });
    case 'CONTACT_UNKNOWN':
      return refusedContact('RECORD_GONE', `Mail+ does not know this contact any more.${said}`, { platformCode });
    case 'NO_ACTIVE_CHANNEL':
      return refusedContact('RECORD_REFUSED', `Mail+ has no address to reach this contact by.${said}`, { platformCode });
    case 'PROPERTY_INVALID': {
      const field = namedField(item, result.message ?? '');
      return refusedContact('RECORD_REFUSED', `Mail+ refused a value of this contact.${said}`, { platformCode, doubtsFields: true, ...(field === undefined ? {} : { field }) });
    }
    default:
      return refusedContact('RECORD_REFUSED', `Mail+ refused this contact (${/^[A-Z_]{2,40}$/.test(platformCode) ? platformCode : 'an unknown code'}).${said}`, { platformCode });
  }
}

/** The sent property that Mail+'s message names, the longest name first. */
function namedField(item: DeliveryItem, message: string): string | undefined {
  return nameIn(Object.keys({ ...item.identity, ...item.changes }).map((key) => key.replace(/:\d+$/, '')), message);
}

/** The one of these names that a message of Mail+ speaks of, the longest first. */
export function nameIn(sent: readonly string[], message: string): string | undefined {
  const names = [...new Set(sent)].sort((left, right) => right.length - left.length);
  return names.find((name) => new RegExp(`(?<![A-Za-z0-9_])${name.replace(/[^A-Za-z0-9_]/g, '\\$&')}(?![A-Za-z0-9_])`, 'i').test(message));
}
