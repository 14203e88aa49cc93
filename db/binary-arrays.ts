import { sql, type RawBuilder } from 'kysely';

/** Object ids of PostgreSQL's own types, fixed for ever. */
const oids = { bool: 16, int8: 20, int2: 21, int4: 23, text: 25, json: 114, timestamptz: 1184 } as const;

const headerBytes = 20;
const bytesPerUnit = 3;
/** PostgreSQL counts microseconds from here. */
const epochMs = Date.UTC(2000, 0, 1);

/** Begins a one-dimensional array; one without elements has no dimension. */
function header(target: Buffer, oid: number, length: number, hasNull: boolean): void {
  target.writeInt32BE(length === 0 ? 0 : 1, 0);
  target.writeInt32BE(hasNull ? 1 : 0, 4);
  target.writeInt32BE(oid, 8);
  if (length === 0) return;
  target.writeInt32BE(length, 12);
  target.writeInt32BE(1, 16);
}

function strings(values: readonly (string | null)[], oid: number): Buffer {
  let units = 0;
  for (const value of values) units += value === null ? 0 : value.length;
  let target = Buffer.allocUnsafe(headerBytes + values.length * 4 + units + (units >> 3));
  let offset = headerBytes;
  let hasNull = false;
  for (const value of values) {
    const need = offset + 4 + (value === null ? 0 : value.length * bytesPerUnit);
    if (need > target.length && (value === null || offset + 4 + Buffer.byteLength(value) > target.length)) target = Buffer.concat([target], Math.max(need, target.length * 2));
    const written = value === null ? -1 : target.write(value, offset + 4, 'utf8');
    target.writeInt32BE(written, offset);
    offset += 4 + Math.max(0, written);
    hasNull ||= value === null;
  }
  const end = values.length === 0 ? 12 : offset;
  header(target, oid, values.length, hasNull);
  return target.subarray(0, end);
}

type Put<T> = (target: Buffer, value: T, offset: number) => void;

function fixed<T>(values: readonly (T | null)[], oid: number, size: number, put: Put<T>): Buffer {
  const target = Buffer.allocUnsafe(headerBytes + values.length * (4 + size));
  let offset = headerBytes;
  let hasNull = false;
  for (const value of values) {
    target.writeInt32BE(value === null ? -1 : size, offset);
    offset += 4;
    if (value === null) hasNull = true;
    else {
      put(target, value, offset);
      offset += size;
    }
  }
  header(target, oid, values.length, hasNull);
  return target.subarray(0, values.length === 0 ? 12 : offset);
}

const putInt8: Put<number> = (target, value, offset) => {
  const high = Math.floor(value / 2 ** 32);
  target.writeInt32BE(high, offset);
  target.writeUInt32BE(value - high * 2 ** 32, offset + 4);
};
const putInt4: Put<number> = (target, value, offset) => void target.writeInt32BE(value, offset);
const putInt2: Put<number> = (target, value, offset) => void target.writeInt16BE(value, offset);
const putBool: Put<boolean> = (target, value, offset) => void target.writeUInt8(value ? 1 : 0, offset);

/** Throws RangeError for text that is no instant. */
function instantMs(instant: string): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError('An instant cannot be read.');
  return ms;
}

const putInstant: Put<string> = (target, value, offset) => putInt8(target, (instantMs(value) - epochMs) * 1_000, offset);
const stringify = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/**
 * Arrays for bulk statements, in PostgreSQL's binary form with their cast: `unnest(${arrays.text(ids)}, ${arrays.int8(numbers)})`.
 * Nothing is escaped here and nothing unescaped there, which halves the cost of long texts. `undefined` in `json` is SQL's null,
 * `null` the JSON one; `jsonText` takes what is JSON already. Instants are ISO 8601 with an offset, to the millisecond.
 */
export const arrays = {
  text: (values: readonly (string | null)[]): RawBuilder<unknown> => sql`${strings(values, oids.text)}::text[]`,
  json: (values: readonly unknown[]): RawBuilder<unknown> => sql`${strings(values.map(stringify), oids.json)}::json[]`,
  jsonText: (values: readonly string[]): RawBuilder<unknown> => sql`${strings(values, oids.json)}::json[]`,
  int8: (values: readonly (number | null)[]): RawBuilder<unknown> => sql`${fixed(values, oids.int8, 8, putInt8)}::bigint[]`,
  int4: (values: readonly (number | null)[]): RawBuilder<unknown> => sql`${fixed(values, oids.int4, 4, putInt4)}::int[]`,
  int2: (values: readonly (number | null)[]): RawBuilder<unknown> => sql`${fixed(values, oids.int2, 2, putInt2)}::smallint[]`,
  bool: (values: readonly (boolean | null)[]): RawBuilder<unknown> => sql`${fixed(values, oids.bool, 1, putBool)}::boolean[]`,
  timestamptz: (values: readonly (string | null)[]): RawBuilder<unknown> => sql`${fixed(values, oids.timestamptz, 8, putInstant)}::timestamptz[]`,
} as const;
