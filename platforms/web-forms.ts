import type { HubError } from '../domain/errors.ts';
import type { Instant } from '../domain/model/fields.ts';
import type { SourceRow } from '../domain/model/source-record.ts';
import type { PlatformContext, PlatformSettings } from './platform.ts';

/** A contact as the platform has it. Holds personal data: for a person who asked, never for a log. */
export interface FoundContact {
  /** The id that the connector's credential has for it; absent where it has none. */
  readonly externalId?: string;
  /** The platform's own id. */
  readonly alternateId?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Finds contacts by values of the platform's fields. Changes nothing. */
export interface SearchesContacts {
  /**
   * Contacts that have all of `values`, as the platform judges it; `more`: there are others beyond `limit`. Throws HubError
   * REQUEST_INVALID, with the field, for one that the account does not show or that cannot be searched.
   */
  searchContacts(context: PlatformContext, values: Readonly<Record<string, string>>, limit: number): Promise<{ readonly contacts: readonly FoundContact[]; readonly more: boolean }>;
}

/** A form on a web page, as the connector's settings have it. Whatever is not named here a visitor can neither give nor get. */
export interface WebForm {
  readonly name: string;
  /** Origins of the pages that may use it, as `https://www.shop.example`. */
  readonly origins: readonly string[];
  /** Fields that a visitor gives, all of them, to be found; none: the form does not search. */
  readonly search: readonly string[];
  /** Fields that a visitor gets when found. */
  readonly answer: readonly string[];
  /** Keys of the permissions that may be subscribed to; none: the form does not subscribe. */
  readonly permissions: readonly string[];
  /** Name of the text that visitors agree to, for the evidence. */
  readonly wording: string | null;
}

/** Whether exactly one contact has what a visitor gave, and the fields that the form answers. */
export type FormFinding = { readonly found: true; readonly values: Readonly<Record<string, string | number | boolean>> } | { readonly found: false };

/** Somebody subscribed by a form. */
export interface Subscription {
  /** Normalised. */
  readonly email: string;
  /** Keys of permissions, at least one. */
  readonly permissionKeys: readonly string[];
  /** When the form was sent, by our clock. */
  readonly at: Instant;
  readonly evidence: string;
  /** When it may have been sent to the platform before, with an outcome that nobody heard of; `null` when it was not. */
  readonly begunAt: Instant | null;
}

/**
 * What became of a subscription. `stored`: the platform's own rows of the person, read after it was stored, with a dated consent where
 * the platform shows the permission as on. `refused`: it will not be stored, for a person to look at.
 */
export type SubscriptionOutcome =
  | { readonly kind: 'stored'; readonly rows: readonly SourceRow[]; readonly readAt: Instant }
  | { readonly kind: 'refused'; readonly error: HubError };

/** Stands behind forms of web pages. */
export interface ServesForms {
  /** The form of this name. Pure. */
  webForm(settings: PlatformSettings, name: string): WebForm | undefined;
  /** `given` has exactly the fields of `form.search`. Two contacts that match count as none: one must not see the other's. */
  searchForForm(context: PlatformContext, form: WebForm, given: Readonly<Record<string, string>>): Promise<FormFinding>;
  /**
   * Subscribes somebody and reads back. `note(true)` is awaited right before it is sent, `note(false)` when it certainly did not arrive. With
   * `begunAt` it looks first: what arrived is not sent again, and what may have been undone since is refused, as nobody knows.
   */
  subscribe(context: PlatformContext, subscription: Subscription, note: (begun: boolean) => Promise<void>): Promise<SubscriptionOutcome>;
}
