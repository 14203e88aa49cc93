import type { Fields } from '../../../domain/model/fields.ts';
import type { Platform, PlatformAction, StreamDefinition } from '../../../platforms/platform.ts';
import type { HostileRequest } from '../../support/hostile-source.ts';
import type { Person } from './person.ts';

/** Everything that the suite has to know of one platform besides its interface. */
export interface PlatformHarness {
  readonly platform: Platform;
  /** It sends by itself, and needs no base URL. */
  readonly needsNoBaseUrl?: true;
  /** It takes every value as it is: none is held back. */
  readonly holdsNothingBack?: true;
  /** Settings that have to be given besides `baseUrl`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings that follow from where the sandbox is. */
  settingsAt?(baseUrl: string): Readonly<Record<string, unknown>>;
  /** Starts a sandbox that holds these people, and nobody else whom the suite reads. */
  start(people: readonly Person[]): Promise<Stand>;
  /** Texts of the credentials, right and wrong ones, that nothing may ever say. */
  readonly secrets: readonly string[];
  /** Credentials that the sandbox refuses. */
  readonly wrongCredentials: Readonly<Record<string, string>>;
  /** Hub permission to key in `held`, as linked in the sandbox. */
  readonly permissionKeys: Readonly<Record<string, string>>;
  /** Settings besides `baseUrl` that a stream needs to give rows. */
  settingsFor?(stream: StreamDefinition): Readonly<Record<string, unknown>>;
  /** The id of a person at the platform. */
  idOf(number: number): string;
  /** Ids that the platform never had or has no more. */
  readonly unknownIds: readonly string[];
  /** Changes, in the platform's terms, that it refuses for a contact that it has. */
  readonly refusedChanges: Fields;
  /** What the platform does with a change to a contact that it does not have: refuses it as gone, or makes the contact. */
  readonly changeOfUnknown: 'refused' | 'stored';
  /** Whether the platform says of a contact that was merged away where it went. */
  readonly tellsOfMerges: boolean;
  /** One action of each kind of the platform, for these people. */
  actions(people: readonly Person[]): readonly PlatformAction[];
  /** Kinds of actions at which statuses mean something else than everywhere: their answers are looked at in tests of their own. */
  readonly ownAnswers?: readonly string[];
  /** The stream of contacts as it is on the wire. */
  readonly wire: WireSource;
  /** What the platform sends to the hub, where it does. */
  readonly inbound?: InboundSource;
}

/** Requests of a platform that pushes contacts. */
export interface InboundSource {
  /** A request with these people, one page of several of one sync, and more rows behind them. */
  rows(people: readonly Person[], page?: number, more?: readonly unknown[]): { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: unknown };
  /** A row that is wrong in type. */
  readonly wrongRow: unknown;
  /** A row with neither an e-mail address nor a phone number. */
  readonly namelessRow: unknown;
}

/** A running sandbox. */
export interface Stand {
  /** For the setting `baseUrl`. */
  readonly baseUrl: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Everything that the sandbox holds, without stamps that a repeat may move: two equal states are deeply equal. */
  state(): unknown;
  /** Exact counts of what calls have changed at the sandbox; a call without an effect leaves them as they are. */
  effects(): unknown;
  /** The contact as the sandbox holds it, in the platform's terms as in `held`. */
  held(id: string): Fields | undefined;
  /** What the pages of a stream have to give: external ids of rows; of activities `<type> <id of the contact>`. */
  expected(stream: StreamDefinition): readonly string[];
  /** Merges one contact into another at the sandbox; where the platform `tellsOfMerges`. */
  merge?(from: string, into: string): void;
  close(): Promise<void>;
}

/** One row of the contact stream on the wire; `null` is a place of the list whose row the source does not show. */
export type Slot = Readonly<Record<string, unknown>> | null;

/** The stream of contacts on the wire, for a server that lies. */
export interface WireSource {
  readonly stream: StreamDefinition;
  /** Whether a request reads a page of the stream. */
  readsPage(request: { readonly method: string; readonly url: URL }): boolean;
  /** A row with every field that the platform knows. */
  row(person: Person): Readonly<Record<string, unknown>>;
  /** The same row with `null` wherever the contract lets a value be absent. */
  withNulls(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** The same row with one field of a wrong type. */
  withWrongType(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** What an honest source with these rows answers. The rows stand in the source's own order. */
  page(request: HostileRequest, rows: readonly Slot[]): unknown;
  /** A source that gives the same page and the same place to go on, whatever is asked for. */
  stuckPage(request: HostileRequest, rows: readonly Slot[]): unknown;
  /** A source that gives its rows honestly, and says after the last one that there is more. */
  endlessPage(request: HostileRequest, rows: readonly Slot[]): unknown;
}
