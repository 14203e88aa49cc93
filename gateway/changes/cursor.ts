import type { FeedPosition } from '../../db/repositories/feed/read-changes.ts';
import { HubError } from '../../domain/errors.ts';

/** The largest number of a transaction. */
const lastXid = 2n ** 64n - 1n;

/** A position as systems carry it: opaque, and safe in an address. */
export function formatCursor({ xid, seq }: FeedPosition): string {
  return Buffer.from(`1.${xid}.${seq}`).toString('base64url');
}

/** Reads a cursor. Throws REQUEST_INVALID for a text that is none. */
export function parseCursor(text: string): FeedPosition {
  const [, xid, seq] = /^1\.(\d{1,20})\.(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (xid !== undefined && seq !== undefined && BigInt(xid) <= lastXid) return { xid, seq: Number(seq) };
  throw new HubError('REQUEST_INVALID', 'The cursor is none that the hub gave: send `next` of an earlier answer as it is, or nothing to read from the beginning.', { field: 'after' });
}
