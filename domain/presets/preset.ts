import type { ConnectorClass } from './connector-classes.ts';
import type { DataType } from './data-types.ts';

/**
 * What a preset says of one direction of one data type. `when-available`: read where the platform has it, distilled from
 * activities otherwise; `when-applicable`: where the platform has it.
 */
export type Flow = 'yes' | 'no' | 'when-available' | 'when-applicable';

/** Both directions of one data type. `import` is into the hub, `export` from the hub to the platform. */
export interface Flows {
  readonly import: Flow;
  readonly export: Flow;
}

/** How far back a first import reads. `whenPossible`: as far as the platform gives it. */
export interface Lookback {
  readonly dataType: DataType;
  readonly amount: number;
  readonly unit: 'days' | 'years';
  readonly whenPossible: boolean;
}

/** A footnote of a preset's table. */
export interface Footnote {
  /** The data types that carry its mark. */
  readonly dataTypes: readonly DataType[];
  /** Word for word. */
  readonly text: string;
  /** Platforms (by id) to which the marked data types do not flow at all, in either direction. */
  readonly exceptPlatforms: readonly string[];
}

/** One of the eight onboarding presets, as the onboarding page (seed 002) has it. */
export interface Preset {
  readonly title: string;
  /** What a connector with this preset counts as in the onboarding order. */
  readonly connectorClass: ConnectorClass;
  /** Classes of platforms that may be connected with it. */
  readonly platformClasses: readonly ConnectorClass[];
  /** The page's paragraphs above the table, word for word. */
  readonly about: readonly string[];
  /** The page's «Please note», word for word: shown when a connector is added. */
  readonly notes: readonly string[];
  readonly flows: Readonly<Record<DataType, Flows>>;
  readonly footnotes: readonly Footnote[];
  readonly lookbacks: readonly Lookback[];
}
