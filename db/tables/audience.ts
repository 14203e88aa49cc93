import type { Generated, OptionalText, OptionalTime } from './columns.ts';

/** A selection of a source that a destination keeps as an audience. */
export interface AudienceTable {
  account_id: string;
  /** The destination. */
  connector_id: string;
  source_connector_id: string;
  list_id: string;
  /** The name that was asked for. */
  name: Generated<string>;
  /** The name that it got; null until it is known. */
  given_name: OptionalText;
  /** When it was first known to be there; null while nobody knows. */
  made_at: OptionalTime;
}

/** A member of an audience as the destination is known to have it, by its id there. */
export interface AudienceMemberTable {
  account_id: string;
  connector_id: string;
  source_connector_id: string;
  list_id: string;
  external_id: string;
  /** `adding` and `removing`: a call was or is under way, and what it did is not known. */
  state: 'adding' | 'held' | 'removing';
}
