import type { Fields, Instant, Scalar } from '../model/fields.ts';
import { earlier } from '../model/instants.ts';
import type { SourceVersion } from '../model/record.ts';
import { areSameFields } from '../model/same-value.ts';

/** Versions that are kept of one thing at one source. */
export const maxVersions = 50;

/**
 * The versions, ascending, with one more. The same array when nothing new was said: the version is known, or it is older than
 * all of a full list.
 */
export function insertVersion(versions: readonly SourceVersion[], version: SourceVersion): readonly SourceVersion[] {
  let index = versions.length;
  while (index > 0) {
    const known = versions[index - 1];
    if (known === undefined) break;
    const order = compareVersions(version, known);
    if (order === 0) return withCreation(versions, version.createdAt);
    if (order > 0) break;
    index -= 1;
  }
  if (index === 0 && versions.length >= maxVersions) return versions;
  const { createdAt, ...rest } = version;
  const known = versions[0]?.createdAt;
  const bare = versions.length > 0 && index === 0 ? [rest, ...versions.map(withoutCreation)] : [...versions.slice(0, index), rest, ...versions.slice(index)];
  return withCreation(bare, createdAt === undefined ? known : earlier(createdAt, known));
}

/** Puts the earliest date of creation on the oldest version. The same array when it is there already. */
function withCreation(versions: readonly SourceVersion[], createdAt: Instant | undefined): readonly SourceVersion[] {
  const [oldest, ...others] = versions;
  if (oldest === undefined || createdAt === undefined) return versions;
  if (oldest.createdAt !== undefined && oldest.createdAt <= createdAt) return versions;
  return [{ ...oldest, createdAt }, ...others];
}

function withoutCreation(version: SourceVersion): SourceVersion {
  if (version.createdAt === undefined) return version;
  const { createdAt: _createdAt, ...rest } = version;
  return rest;
}

function compareVersions(a: SourceVersion, b: SourceVersion): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.deleted !== b.deleted) return a.deleted === true ? 1 : -1;
  if (areSameFields(a.fields, b.fields)) return 0;
  const [left, right] = [sortedText(a.fields), sortedText(b.fields)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Without empty fields: a version that comes again, late, names as empty what only newer ones have. */
function sortedText(fields: Fields): string {
  return JSON.stringify(Object.keys(fields).filter((name) => fields[name] !== null).sort().map((name) => [name, fields[name]]));
}

/**
 * Drops one version from a list that is too long. A deletion among the two oldest goes without a trace; otherwise the oldest goes
 * and the next one takes over since when its values are so, and what it had been said to be.
 */
export function dropOldest(versions: readonly SourceVersion[]): readonly SourceVersion[] {
  const [oldest, next, ...others] = versions;
  if (oldest === undefined || next === undefined) return versions;
  if (next.deleted === true) return [oldest, ...others];
  if (oldest.deleted === true) return withCreation([next, ...others], oldest.createdAt);
  return [fold(oldest, next), ...others];
}

function fold(oldest: SourceVersion, next: SourceVersion): SourceVersion {
  const start = earlier(oldest.at, oldest.createdAt);
  const fields: Record<string, Scalar> = {};
  const since: Record<string, Instant> = {};
  for (const name in next.fields) {
    const value = next.fields[name] ?? null;
    fields[name] = value;
    since[name] = oldest.fields[name] === value ? (oldest.since?.[name] ?? start) : next.at;
  }
  for (const name in oldest.fields) {
    if (fields[name] !== undefined) continue;
    fields[name] = null;
    since[name] = oldest.fields[name] === null ? (oldest.since?.[name] ?? start) : next.at;
  }
  return { at: next.at, fields, since };
}
