import type { z } from 'zod';
import type { ConnectorClass } from '../domain/presets/connector-classes.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { Fields, Instant } from '../domain/model/fields.ts';
import type { PermissionState } from '../domain/model/record.ts';
import type { FieldOrigin } from '../domain/model/record.ts';
import type { ListPage } from '../domain/model/list-page.ts';
import type { RejectedRow, SourceRow } from '../domain/model/source-record.ts';
import type { Mapping } from '../domain/mapping/mapping.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { MapsFields } from './maps-fields.ts';
import type { RunsOperations } from './runs-operations.ts';
import type { CanonicalActivity } from '../domain/model/activity.ts';
import type { SearchesContacts, ServesForms } from './web-forms.ts';

export type { FeedEntry } from './feed-entry.ts';
export type { ListPage } from '../domain/model/list-page.ts';
export type { OperationRun, OperationSummary, RunsOperations } from './runs-operations.ts';

/** What a platform can do with one data type, apart from what a preset asks for. */
export interface Direction {
  readonly import: boolean;
  readonly export: boolean;
  /** Why the platform has less than a preset asks for: follows «Coins has no import of activities: », and stands beside what it has. */
  readonly note?: string;
}

/** One readable collection of a platform, as data (design §2). */
export interface StreamDefinition {
  readonly name: string;
  readonly dataType: DataType;
  readonly primaryKey: string;
  /** The field that windows are made of. */
  readonly cursorField: string;
  readonly sorted: boolean;
  readonly pageSize: number;
  /** How the stream is read: by windows of time, or whole each time. */
  readonly kind: 'window' | 'whole';
  /** Read by a Schedule after the first import. */
  readonly pulled: boolean;
  /** Read by the first import over the preset's lookback. */
  readonly backfilled: boolean;
}

/** What a platform is, as data. */
export interface PlatformDescription {
  readonly id: string;
  readonly title: string;
  readonly class: ConnectorClass;
  readonly presets: readonly PresetId[];
  readonly directions: Readonly<Record<DataType, Direction>>;
  readonly streams: readonly StreamDefinition[];
  /** Settings with defaults; unknown settings are refused. `baseUrl` is always one. */
  readonly settings: z.ZodType<PlatformSettings>;
  /** Credentials, as asked for by prompt, file or environment. */
  readonly credentials: z.ZodType<Readonly<Record<string, string>>>;
  /** Names of credentials, in the order to ask for them. */
  readonly credentialNames: readonly string[];
  /** Where the platform's rate limit is known: calls a second for one credential. */
  readonly callsPerSecond: number;
  /** Records of one delivery call. */
  readonly deliveryBatchSize: number;
  /** The same for data types that have a limit of their own. */
  readonly deliveryBatchSizes?: Readonly<Partial<Record<DataType, number>>>;
  /** Which links of a record get deliveries: all (Coins prospects) or the primary one (Mail+). */
  readonly targets: 'all-links' | 'primary-link';
  /** Whether a delivery may create a contact, or a thing of another data type (Mail+ yes, Coins never). */
  readonly createsContacts: boolean;
  /** Contacts there are the hub's by link: a changed address is an edit of the contact, never a reason to leave it (Mail+). */
  readonly reflectsContacts: boolean;
  /** What the ids begin with that the hub gives to things it makes there; nothing unless told. A system that numbers its things itself needs one. */
  readonly givenIdPrefix?: string;
  /** It pushes, and says itself when it has sent all that it had: until then its first import is not complete. */
  readonly announcesFirstImport?: true;
  /** Whether a first read of a contact from here may create a hub contact without a list sync (Coins no). */
  readonly pullCreatesRecords: boolean;
}

/** Settings that every platform has, besides its own. */
export interface PlatformSettings {
  readonly baseUrl: string;
  /** IANA zone for stamps without offset. */
  readonly timeZone: string;
  readonly optInStrategy: 'both' | 'only-subscriptions' | 'none';
  readonly [setting: string]: unknown;
}

