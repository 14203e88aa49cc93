import type { DataType } from '../presets/data-types.ts';
import type { Fields, Instant } from './fields.ts';

/** What a source states about one permission, with its own date (design §9). */
export interface ConsentStatement {
  /** The hub's name of the permission, for example `Consent to Receive Email Marketing`. */
  readonly permission: string;
  readonly granted: boolean;
  /** When the person said so; `null` when the source gives no date. */
  readonly at: Instant | null;
  /** Where it was said, for a person to read: no personal data. */
  readonly evidence: string;
}

/**
 * One thing as a platform's adapter read it, normalised but not yet judged: whether a value is a statement
 * or the echo of our own write is decided against the link's memory (`domain/consent/link-memory.ts`).
 */
export interface SourceRow {
  readonly dataType: DataType;
  /** The platform's id; for a Mail+ contact without one, `enc:<encryptedId>`. */
  readonly externalId: string;
  /** A second id of the same thing (Mail+ `encryptedId`), or absent. */
  readonly alternateId?: string;
  /** When the source last changed the thing, or `null` when it does not say. */
  readonly sourceTime: Instant | null;
  /** When the source created it: dates values that are seen for the first time from a source with one stamp per record. */
  readonly createdTime?: Instant;
  readonly deleted?: boolean;
  /** The parsed payload, kept so that a changed mapping can be run again. */
  readonly payload: unknown;
  /** Canonical fields of this thing. */
  readonly canonical: Fields;
  /** The same thing in the platform's own terms: what the platform holds. */
  readonly held: Fields;
  /** From canonical name to the key in `held` that it was read from; a field without an entry is never an echo. */
  readonly heldKeyOf: Readonly<Record<string, string>>;
  /** Statements that carry the source's own date (or that it gives undated on purpose). `heldKey` names the key in `held`. */
  readonly consents: readonly (ConsentStatement & { readonly heldKey: string })[];
  /** Keys that this read could show; what is held under another one is as it was. Absent: a key that is not there is empty. */
  readonly visible?: Readonly<Record<string, true>>;
  /** Permissions of which only the present state can be read: hub permission to key in `held`. */
  readonly observedPermissions?: Readonly<Record<string, string>>;
}

/** A row that could not be parsed or is not acceptable: kept, never dropped (design §4.2). */
export interface RejectedRow {
  readonly dataType: DataType;
  /** Empty when the row carries no id. */
  readonly externalId: string;
  /** Where in the payload, as `consents[0].date`. */
  readonly path: string;
  readonly code: string;
  /** For a person to read: no personal data. */
  readonly reason: string;
  readonly payload: unknown;
}
