import type { ConnectorClass } from './connector-classes.ts';
import type { DataType } from './data-types.ts';
import { presetOf, type PresetId } from './presets.ts';

/** The data types of which one source has the first word (design §5). */
export const typesWithDefaultSource = ['products', 'stock'] as const satisfies readonly DataType[];

/** One of `typesWithDefaultSource`. */
export type TypeWithDefaultSource = (typeof typesWithDefaultSource)[number];

/** Whether one source has the first word on this data type. */
export const hasDefaultSource = (dataType: DataType): dataType is TypeWithDefaultSource => (typesWithDefaultSource as readonly DataType[]).includes(dataType);

/** What of a stored connector decides whether it has the first word: its preset, and when it was added, as an ISO instant. */
interface SourceCandidate {
  readonly id: string;
  readonly preset: string;
  readonly created_at: string;
}

/**
 * Whose word on products and stock counts first: the warehouse's, else the shop's, of several the one that was added first (design §5); undefined where
 * there is neither. `connectors` are those that the account has now, in any order.
 */
export function defaultSourceOf(connectors: readonly SourceCandidate[]): string | undefined {
  const inOrder = connectors.toSorted((a, b) => compare(a.created_at, b.created_at) || compare(a.id, b.id));
  const firstOf = (kind: ConnectorClass) => inOrder.find(({ preset }) => presetOf(preset as PresetId).connectorClass === kind)?.id;
  return firstOf('e-fulfilment') ?? firstOf('sales-channel');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
