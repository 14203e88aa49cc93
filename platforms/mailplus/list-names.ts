import { createHash } from 'node:crypto';
import { maxText } from './operations/input.ts';

/** Beginning of the ids of all lists that a hub makes. */
const prefix = 'hub';

/** Which list of a source, by which of its syncs, a list in Mail+ stands for. */
export interface OwnListId {
  readonly connectorId: string;
  readonly listId: string;
  readonly syncId: string;
}

/** The `externalTemporaryListId` of one of our lists: `hub.<connectorId>.<listId>.<syncId>`, each part without dots. */
export function writeListId({ connectorId, listId, syncId }: OwnListId): string {
  return [prefix, ...[connectorId, listId, syncId].map(writePart)].join('.');
}

/** Reads an id of `writeListId`; `undefined` for a list that is not ours. */
export function readListId(id: string): OwnListId | undefined {
  const [first, ...parts] = id.split('.');
  const [connectorId, listId, syncId] = parts.map(readPart);
  if (first !== prefix || parts.length !== 3 || connectorId === undefined || listId === undefined || syncId === undefined) return undefined;
  return { connectorId, listId, syncId };
}

/** The id of one of our audiences: `hub.<connectorId>.<listId>`; of a list with a very long id, its hash. */
export function writeAudienceId(connectorId: string, listId: string): string {
  const id = [prefix, connectorId, listId].map(writePart).join('.');
  return id.length <= maxText ? id : [prefix, writePart(connectorId), createHash('sha256').update(listId).digest('hex')].join('.');
}

/** A name with a number from 2 on, of at most 255 characters. */
export function numberedName(name: string, number: number): string {
  const suffix = number < 2 ? '' : ` (${number})`;
  return `${name.trim().slice(0, maxText - suffix.length).replace(/[\uD800-\uDBFF]$/, '').trim()}${suffix}`;
}

/** A name that no list of the account has: the one that is wanted, or that with a number. Names differ whatever their capitals. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.trim().toLowerCase()));
  for (let number = 1; ; number += 1) {
    const candidate = numberedName(wanted, number);
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

/** Letters, digits, `-` and `_` as they are; the rest as `~` and hex, which is safe in a path. */
function writePart(part: string): string {
  return [...Buffer.from(part, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(character) ? character : `~${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

function readPart(part: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|~[0-9a-f]{2})*$/.test(part)) return undefined;
  return Buffer.from(part.replace(/~([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8');
}
