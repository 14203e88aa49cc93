import { createHmac } from 'node:crypto';

/** What is signed of one call, as the Standard Webhooks convention has it. */
export interface SignedCall {
  /** Unique for what is sent; the same on a repeat. */
  readonly id: string;
  /** When this attempt is made, in milliseconds; sent in whole seconds. */
  readonly atMs: number;
  /** The exact bytes of the body, as UTF-8 text. */
  readonly body: string;
}

const encodedPrefix = 'whsec_';

/**
 * The headers of a signed webhook: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret, so that a receiver takes either while
 * one replaces the other. A secret `whsec_<base64>` is the bytes behind the prefix, any other one its own bytes. Pure.
 */
export function signedHeaders(secrets: readonly string[], { id, atMs, body }: SignedCall): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(encodedPrefix) ? Buffer.from(secret.slice(encodedPrefix.length), 'base64') : Buffer.from(secret, 'utf8');
}
