import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';

/** The search attributes of all workflows of a connector: what operators filter the list of workflows by. Ids and states only. */
export const attributeKeys = {
  accountId: defineSearchAttributeKey('AccountId', SearchAttributeType.KEYWORD),
  connectorId: defineSearchAttributeKey('ConnectorId', SearchAttributeType.KEYWORD),
  platform: defineSearchAttributeKey('Platform', SearchAttributeType.KEYWORD),
  dataType: defineSearchAttributeKey('DataType', SearchAttributeType.KEYWORD),
  syncState: defineSearchAttributeKey('SyncState', SearchAttributeType.KEYWORD),
} as const;

/** Values of search attributes by the names of `attributeKeys`; an absent one is left as it is. */
export type AttributeValues = { readonly [Name in keyof typeof attributeKeys]?: string };

/** The values as Temporal takes them, at the start of a workflow or later. */
export function attributePairs(values: AttributeValues): SearchAttributePair[] {
  return Object.entries(values).map(([name, value]) => ({ key: attributeKeys[name as keyof typeof attributeKeys], value }));
}
