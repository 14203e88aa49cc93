import { isIP } from 'node:net';
import { z } from 'zod';

/** What a process of the hub can do. */
export const ROLES = ['worker', 'gateway'] as const;

/** One of the things that a process of the hub can do. */
export type Role = (typeof ROLES)[number];

/** A key for secrets at rest (AES-256-GCM): `key` has 32 bytes, `id` is stored with what it encrypts. */
export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

/** A whole number in decimal digits within the bounds, both included. */
export const integer = (from: number, to: number): z.ZodType<number, string> =>
  z.string().regex(/^\d{1,15}$/).transform(Number).pipe(z.number().min(from).max(to));

/** A connection URL of PostgreSQL with a host. */
export const databaseUrl = z.string().refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol));

const parts = z.string().transform((text) => text.split(',').map((part) => part.trim()));

/** Waiting times in milliseconds, one to twenty of them, each at most 7 days and none shorter than the one before. */
export const ladder = parts
  .pipe(z.array(integer(1, 604_800_000)).min(1).max(20))
  .refine((steps) => steps.every((step, index) => step >= (steps[index - 1] ?? 0)));

/** IP addresses, or networks as `10.0.0.0/8`, at least one. */
export const networks = parts.pipe(z.array(z.string().refine(isNetwork)).min(1));

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([\da-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128)));
}

/** Roles without repetition, at least one. */
export const roles = parts.pipe(z.array(z.enum(ROLES)).min(1)).transform((list) => ROLES.filter((role) => list.includes(role)));

/** `id:base64key` parts; ids of letters, digits, `_` and `-`, each used once; keys of exactly 32 bytes. */
export const secretKeys = parts
  .pipe(z.array(z.string().regex(/^[\w-]{1,32}:[A-Za-z0-9+/]{43}=$/).transform(toSecretKey)).min(1))
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length);

function toSecretKey(text: string): SecretKey {
  const colon = text.indexOf(':');
  return { id: text.slice(0, colon), key: Buffer.from(text.slice(colon + 1), 'base64') };
}
