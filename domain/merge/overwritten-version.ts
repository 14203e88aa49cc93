import { isWritten, type ReadJudgement } from '../consent/link-memory.ts';
import type { Fields, Instant, Scalar } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import type { SourceState } from '../model/record.ts';
import type { SourceRow } from '../model/source-record.ts';
import type { IncomingVersion } from './source-state.ts';
import type { ReadTimes } from './version-after-read.ts';

/** Stands for the value that the hub had written: what it was does not matter, only that it was another one. */
const ours = '';

/**
 * The version that stands for what the hub had written over a source's own values, to be added before the one that a judged read gives;
 * `null` when the read says nothing about such a field. Pure. Without it two edits by a person would be none:
 *
 * - the first edit of a thing that the hub made, since a value first seen is no edit;
 * - an own value that comes back after the hub had written another one, since it is what the source said last.
 *
 * `memory` and `previous` are those from before the read.
 */
export function overwrittenVersion(
  memory: LinkMemory, previous: SourceState | null, row: SourceRow, judged: ReadJudgement, times: ReadTimes,
): IncomingVersion | null {
  if (judged.covers !== 'changes' || row.deleted === true || !isWritten(memory)) return null;
  const names = Object.keys(judged.stated).filter((name) => (previous === null ? isKnownEdit(memory, row, name) : isRestated(previous, row, judged.stated, name)));
  const at = names.length === 0 ? null : justBefore(previous, row, times);
  if (at === null) return null;
  const fields: Record<string, Scalar> = { ...previous?.canonical };
  for (const name of names) fields[name] = ours;
  return { ref: { connectorId: times.connectorId, externalId: row.externalId }, dataType: row.dataType, fields, at, receivedAt: times.receivedAt };
}

/** The platform is known to have held something else: we wrote it, a read had shown it, or the thing is there only since we made it. */
function isKnownEdit(memory: LinkMemory, row: SourceRow, name: string): boolean {
  const key = row.heldKeyOf[name];
  return key !== undefined && (memory.held[key] !== undefined || memory.readAt !== null || isMadeByUs(memory, row));
}

function isMadeByUs(memory: LinkMemory, row: SourceRow): boolean {
  const { createdTime } = row;
  if (createdTime === undefined) return false;
  return Object.values(memory.sent).some(({ startedAt }) => startedAt !== undefined && startedAt <= createdTime);
}

function isRestated(previous: SourceState, row: SourceRow, stated: Fields, name: string): boolean {
  return row.heldKeyOf[name] !== undefined && stated[name] === previous.canonical[name] && !previous.deleted;
}

/** The last moment before the read's own version; none when the stamp did not move: then the source was put back as it was. */
function justBefore(previous: SourceState | null, row: SourceRow, { readAt }: ReadTimes): Instant | null {
  const at = new Date(Date.parse(row.sourceTime ?? readAt) - 1).toISOString();
  return previous === null || at > previous.sourceTime ? at : null;
}
