import type { z } from 'zod';
import type { ConnectorClass } from '../domain/presets/connector-classes.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { ProjectedFields } from '../domain/delivery/plan.ts';
import type { Fields, Instant } from '../domain/model/fields.ts';
import type { PermissionState } from '../domain/model/record.ts';
import type { FieldOrigin } from '../domain/model/record.ts';
import type { FeedEntry } from '../domain/model/feed-entry.ts';
import type { RejectedRow, SourceRow } from '../domain/model/source-record.ts';
import type { Mapping } from '../domain/mapping/mapping.ts';
import type { DeliveryItem, DeliveryOutcome } from './delivery-item.ts';
import type { FollowsCarts } from './follows-carts.ts';
import type { Acts } from './actions.ts';
import type { KeepsIds } from './keeps-ids.ts';
import type { MapsFields } from './maps-fields.ts';
import type { ReportsMailings } from './reports-mailings.ts';
import type { ReadsTables } from './reads-tables.ts';
import type { RunsOperations } from './runs-operations.ts';
import type { CanonicalActivity } from '../domain/model/activity.ts';
import type { Receives } from './receives.ts';
import type { SearchesContacts, ServesForms } from './web-forms.ts';

export type { FeedEntry } from '../domain/model/feed-entry.ts';
export type { DeliveryItem, DeliveryOutcome } from './delivery-item.ts';
export type { ListPage } from '../domain/model/list-page.ts';
export type { InboundEvent, InboundOperation, InboundRequest, InboxContent, Receives, StatedVersion } from './receives.ts';
export type { ReportsMailings } from './reports-mailings.ts';
export type { ActionContact, ActionKind, ActionOutcome, ActionRefusalCode, ActionStep, Acts, AskedAction, PlatformAction } from './actions.ts';
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
  /** Where the setting `class` of a connector decides: the classes that it may name. `class` and `presets` are then those of one of them. */
  readonly classes?: readonly ConnectorClass[];
  readonly presets: readonly PresetId[];
  readonly directions: Readonly<Record<DataType, Direction>>;
  readonly streams: readonly StreamDefinition[];
  /** Settings with defaults; unknown settings are refused. `baseUrl` is always one. */
  readonly settings: z.ZodType<PlatformSettings>;
  /** Credentials, as asked for by prompt, file or environment. */
  readonly credentials: z.ZodType<Readonly<Record<string, string>>>;
  /** Names of credentials, in the order to ask for them. */
  readonly credentialNames: readonly string[];
  /** Those of them that may be left out. */
  readonly optionalCredentials?: readonly string[];
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
  readonly givenIdPrefix?: string | Readonly<Partial<Record<DataType, string>>>;
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
  /** `fields`: those of the account, where the check had to discover them and the context brought none. */
  checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[]; readonly fields?: readonly PlatformField[] }>;
}

/** Discovers the account's fields. Idempotent. */
export interface DiscoversFields {
  discoverFields(context: PlatformContext): Promise<readonly PlatformField[]>;
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

/** The desired state in the platform's own terms, with what is held back and why. Keys of permissions in `fields` are left to the hub. */
export type Projection = ProjectedFields;

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

/** A platform: what it is, and those capabilities that it has. */
export type Platform = {
  readonly description: PlatformDescription;
  /** The description of one connector, where it depends on its settings. Pure. */
  readonly describe?: (settings: PlatformSettings) => PlatformDescription;
} & ChecksConnection &
  Partial<Reads & DiscoversFields & MapsFields & Receives & Delivers & Acts & ReadsTables & RunsOperations & ReportsMailings & SearchesContacts & ServesForms & KeepsIds & FollowsCarts>;
