import type { Fields, Instant } from '../domain/model/fields.ts';

/** One target with the difference to send: only keys that differ from what is held. */
export interface DeliveryItem {
  /** The id at the platform; for `isNew` the id to give it. */
  readonly externalId: string;
  readonly alternateId?: string;
  readonly isNew: boolean;
  readonly changes: Fields;
  /** The date of each changed permission, by key in `changes`; a platform that stores dates sends it. */
  readonly permissionDates: Readonly<Record<string, Instant | null>>;
  /** Fields that the platform needs with every write although they did not change (Mail+: e-mail of a new contact is in `changes`). */
  readonly identity: Fields;
  /** Names the change: the same on a repeat of it, another one for a later change. */
  readonly cause?: string;
  /** The whole desired state, for platforms that take a thing only as a whole; without permissions. */
  readonly whole?: Fields;
}

/** What became of one target. */
export type DeliveryOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly code: 'RECORD_REFUSED' | 'RECORD_OPTED_OUT' | 'RECORD_GONE' | 'CONTACT_SWITCHED' | 'PLATFORM_NOT_LICENSED'; readonly message: string; readonly platformCode?: string; readonly field?: string;
    /** The platform may have lost a field that was sent: what it has is to be looked at again. */ readonly doubtsFields?: true;
    /** With CONTACT_SWITCHED: the platform's own id of the thing that has our id by now. */ readonly switchedTo?: string }
  | { readonly kind: 'moved'; readonly mergedInto: string };
