import { normaliseEmail } from './email.ts';

/** How a field's text becomes the value of a key. `code`: letters and digits only, in capitals; `text`: trimmed, composed, otherwise as it is. */
export type KeyNormaliser = 'email' | 'phone' | 'gtin' | 'code' | 'text';

const e164 = /^\+[1-9]\d{6,14}$/;

const normalisers: Readonly<Record<KeyNormaliser, (text: string) => string | null>> = {
  email: (text) => {
    const email = normaliseEmail(text);
    return email.ok ? email.value : null;
  },
  phone: (text) => (e164.test(text) ? text : null),
  gtin: gtin14,
  code: (text) => text.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, '') || null,
  text: (text) => text.trim().normalize('NFC') || null,
};

/** The value of a key, or `null` when the text is no usable one. */
export function keyValue(normaliser: KeyNormaliser, text: string): string | null {
  return normalisers[normaliser](text);
}

/** A GTIN-8, -12, -13 or -14 with the right check digit, padded to 14 digits so that all spellings are equal. */
function gtin14(text: string): string | null {
  const digits = text.replaceAll(/[\s-]/g, '');
  if (!/^(?:\d{8}|\d{12,14})$/.test(digits)) return null;
  const padded = digits.padStart(14, '0');
  const sum = Array.from(padded, Number).reduce((total, digit, index) => total + digit * (index % 2 === 0 ? 3 : 1), 0);
  return sum % 10 === 0 && Number(padded) > 0 ? padded : null;
}
