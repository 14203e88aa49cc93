import type { DataType } from '../domain/presets/data-types.ts';

/** Reads rows of tables, whose cells are all text. */
export interface ReadsTables {
  /** A row as a record in the shape in which the platform is sent records; what can not be read stays text, and is refused with the record. Pure. */
  readonly recordFromCells: (dataType: DataType, cells: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  /** Which of these columns are no fields that the hub knows, and what the fields of the data type are. Pure. */
  readonly lookAtColumns: (dataType: DataType, columns: readonly string[]) => LookedAtColumns;
}

/** What the columns of a table are. */
export interface LookedAtColumns {
  /** They are kept as they are called, as fields of the account's own. */
  readonly own: readonly string[];
  /** None of the columns is data that the hub knows. */
  readonly isNoTable: boolean;
  /** The names that a column may have. */
  readonly fields: readonly string[];
}
