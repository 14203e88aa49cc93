import type * as c from './tables/connector.ts';
import type * as e from './tables/erasure.ts';
import type * as f from './tables/flow.ts';
import type * as r from './tables/record.ts';

/** Every table with its row type (design §7). */
export interface Tables {
  account: c.AccountTable;
  connector: c.ConnectorTable;
  connector_field: c.ConnectorFieldTable;
  mapping: c.MappingTable;
  mapping_run: c.MappingRunTable;
  permission_link: c.PermissionLinkTable;
  api_token: c.ApiTokenTable;
  audit: c.AuditTable;
  hold: c.HoldTable;
  rate_bucket: c.RateBucketTable;
  record: r.RecordTable;
  match_key: r.MatchKeyTable;
  source_record: r.SourceRecordTable;
  link: r.LinkTable;
  reference: r.ReferenceTable;
  merge_request: r.MergeRequestTable;
  record_change: r.RecordChangeTable;
  consent_event: r.ConsentEventTable;
  rejected_record: r.RejectedRecordTable;
  excluded_row: r.ExcludedRowTable;
  inbox: f.InboxTable;
  delivery: f.DeliveryTable;
  call_intent: f.CallIntentTable;
  action: f.ActionTable;
  call_attempt: f.CallAttemptTable;
  stream_state: f.StreamStateTable;
  backfill_run: f.BackfillRunTable;
  slice: f.SliceTable;
  list: f.ListTable;
  list_name: f.ListNameTable;
  list_sync: f.ListSyncTable;
  list_sync_page: f.ListSyncPageTable;
  list_member: f.ListMemberTable;
  campaign: f.CampaignTable;
  activity: f.ActivityTable;
  bounce_case: f.BounceCaseTable;
  erasure: e.ErasureTable;
  suppressed_key: e.SuppressedKeyTable;
}
