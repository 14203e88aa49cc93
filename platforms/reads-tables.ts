import type { DataType } from '../domain/presets/data-types.ts';

/** Reads rows of tables, whose cells are all text. */
export interface ReadsTables {
  /** A row as a record in the shape in which the platform is sent records; what can not be read stays text, and is refused with the record. Pure. */
  readonly recordFromCells: (dataType: DataType, cells: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
}
