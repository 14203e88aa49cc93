import type { Fields, Instant, Scalar } from '../model/fields.ts';
import { earlier } from '../model/instants.ts';
import type { SourceVersion } from '../model/record.ts';

/** What a run through the versions of a thing gives (`SourceState` says what the parts mean). */
export interface Replayed {
  readonly canonical: Fields;
  readonly fieldTimes: Readonly<Record<string, Instant>>;
  readonly edited: readonly string[];
}

interface Run {
  readonly canonical: Record<string, Scalar>;
  readonly fieldTimes: Record<string, Instant>;
  readonly edited: Set<string>;
}

/** True when there is at least one field. */
export function hasFields(fields: Fields): boolean {
  for (const _name in fields) return true;
  return false;
}

/**
 * Runs through versions, ascending. `editedBefore` is what was seen to change when more versions were known:
 * knowing more versions never makes a field less edited.
 */
export function replay(versions: readonly SourceVersion[], editedBefore: readonly string[]): Replayed {
  const run: Run = { canonical: {}, fieldTimes: {}, edited: new Set(editedBefore) };
  const createdAt = versions[0]?.createdAt;
  let isFirst = true;
  for (const version of versions) {
    if (version.deleted === true) continue;
    if (isFirst) startRun(run, version, createdAt);
    else continueRun(run, version);
    isFirst = false;
  }
  return { canonical: run.canonical, fieldTimes: run.fieldTimes, edited: [...run.edited].sort() };
}

function startRun(run: Run, version: SourceVersion, createdAt: Instant | undefined): void {
  const start = earlier(version.at, createdAt);
  for (const name in version.fields) {
    run.canonical[name] = version.fields[name] ?? null;
    run.fieldTimes[name] = version.since?.[name] ?? start;
  }
}

function continueRun(run: Run, version: SourceVersion): void {
  for (const name in version.fields) {
    const value = version.fields[name] ?? null;
    const before = run.canonical[name];
    if (before === value) continue;
    if (before !== undefined || value !== null) run.edited.add(name);
    run.canonical[name] = value;
    run.fieldTimes[name] = version.at;
  }
  for (const name in run.canonical) {
    if (version.fields[name] !== undefined || run.canonical[name] === null) continue;
    run.edited.add(name);
    run.canonical[name] = null;
    run.fieldTimes[name] = version.at;
  }
}