/** What a call gets from outside: never the database (design §8). */
export interface PlatformContext {
  readonly connectorId: string;
  readonly settings: PlatformSettings;
  readonly credentials: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Takes tokens from the credential's bucket; resolves when the call may go out. */
  readonly acquire: (cost: number) => Promise<void>;
  readonly now: () => number;
  readonly log: { debug(facts: object, message: string): void; warn(facts: object, message: string): void };
  /** Hub permission to the platform's key in `held`, as linked for this connector. */
  readonly permissionKeys: Readonly<Record<string, string>>;
  /** What `discoverFields` answered last; empty before. */
  readonly fields: readonly PlatformField[];
  /** How fields are mapped for this connector; by the platform's defaults when absent. */
  readonly mapping?: Mapping | undefined;
  /**
   * Puts entries into the connector's change feed, from which the system reads by itself. One transaction; an entry whose key is there
   * already is not put there again. Absent where nothing is delivered from.
   */
  readonly publish?: (entries: readonly FeedEntry[]) => Promise<void>;
}

/** A field of the platform's account. */
export interface PlatformField {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  /** Options of a set; `key` is the key in `held`. */
  readonly entries?: readonly { readonly key: string; readonly description: string }[];
  /** Why it can not be written, where the platform says so. */
  readonly readOnly?: string;
}

/** Half-open window of time. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** One page of a stream. `nextPageToken` absent means that the source said it is the last. */
export interface SourcePage {
  readonly rows: readonly SourceRow[];
  readonly activities: readonly CanonicalActivity[];
  readonly rejected: readonly RejectedRow[];
  readonly nextPageToken?: string;
  /** When the read began, by our clock. */
  readonly readAt: Instant;
}

/** Reads streams and single things. Idempotent; nothing is changed at the platform. */
export interface Reads {
  readPage(context: PlatformContext, stream: StreamDefinition, window: Window, pageToken: string | undefined): Promise<SourcePage>;
  /** Things by id; an id that is gone comes back as a row with `deleted`, a merged one as `mergedInto`. */
  readRecords(context: PlatformContext, dataType: DataType, ids: readonly string[]): Promise<SourcePage & { readonly mergedInto?: Readonly<Record<string, string>> }>;
}

/** Checks that the platform can be reached with these credentials and is set up; throws a HubError otherwise. Idempotent. */
export interface ChecksConnection {
  checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[] }>;
}

/** Discovers the account's fields. Idempotent. */
export interface DiscoversFields {
  discoverFields(context: PlatformContext): Promise<readonly PlatformField[]>;
}

/** One request from a source system, before anything is stored. */
export interface InboundRequest {
  readonly method: string;
  /** Path below `/inbound/<platform>/<connectorId>`, as `/list-syncs`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly body: unknown;
  readonly receivedAt: Instant;
}

/** What is stored of an inbound request, and what is answered once it is committed. */
export interface InboundEvent {
  /** `list-sync`, `list-removed`, `records-changed`. */
  readonly kind: string;
  /** Unique for (connector, kind): the same key with the same body is answered as before, with another body refused. */
  readonly key: string;
  /** Kept in the inbox until applied; its shape belongs to the platform (`readInbox`). */
  readonly payload: unknown;
  readonly rejected: readonly RejectedRow[];
  readonly answer: { readonly status: number; readonly body: unknown };
}

/** Takes requests from source systems. Pure apart from the signature check: nothing is stored here. Throws HubError REQUEST_INVALID. */
export interface Receives {
  receive(context: PlatformContext, request: InboundRequest): InboundEvent;
  /** Turns a stored event into rows and list facts for the apply transaction. Pure. */
  readInbox(context: PlatformContext, kind: string, payload: unknown, receivedAt: Instant): InboxContent;
}

/** What an inbox row means. */
export interface InboxContent {
  /** Rows of one data type. */
  readonly rows: readonly SourceRow[];
  readonly activities?: readonly CanonicalActivity[];
  /** Whether these rows may create records (a Coins list sync may, other reads of Coins may not). */
  readonly mayCreate: boolean;
  /** What changed just now, ahead of bulk. */
  readonly isLive?: true;
  /** The system says that it has sent all it had of this data type. */
  readonly completes?: DataType;
  readonly listPage?: ListPage;
  readonly removedListId?: string;
}

/** A record as a destination's projection sees it. */
export interface DesiredRecord {
  readonly canonical: Fields;
  readonly provenance: Readonly<Record<string, FieldOrigin>>;
  readonly consent: Readonly<Record<string, PermissionState>>;
  /** Gone at every source. */
  readonly deleted?: boolean;
  /** Ids at this destination of the things that the record names, by `<data type>/<id at the source>`; a thing that is not there is absent. */
  readonly linked?: Readonly<Record<string, string>>;
}

/** The desired state in the platform's own terms, with what is held back and why. */
export interface Projection {
  readonly fields: Fields;
  /** Keys of permissions in `fields` are left to the hub: the platform lists only ordinary fields. */
  readonly withheld: readonly { readonly key: string; readonly reason: string }[];
  /** Set when the record can not go to this platform at all, for example for want of an address. */
  readonly excluded?: string;
}

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
  /** The whole desired state, for platforms that take a thing only as a whole; of all data types but contacts. */
  readonly whole?: Fields;
}

