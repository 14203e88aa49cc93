import type { Fields, Instant, Scalar } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import { isEmptyValue } from '../model/same-value.ts';
import type { SourceRow } from '../model/source-record.ts';
import { judgeKey } from './verdict.ts';

/**
 * The canonical fields in which a read is the source's own statement. A field without an entry in `heldKeyOf` is never an echo.
 * A field that is shown empty now and was not before is cleared (`null`); one that is shown but could not be read as a canonical value
 * is no statement.
 */
export function statedFields(memory: LinkMemory, row: SourceRow, readAt: Instant): Fields {
  const stated: Record<string, Scalar> = {};
  for (const name in row.canonical) {
    const key = row.heldKeyOf[name];
    const value = row.canonical[name] ?? null;
    if (key === undefined || judgeKey(memory, row.held[key], key, readAt) === 'news') stated[name] = value;
  }
  for (const name in row.heldKeyOf) {
    const key = row.heldKeyOf[name];
    if (key === undefined || row.canonical[name] !== undefined || isEmptyValue(memory.held[key]) || !isEmptyValue(row.held[key])) continue;
    if (judgeKey(memory, row.held[key], key, readAt) === 'news') stated[name] = null;
  }
  return stated;
}

/**
 * All that a row says of a link to which nothing was ever written, when a newer read was taken into account before it: its fields,
 * and `null` for those that only the newer read shows.
 */
export function wholeRow(memory: LinkMemory, row: SourceRow): Fields {
  const stated: Record<string, Scalar> = { ...row.canonical };
  for (const name in row.heldKeyOf) {
    const key = row.heldKeyOf[name];
    if (key !== undefined && row.canonical[name] === undefined && !isEmptyValue(memory.held[key]) && isEmptyValue(row.held[key])) stated[name] = null;
  }
  return stated;
}

/**
 * The complete fields of a source after a read: what it said before, with what it states now. Fields that can not be echoes are as the row
 * has them, so that one that is gone from the row counts as cleared; unless the row names what it could show, and that field was not in it.
 */
export function fieldsAfterRead(before: Fields | undefined, row: SourceRow, stated: Fields): Fields {
  if (before === undefined) return stated;
  const fields: Record<string, Scalar> = {};
  for (const name in before) {
    const value = before[name];
    if (value !== undefined && (row.heldKeyOf[name] !== undefined || row.visible !== undefined)) fields[name] = value;
  }
  for (const name in stated) fields[name] = stated[name] ?? null;
  return fields;
}
