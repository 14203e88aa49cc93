import type { LoadedConnector } from './connector-context.ts';

/** Why nothing is read from a connector at the moment, for a person; undefined: it is read. */
export function whyNoReading({ row }: Pick<LoadedConnector, 'row'>): string | undefined {
  if (row.phase === 'removed') return 'the connector is removed';
  if (row.paused) return 'the connector is paused';
  return row.health_in === 'needsOperator' ? 'an operator is needed' : undefined;
}