/** What became of one target. */
export type DeliveryOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly code: 'RECORD_REFUSED' | 'RECORD_OPTED_OUT' | 'RECORD_GONE'; readonly message: string; readonly platformCode?: string; readonly field?: string;
    /** The platform may have lost a field that was sent: what it has is to be looked at again. */ readonly doubtsFields?: true }
  | { readonly kind: 'moved'; readonly mergedInto: string };

/** What a projection may depend on besides the record. */
export interface ProjectionContext extends Pick<PlatformContext, 'connectorId' | 'settings' | 'fields' | 'permissionKeys' | 'mapping'> {
  /** Ids of all connectors that the account has or had to this platform, the own one among them: by them a projection tells values of the platform's own kind. */
  readonly samePlatform: ReadonlySet<string>;
}

/** Takes contacts. Idempotent: the same batch sent twice leaves the same state. One outcome per item, in order. */
export interface Delivers {
  /** Pure. The desired state in the platform's terms. */
  project(context: ProjectionContext, dataType: DataType, record: DesiredRecord): Projection;
  /** Key in `held` of the address by which the platform finds a thing that carries no id of ours yet. Absent: all things carry one. */
  addressKey?(context: Pick<PlatformContext, 'settings' | 'fields' | 'mapping'>): string;
  deliver(context: PlatformContext, dataType: DataType, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]>;
}

/** An act at the platform that is no state (design §2). `payload` is the action's own, by kind. */
export interface PlatformAction {
  readonly id: number;
  readonly kind: string;
  /** The target at the platform: a prospect id, a list id. */
  readonly target: string;
  /** Unique at the connector; sent as the idempotency key where the platform has one. */
  readonly cause: string;
  readonly payload: unknown;
}

export type ActionOutcome =
  | { readonly kind: 'done'; readonly note?: string; /** The name that a list got there, where it is another one than was asked for. */ readonly name?: string }
  | { readonly kind: 'refused'; readonly code: 'RECORD_REFUSED' | 'RECORD_GONE' | 'PLATFORM_LIMIT_REACHED' | 'PLATFORM_NOT_LICENSED'; readonly message: string; readonly platformCode?: string }
  | { readonly kind: 'moved'; readonly mergedInto: string }
  | { readonly kind: 'later'; readonly reason: string };

/** A kind of action at a platform. */
export interface ActionKind {
  /** Whether a repeat is harmless. */
  readonly repeatable: boolean;
  /** Not every licence has it: an action that the platform refuses for this reason is set aside, and none is tried again that day. */
  readonly licensed?: boolean;
}

/** Carries out actions. Each kind says in its platform whether a repeat is harmless or is read back first. */
export interface Acts {
  /**
   * `task.create` makes a task for the person who looks after a contact: a platform without it gets activities only. `contact.anonymise` and
   * `contact.inactivate` take a contact out for good, and read it back: where a platform has none, that is left to be done by hand.
   */
  readonly actionKinds: Readonly<Record<string, ActionKind>>;
  act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome>;
}

/** A platform: what it is, and those capabilities that it has. */
export type Platform = {
  readonly description: PlatformDescription;
  /** The description of one connector, where it depends on its settings. Pure. */
  readonly describe?: (settings: PlatformSettings) => PlatformDescription;
} & ChecksConnection &
  Partial<Reads & DiscoversFields & MapsFields & Receives & Delivers & Acts & RunsOperations & SearchesContacts & ServesForms>;
