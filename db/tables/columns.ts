import type { ColumnType, Generated } from 'kysely';

/** A json column: read as a value, written as JSON text. */
export type Json<T> = ColumnType<T, string, string>;
/** A json column with a default. */
export type DefaultJson<T> = ColumnType<T, string | undefined, string>;
/** A timestamptz column: ISO 8601 text in UTC. */
export type Time = ColumnType<string, string, string>;
export type OptionalTime = ColumnType<string | null, string | null | undefined, string | null>;
export type DefaultTime = ColumnType<string, string | undefined, string>;
/** A nullable text column. */
export type OptionalText = ColumnType<string | null, string | null | undefined, string | null>;
export type { Generated };
