import { seededRandom } from '../random.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 15;
const { floor } = Math;

/** Where the numbers of each kind begin among the seeds. Contacts and mailings take the even and the odd ones from 0. */
const firstSeeds = {
  recipient: 0x8000_0000, campaign: 0xa000_0000, campaignTrigger: 0xa800_0000, campaignMailing: 0xb000_0000,
  form: 0xb800_0000, automation: 0xc000_0000, automationTrigger: 0xc800_0000, automationContact: 0xd000_0000, folder: 0xd800_0000,
} as const;

/** What has an encrypted id, a uuid, or both. */
export type IdKind = 'contact' | 'mailing' | keyof typeof firstSeeds;

/** An opaque reference in the vendor's style: 15 letters and digits, always the same for the same kind and number. */
export function encryptedIdOf(kind: IdKind, number: number): string {
  const random = seededRandom(seedOf(kind, number));
  let text = '';
  for (let position = 0; position < length; position += 1) text += alphabet[floor(random() * alphabet.length)] ?? '';
  return text;
}

/** A random-looking uuid, always the same for the same kind and number. */
export function uuidOf(kind: IdKind, number: number): string {
  const random = seededRandom(seedOf(kind, number));
  const digits = Array.from({ length: 32 }, () => floor(random() * 16).toString(16));
  digits[12] = '4';
  digits[16] = '89ab'[floor(random() * 4)] ?? '8';
  const text = digits.join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

function seedOf(kind: IdKind, number: number): number {
  if (kind === 'contact') return number * 2;
  return kind === 'mailing' ? number * 2 + 1 : firstSeeds[kind] + number;
}
