import { createHash, randomBytes } from 'node:crypto';

/** A new access token: 32 random bytes, shown once, and the hash that is stored in its place. */
export interface NewToken {
  readonly token: string;
  readonly hash: Buffer;
}

/** Makes a token. The prefix lets secret scanners recognise one that leaked. */
export function createToken(): NewToken {
  const token = `hub_${randomBytes(32).toString('base64url')}`;
  return { token, hash: hashToken(token) };
}

/** SHA-256 of a token. A slow hash is not needed: the token has 256 random bits. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
