import type { DataType } from '../presets/data-types.ts';
import type { Fields, Instant } from '../model/fields.ts';
import { earlier } from '../model/instants.ts';
import type { SourceRef, SourceState, SourceVersion } from '../model/record.ts';
import { hasFields, replay } from './replay.ts';
import { dropOldest, insertVersion, maxVersions } from './versions.ts';

/** One version of a thing as its source gave it: all its fields, not only those that changed. */
export interface IncomingVersion {
  readonly ref: SourceRef;
  readonly dataType: DataType;
  /** Kept by reference: not to be changed afterwards. */
  readonly fields: Fields;
  /** When the source changed the thing. Ahead of `receivedAt` it counts as `receivedAt`. */
  readonly at: Instant;
  /** When the source created it: dates what the first known version has, for sources with one stamp per record. */
  readonly createdAt?: Instant;
  /** The thing is gone at the source; `fields` is then ignored. */
  readonly deleted?: boolean;
  readonly receivedAt: Instant;
}

/** What is to be stored of the source record, and whether that differs from what was. */
export interface AppliedVersion {
  readonly state: SourceState;
  readonly changed: boolean;
}

/**
 * Adds one version to what is known of a thing at its source. Pure; a version may come late, twice, or before an older one:
 * the state depends on the set of versions only, for as long as there are at most `maxVersions` (50) of them. Beyond that the
 * oldest is dropped, field times and clearings are kept, and a version older than all that are kept is ignored.
 *
 * - The newest version gives the values; at equal times a deletion, else the one whose content sorts last.
 * - `fieldTimes`: the time of the first version of the unbroken run in which the field has its present value.
 * - A field that an older version had and a newer one lacks is cleared (`null`) since that newer version.
 * - A deletion says nothing about fields: what was known stays, undated by it.
 */
export function applyVersion(previous: SourceState | null, incoming: IncomingVersion): AppliedVersion {
  const version = versionOf(incoming);
  if (previous === null) return { state: firstState(incoming, version), changed: true };
  const known = versionsOf(previous);
  const versions = insertVersion(known, version);
  if (versions === known) return { state: previous, changed: false };
  return { state: nextState(previous, versions), changed: true };
}

function versionOf(incoming: IncomingVersion): SourceVersion {
  const at = earlier(incoming.at, incoming.receivedAt);
  const { createdAt } = incoming;
  const isDeleted = incoming.deleted === true;
  const dates = createdAt !== undefined && (isDeleted || createdAt < at) ? { at, createdAt } : { at };
  return isDeleted ? { ...dates, fields: {}, deleted: true } : { ...dates, fields: incoming.fields };
}

function firstState(incoming: IncomingVersion, version: SourceVersion): SourceState {
  const since = version.createdAt ?? version.at;
  const fieldTimes: Record<string, Instant> = {};
  for (const name in version.fields) fieldTimes[name] = since;
  return {
    connectorId: incoming.ref.connectorId,
    externalId: incoming.ref.externalId,
    dataType: incoming.dataType,
    canonical: version.fields,
    fieldTimes,
    edited: [],
    versions: toStore([version]),
    sourceTime: version.at,
    deleted: version.deleted === true,
  };
}

/** A lone version can be told from the state, unless it has a date of creation and no field that carries it. */
function toStore(versions: readonly SourceVersion[]): readonly SourceVersion[] {
  const [only] = versions;
  const isPlain = versions.length === 1 && only !== undefined && (only.createdAt === undefined || hasFields(only.fields));
  return isPlain ? [] : versions;
}

function versionsOf(state: SourceState): readonly SourceVersion[] {
  if (state.versions.length > 0) return state.versions;
  if (state.deleted) {
    const deletion: SourceVersion = { at: state.sourceTime, fields: {}, deleted: true };
    return hasFields(state.canonical) ? [{ at: state.sourceTime, fields: state.canonical, since: state.fieldTimes }, deletion] : [deletion];
  }
  for (const name in state.fieldTimes) {
    const createdAt = state.fieldTimes[name];
    if (createdAt === undefined || createdAt >= state.sourceTime) break;
    return [{ at: state.sourceTime, fields: state.canonical, createdAt }];
  }
  return [{ at: state.sourceTime, fields: state.canonical }];
}

function nextState(previous: SourceState, versions: readonly SourceVersion[]): SourceState {
  const newest = versions.at(-1);
  const { canonical, fieldTimes, edited } = replay(versions, previous.edited);
  const kept = versions.length > maxVersions ? dropOldest(versions) : versions;
  return {
    ...previous, canonical, fieldTimes, edited, versions: toStore(kept),
    sourceTime: newest?.at ?? previous.sourceTime, deleted: newest?.deleted === true,
  };
}
