import type { Fields, Scalar } from '../model/fields.ts';
import type { FieldChange, FieldOrigin, MergedRecord, SourceState } from '../model/record.ts';

/** Who goes first, apart from time (design §9). */
export interface MergePolicy {
  /** The data type's default source; contacts have none. */
  readonly defaultConnector?: string;
  /** An account's own order of connectors per field; it replaces the default source for that field. Connectors not named come after. */
  readonly fieldOrder?: Readonly<Record<string, readonly string[]>>;
}

/** The merged view of a record. Fields are in alphabetical order, so that equal views are equal as text. */
export type MergeResult = Pick<MergedRecord, 'canonical' | 'provenance' | 'deleted'>;

/**
 * Merges what the sources of one record say (design §9): per field the account's order or else the default source, then the newest
 * field time, then connector and external id. `null` (said to be empty) is a value like any other, an absent field none. Deleted sources
 * give nothing; the record is deleted when every source is (and when there is none). Pure; the order of `sources` does not matter.
 */
export function mergeSources(sources: readonly SourceState[], policy: MergePolicy): MergeResult {
  const live = sources.filter((source) => !source.deleted);
  if (live.length > 1) live.sort(compareRefs);
  const winners: Record<string, SourceState> = {};
  for (const source of live) {
    for (const name in source.canonical) {
      const current = winners[name];
      if (current === undefined || beats(source, current, name, policy)) winners[name] = source;
    }
  }
  return { ...collect(winners), deleted: live.length === 0 };
}

function compareRefs(a: SourceState, b: SourceState): number {
  if (a.connectorId !== b.connectorId) return a.connectorId < b.connectorId ? -1 : 1;
  return a.externalId < b.externalId ? -1 : 1;
}

function beats(challenger: SourceState, current: SourceState, name: string, policy: MergePolicy): boolean {
  const difference = rankOf(challenger.connectorId, name, policy) - rankOf(current.connectorId, name, policy);
  if (difference !== 0) return difference < 0;
  return timeOf(challenger, name) > timeOf(current, name);
}

function rankOf(connectorId: string, name: string, policy: MergePolicy): number {
  const order = policy.fieldOrder?.[name];
  if (order !== undefined) {
    const place = order.indexOf(connectorId);
    return place < 0 ? order.length : place;
  }
  return policy.defaultConnector === undefined || policy.defaultConnector === connectorId ? 0 : 1;
}

function timeOf(source: SourceState, name: string): string {
  return source.fieldTimes[name] ?? source.sourceTime;
}

function collect(winners: Readonly<Record<string, SourceState>>): Pick<MergeResult, 'canonical' | 'provenance'> {
  const canonical: Record<string, Scalar> = {};
  const provenance: Record<string, FieldOrigin> = {};
  let last: FieldOrigin | undefined;
  for (const name of Object.keys(winners).sort()) {
    const source = winners[name];
    if (source === undefined) continue;
    canonical[name] = source.canonical[name] ?? null;
    last = originOf(source, name, last);
    provenance[name] = last;
  }
  return { canonical, provenance };
}

/** The fields of a first import share one origin: the one before is used again when it is the same. */
function originOf(source: SourceState, name: string, last: FieldOrigin | undefined): FieldOrigin {
  const at = timeOf(source, name);
  const edited = source.edited.includes(name);
  const isSame = last !== undefined && last.at === at && last.edited === edited
    && last.externalId === source.externalId && last.connectorId === source.connectorId;
  return isSame ? last : { connectorId: source.connectorId, externalId: source.externalId, at, edited };
}

/** The fields in which two views of a record differ, strictly; `undefined` stands for an absent field. */
export function diffFields(before: Fields, after: Fields): Record<string, FieldChange> {
  const changes: Record<string, FieldChange> = {};
  for (const name in after) {
    if (before[name] !== after[name]) changes[name] = { from: before[name], to: after[name] };
  }
  for (const name in before) {
    if (after[name] === undefined) changes[name] = { from: before[name], to: undefined };
  }
  return changes;
}
