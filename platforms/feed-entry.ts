import type { DataType } from '../domain/presets/data-types.ts';

/** One entry of a change feed, as the system reads it. */
export interface FeedEntry {
  /** Unique at the connector. */
  readonly key: string;
  readonly dataType: DataType | 'lists';
  /** `upserted`, `deleted`: a state; `happened`: a fact, such as an activity. */
  readonly kind: 'upserted' | 'deleted' | 'happened';
  /** The thing's id at the system. */
  readonly externalId: string;
  readonly data: unknown;
}
