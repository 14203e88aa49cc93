import type { ConnectorSummary } from '../../gateway/connectors/connector-view.ts';
import { UsageError } from '../errors.ts';
import type { GatewayClient } from '../gateway-client.ts';

/** The id of the only connector of Mail+. Throws UsageError when there is none, or more than one. */
export async function onlyConnector(client: GatewayClient): Promise<string> {
  const { connectors } = await client.get<{ connectors: ConnectorSummary[] }>('/connectors');
  const [one, ...others] = connectors.filter(({ platform }) => platform === 'mailplus').map(({ id }) => id);
  if (one === undefined) throw new UsageError('There is no connector of Mail+.', '`hub connector add mailplus` adds one.');
  if (others.length > 0) throw new UsageError('There is more than one connector of Mail+.', `Choose with --connector: ${[one, ...others].join(', ')}.`);
  return one;
}
