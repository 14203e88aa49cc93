import { seededRandom } from '../random.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 15;

/** An opaque reference in the vendor's style: 15 letters and digits, always the same for the same kind and number. */
export function encryptedIdOf(kind: 'contact' | 'mailing', number: number): string {
  const random = seededRandom(number * 2 + (kind === 'contact' ? 0 : 1));
  let text = '';
  for (let position = 0; position < length; position += 1) text += alphabet[Math.floor(random() * alphabet.length)] ?? '';
  return text;
}
