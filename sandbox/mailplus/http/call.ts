import type { MailplusCredential } from '../options.ts';
import type { Account } from '../state/account.ts';
import type { CallNotes } from '../journal/journal.ts';
import type { QueryParameters } from './query.ts';

/** The two bases that are served. The older one answers some lists as bare arrays and writes dates as numbers. */
export type ApiVersion = 'current' | '1.1.0';

/** A verified call, as operations see it. */
export interface Call {
  readonly account: Account;
  readonly credential: MailplusCredential;
  readonly version: ApiVersion;
  /** Values of the `{…}` segments of the operation's path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
  /** Parsed JSON; `undefined` when no body was sent. */
  readonly body: unknown;
  /** Own address without the query, for links to the next page. */
  readonly url: string;
  /** What the journal should know about this call. */
  readonly notes: CallNotes;
}

/** An answer; without `body` it is empty. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** What the journal notes as the error type, for a refusal in another form than `ErrorResponse`. */
  readonly refusal?: string;
}

/** One method of the API. `path` is relative to the base, with `{name}` for a variable segment. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly handle: (call: Call) => Reply;
  /** Reads an XML body into what its JSON would be, where the contract tells how. */
  readonly readXml?: (text: string) => unknown;
}

/** The usual answer to a write: done, nothing to say. */
export const noContent: Reply = { status: 204 };
