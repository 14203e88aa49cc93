import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { brief } from './proxies.ts';
import { orRefuse } from './refusal.ts';
import { attributeKeys, attributePairs, type AttributeValues } from './search-attributes.ts';

/** Sets those search attributes that differ from what the workflow shows: each change costs an event. */
export function showAttributes(values: AttributeValues): void {
  const { typedSearchAttributes } = workflowInfo();
  const changed = Object.entries(values).filter(([name, value]) => typedSearchAttributes.get(attributeKeys[name as keyof AttributeValues]) !== value);
  if (changed.length > 0) upsertSearchAttributes(attributePairs(Object.fromEntries(changed)));
}

/**
 * Shows whose workflow this is, once in its life: a run that follows another keeps what that one showed. False when the connector is
 * removed. Fails the workflow with CONNECTOR_UNKNOWN.
 */
export async function introduceSelf(connectorId: string, more: AttributeValues = {}): Promise<boolean> {
  const { typedSearchAttributes } = workflowInfo();
  if (typedSearchAttributes.get(attributeKeys.platform) !== undefined) return true;
  const { accountId, platform, isRemoved } = await orRefuse(() => brief.introduce.executeWithOptions({ summary: connectorId }, [{ connectorId }]));
  if (!isRemoved) showAttributes({ accountId, connectorId, platform, ...more });
  return !isRemoved;
}
