import type { LinkMemory } from '../../../domain/model/link-memory.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import type { MatchStrategy } from '../../../domain/identity/match-keys.ts';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import type { ConsentEvent } from '../../../domain/consent/ledger.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';
import type { Trx } from '../../database.ts';
import type { CartExport } from '../checkouts/raise-carts.ts';
import type { DeferredRows } from './deferred-rows.ts';

/** An export connector as the apply transaction sees it. */
export interface ExportTarget {
  readonly connectorId: string;
  /** Which links of a record get a delivery. */
  readonly targets: 'all-links' | 'primary-link';
  readonly createsContacts: boolean;
  /** False until its own first import is complete: deliveries are raised parked (design §4.6). */
  readonly gateOpen: boolean;
  /** What becomes of a contact there that is deleted at its last source; absent: it is kept. */
  readonly whenDeleted?: 'inactivate' | 'anonymise';
  /** Plans against a link whose memory is at hand; spares a delivery that would have nothing to send. */
  readonly hasWork: (record: Pick<MergedRecord, 'canonical' | 'provenance' | 'consent'>, memory: LinkMemory) => boolean;
}

/** One page to apply. All rows are of one connector and one data type. */
export interface ApplyInput {
  readonly accountId: string;
  readonly connectorId: string;
  readonly dataType: RecordType;
  readonly rows: readonly SourceRow[];
  /** When the read began, and when it was received: ISO instants by our clock. */
  readonly readAt: string;
  readonly receivedAt: string;
  /** The source sent the rows by itself: each is as old as its own stamp, whenever it arrives. */
  readonly isPushed: boolean;
  readonly mayCreate: boolean;
  /** Whether this connector may grant permissions. */
  readonly mayGrant: boolean;
  readonly urgency: 'live' | 'bulk';
  /** Kept with every change: kind and id of what caused it. No personal data. */
  readonly cause: Readonly<Record<string, string | number>>;
  /** By what the account matches contacts; things of other types have a key of their own, or none. */
  readonly matching: MatchStrategy;
  /**
   * The connector whose word should count first for this data type, null for nobody's; absent for types that have none. Records are merged by the one that
   * is in force (`default-source/in-force.ts`), which this is only for the first record of the account.
   */
  readonly defaultSource?: string | null;
  /** Records of this connector may name things of this data type: what waits for one of this page goes on. */
  readonly isNamed?: boolean;
  /** The data types that this connector brings; all unless told. */
  readonly imports?: ReadonlySet<RecordType>;
  /** Connectors at which contacts are ours by link (`domain/identity/membership.ts`). */
  readonly reflecting: ReadonlySet<string>;
  /** Key in `held` of the address by which this connector's platform finds things. */
  readonly addressKey?: string;
  readonly exports: readonly ExportTarget[];
  /** Connectors to which activities are written back: for those that waited for a contact of this page. */
  readonly activityExports: readonly string[];
  /** The generation of the mapping by which the rows were read; absent where there is none. */
  readonly mappingGeneration?: number;
  /** Marketing destinations, which keep the purchase dates of contacts; none unless told. */
  readonly purchaseExports?: readonly ExportTarget[];
  /** Destinations that are told of carts; none unless told. */
  readonly cartExports?: readonly CartExport[];
  /** Connectors at which tasks can be made; none unless told. */
  readonly taskExports?: readonly string[];
  /** Keyed hash by which erased persons are known again; nobody is where it is absent. */
  readonly fingerprint?: (plain: string) => string;
  /** Rows to apply last, after other pages. */
  readonly deferred?: DeferredRows;
  /** Progress that belongs to the page: runs in the same transaction, after the rows. */
  readonly progress?: (trx: Trx) => Promise<void>;
}

/** What the page did. Counts and connector ids. */
export interface ApplyResult {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly excluded: number;
  readonly mergesRequested: number;
  /** Export connectors with newly raised deliveries: to be woken. */
  readonly raisedFor: readonly string[];
  /** External ids to read again, because a read and a write of ours crossed. */
  readonly recheck: readonly string[];
}

/** A source record being worked on. */
export interface WorkingSource {
  readonly externalId: string;
  readonly rows: readonly SourceRow[];
  previous: SourceState | null;
  /** Null when the source has said nothing of its own yet: all that is there is what we wrote. */
  state: SourceState | null;
  recordId: number;
  /** The record it leaves, if any. */
  leaves: number | null;
  /** There is a link to it. */
  readonly isLinked: boolean;
  memory: LinkMemory;
  memoryChanged: boolean;
  alternateId: string | null;
  newKey: string | null;
  stateChanged: boolean;
  statements: ConsentEvent[];
}

/** A record being worked on; `before` is null for a new one. */
export interface WorkingRecord {
  readonly id: number;
  readonly before: MergedRecord | null;
  after: MergedRecord;
}
