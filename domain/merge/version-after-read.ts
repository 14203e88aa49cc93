import { fieldsAfterRead, isWritten, type ReadJudgement } from '../consent/link-memory.ts';
import type { Fields, Instant } from '../model/fields.ts';
import type { SourceState } from '../model/record.ts';
import { isEmptyValue } from '../model/same-value.ts';
import type { SourceRow } from '../model/source-record.ts';
import { hasFields } from './replay.ts';
import type { IncomingVersion } from './source-state.ts';

/** Where and when a row was read. */
export interface ReadTimes {
  readonly connectorId: string;
  /** When the read began, by our clock. */
  readonly readAt: Instant;
  readonly receivedAt: Instant;
}

/**
 * The version that a judged read adds to a source record, or `null` when it adds none. Pure. It is dated by the source's stamp, or by the
 * read where there is none.
 *
 * - Fields that the row shows only because we wrote them, or that are not certain, stay as they were. Fields that can not be echoes are
 *   as the row has them, so that one that is gone from the row is cleared.
 * - A thing that shows nothing but what we wrote is no source of its own. One that we never wrote means all that it shows.
 * - Changed values under a stamp that did not move are dated by the read.
 * - Changed values under a stamp older than what is known are the source's past (a backup that was put back): they add nothing.
 */
export function versionAfterRead(previous: SourceState | null, row: SourceRow, judged: ReadJudgement, times: ReadTimes): IncomingVersion | null {
  if (judged.covers === 'nothing') return null;
  const at = row.sourceTime ?? times.readAt;
  if (row.deleted === true) return { ...versionOf(row, times, at, {}), deleted: true };
  if (previous === null && judged.covers === 'changes' && !hasFields(judged.stated)) return null;
  if (judged.covers === 'whole' || previous === null) return versionOf(row, times, at, judged.stated);
  const fields = fieldsAfterRead(previous.canonical, row, isWritten(judged.memory) ? judged.stated : { ...emptied(previous, row), ...row.canonical });
  const isKnown = saysNothingNew(previous, fields);
  if (at > previous.sourceTime) return isKnown && isWritten(judged.memory) ? null : versionOf(row, times, at, fields);
  if (at < previous.sourceTime || isKnown) return null;
  return versionOf(row, times, times.readAt > at ? times.readAt : at, fields);
}

/** What a thing shows empty is empty, although no read had shown it filled: a version that came late may have said so. */
function emptied({ canonical }: SourceState, row: SourceRow): Fields {
  const fields: Record<string, null> = {};
  for (const name in canonical) {
    const key = row.heldKeyOf[name];
    if (key !== undefined && row.canonical[name] === undefined && isEmptyValue(row.held[key])) fields[name] = null;
  }
  return fields;
}

function versionOf(row: SourceRow, times: ReadTimes, at: Instant, fields: Fields): IncomingVersion {
  const version = { ref: { connectorId: times.connectorId, externalId: row.externalId }, dataType: row.dataType, fields, at, receivedAt: times.receivedAt };
  return row.createdTime === undefined ? version : { ...version, createdAt: row.createdTime };
}

function saysNothingNew({ canonical, deleted }: SourceState, fields: Fields): boolean {
  if (deleted) return false;
  for (const name in fields) if (fields[name] !== canonical[name]) return false;
  for (const name in canonical) if (canonical[name] !== null && fields[name] === undefined) return false;
  return true;
}
