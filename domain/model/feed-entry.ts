import type { DataType } from '../presets/data-types.ts';

/** One entry of a change feed, as the system reads it. */
export interface FeedEntry {
  /** Unique at the connector. */
  readonly key: string;
  readonly dataType: DataType | 'lists';
  /** `upserted`, `deleted`: a state; `happened`: a fact, such as an activity. */
  readonly kind: 'upserted' | 'deleted' | 'happened';
  /** The thing's id at the system. */
  readonly externalId: string;
  /** Names of what differs from what the system was told before; none for a fact. */
  readonly changes: readonly string[];
  readonly data: unknown;
  /** The thing at the system whose data it holds, where that is another one: the contact of an activity. */
  readonly about?: { readonly dataType: DataType; readonly externalId: string };
}
