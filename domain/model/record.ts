import type { DataType } from '../presets/data-types.ts';
import type { Fields, Instant, Scalar } from './fields.ts';

/** Identifies one thing at one connector. */
export interface SourceRef {
  readonly connectorId: string;
  readonly externalId: string;
}

/** One version that a source has given of a thing, kept only as far as field times need it. */
export interface SourceVersion {
  readonly at: Instant;
  /** Canonical field to value; a digest would do, but values keep «why did this change» possible. Empty for a deletion. */
  readonly fields: Fields;
  /** The source said that the thing is gone. */
  readonly deleted?: true;
  /** On the oldest version only: when the source says that it created the thing, if that is earlier. */
  readonly createdAt?: Instant;
  /** On the oldest version only, after older ones were dropped: since when each field has its value in this version. */
  readonly since?: Readonly<Record<string, Instant>>;
}

/** What is stored of one source record. */
export interface SourceState extends SourceRef {
  readonly dataType: DataType;
  /** Values of the newest version, with `null` for a field that was said before and is not said now. */
  readonly canonical: Fields;
  /** Since when this source gives the present value, by field. */
  readonly fieldTimes: Readonly<Record<string, Instant>>;
  /** Fields that were seen to change at this source, as opposed to first seen. */
  readonly edited: readonly string[];
  /** Older and present versions, ascending; empty while there is only one (`domain/merge/source-state.ts`). */
  readonly versions: readonly SourceVersion[];
  readonly sourceTime: Instant;
  readonly deleted: boolean;
}

/** Why a field of a record has its value. */
export interface FieldOrigin extends SourceRef {
  readonly at: Instant;
  /** True when the source was seen to change the field; a value first seen is no edit. */
  readonly edited: boolean;
}

/** The decided state of one permission of a record. */
export interface PermissionState {
  readonly state: 'granted' | 'withdrawn' | 'unknown';
  readonly at: Instant | null;
  readonly connectorId: string | null;
}

/** The hub's merged view of one real thing. */
export interface MergedRecord {
  readonly id: number;
  readonly dataType: DataType;
  readonly canonical: Fields;
  readonly provenance: Readonly<Record<string, FieldOrigin>>;
  readonly consent: Readonly<Record<string, PermissionState>>;
  readonly version: number;
  readonly deleted: boolean;
}

/** One changed field of a record, for the change log. */
export interface FieldChange {
  readonly from: Scalar | undefined;
  readonly to: Scalar | undefined;
}
