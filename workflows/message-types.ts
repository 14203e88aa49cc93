/** Messages between operators, source systems and workflows. Ids, counts and states only. */

/** `{"dataType":"contacts","ids":["P1","P2"]}`; ids optional, opaque, at most 1,000. */
export interface SourceChanged {
  readonly dataType: string;
  readonly ids?: readonly string[];
}

/** Input of a backfill: all data types and the preset's lookback when nothing else is said. `from` is a date or an instant. */
export interface BackfillRequest {
  readonly dataType?: string;
  readonly from?: string;
  /** Who asks, for the audit. */
  readonly who?: string;
}

/** Which failed deliveries, actions and calls: all of the connector, or those of one reason code, or some by id. */
export interface FailedSelection {
  readonly code?: string;
  readonly ids?: readonly string[];
  readonly who?: string;
}

/** What became of a command, for a person to read. */
export interface CommandAnswer {
  readonly message: string;
}

/** The lifecycle's own view; the truth is in PostgreSQL. */
export interface LifecycleStatus {
  readonly phase: string;
  readonly paused: boolean;
}

/** Input of `backfill` when started by hand or by the hub. */
export interface BackfillInput extends BackfillRequest {
  readonly connectorId: string;
  /** Goes on with the connector's backfills whose workflow has ended, instead of starting new ones. */
  readonly resume?: boolean;
}

/** Which connector a workflow is about. */
export interface ConnectorInput {
  readonly connectorId: string;
}

/** Which account a workflow is about. */
export interface AccountInput {
  readonly accountId: string;
}

/** One slice of a backfill: a stretch of time, over all streams of the data type. `from` is the instant at which it begins. */
export interface SliceInput {
  readonly connectorId: string;
  readonly dataType: string;
  readonly runId: number;
  readonly from: string;
}

/** What a slice came to. */
export interface SliceResult {
  readonly rows: number;
  /** `stopped`: its backfill was ended meanwhile. */
  readonly state: 'done' | 'stopped';
}

/** Which data type of a connector to pull. */
export interface PullInput {
  readonly connectorId: string;
  readonly dataType: string;
  /** Reads on to this moment, past the margin, and moves no cursor. */
  readonly upToNow?: boolean;
}

/** Which reports to pull. */
export interface ReportsInput {
  readonly connectorId: string;
  /** When this pull began, ISO instant, where it goes on: mailings that became due since are for the next one. */
  readonly startedAt?: string;
}
