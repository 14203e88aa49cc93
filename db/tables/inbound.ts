import type { Time } from './columns.ts';

/** The newest version that a system stated of a thing. */
export interface InboundVersionTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  external_id: string;
  source_time: Time;
  /** Keyed digest of what it says. */
  digest: string;
}
