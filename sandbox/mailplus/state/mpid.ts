import { createHash } from 'node:crypto';

/** What an `mpid` stands for: the link of a message, and who got it. */
export interface MailplusId {
  readonly kind: 'mailing' | 'campaignMailing';
  readonly mailing: number;
  readonly who: number;
  readonly linkId: number;
}

const kinds = ['mailing', 'campaignMailing'] as const;
const headBytes = 13;
const totalBytes = 36;

/** Whether this looks like an `mpid`: 48 characters of base64url (contract 3.16). */
export function isMailplusId(text: string): boolean {
  return /^[A-Za-z0-9_-]{48}$/.test(text);
}

/** The `mpid` that Mail+ adds to links to the shop. */
export function writeMailplusId({ kind, mailing, who, linkId }: MailplusId): string {
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(kinds.indexOf(kind), 0);
  for (const [index, value] of [mailing, who, linkId].entries()) head.writeUInt32BE(value, 1 + index * 4);
  return Buffer.concat([head, checksum(head)]).toString('base64url');
}

/** Reads it back; `undefined` when it was not made here. */
export function readMailplusId(text: string): MailplusId | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const head = bytes.subarray(0, headBytes);
  if (bytes.length !== totalBytes || !checksum(head).equals(bytes.subarray(headBytes))) return undefined;
  const kind = kinds[head.readUInt8(0)];
  if (kind === undefined) return undefined;
  return { kind, mailing: head.readUInt32BE(1), who: head.readUInt32BE(5), linkId: head.readUInt32BE(9) };
}

function checksum(head: Buffer): Buffer {
  return createHash('sha256').update('mpid').update(head).digest().subarray(0, totalBytes - headBytes);
}
