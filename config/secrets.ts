import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { HubError } from '../domain/errors.ts';
import { lookupKeyId } from './secret-keys.ts';
import type { SecretKey } from './value-schemas.ts';

/** Seals and opens secrets at rest; a `SecretBox` for activities and the gateway. */
export interface SealedBox {
  seal(plain: string, context: string): string;
  /** Throws HubError SECRET_UNREADABLE that names the key, never the secret. */
  open(sealed: string, context: string): string;
  fingerprint(plain: string): string;
}

const algorithm = 'aes-256-gcm';
const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Seals with the first key and opens with whichever key a sealed text names, so that keys rotate by putting a new one in front.
 * A sealed text is `v1.<key id>.<base64url of iv, tag and ciphertext>`; `context` (for example `connector/coins-1`) is bound to it as
 * additional data, so that a sealed text copied to another row does not open.
 * `fingerprint` is HMAC-SHA256 in hex under the key `lookup`, or under the last key when there is none: keep that one last.
 */
export function createSecretBox(keys: readonly SecretKey[]): SealedBox {
  const sealing = keys.find((key) => key.id !== lookupKeyId);
  if (sealing === undefined) throw new HubError('CONFIGURATION_INVALID', 'No key to seal secrets with was given.', { field: 'HUB_SECRET_KEYS' });
  const byId = new Map(keys.map((key) => [key.id, key]));
  const lookup = byId.get(lookupKeyId) ?? keys.at(-1) ?? sealing;
  const fingerprintKey = Buffer.from(hkdfSync('sha256', lookup.key, '', 'connect-hub fingerprint', 32));
  return {
    seal: (plain, context) => seal(sealing, plain, context),
    open: (sealed, context) => open(byId, sealed, context),
    fingerprint: (plain) => createHmac('sha256', fingerprintKey).update(plain).digest('hex'),
  };
}

function seal(key: SecretKey, plain: string, context: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key.key, iv);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return `${version}.${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
}

function open(keys: ReadonlyMap<string, SecretKey>, sealed: string, context: string): string {
  const [format, keyId, text] = sealed.split('.');
  if (format !== version || keyId === undefined || text === undefined) throw new HubError('SECRET_UNREADABLE', 'A stored secret has an unknown form.');
  const key = keys.get(keyId);
  if (key === undefined) throw new HubError('SECRET_UNREADABLE', `A stored secret was sealed with the key «${keyId}», which is not among the keys given.`, { keyId });
  try {
    return decrypt(key, Buffer.from(text, 'base64url'), context);
  } catch (error) {
    throw new HubError('SECRET_UNREADABLE', `A stored secret does not open with the key «${keyId}»: the key differs, or the secret was changed or moved.`, { keyId }, error);
  }
}

function decrypt(key: SecretKey, bytes: Buffer, context: string): string {
  const decipher = createDecipheriv(algorithm, key.key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}
