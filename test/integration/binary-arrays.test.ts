import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../db/binary-arrays.ts';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { testSeed } from '../support/test-seed.ts';

describe('arrays in binary form', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(openPool({ url: database.url, maxConnections: 1, onError: () => undefined }));
  });

  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const roundTrip = async (array: RawBuilder<unknown>): Promise<unknown[]> => {
    const { rows } = await sql<{ v: unknown }>`select v from unnest(${array}) with ordinality as x(v, n) order by n`.execute(db);
    return rows.map((row) => row.v);
  };
  const storable = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\u0000', ''));
  const holds = async <T>(values: fc.Arbitrary<T>, toArray: (values: T[]) => RawBuilder<unknown>): Promise<void> => {
    await fc.assert(fc.asyncProperty(fc.array(values, { maxLength: 30 }), async (given) => {
      expect(await roundTrip(toArray(given))).toEqual(given);
    }), { seed: testSeed(), numRuns: 60 });
  };

  it('gives PostgreSQL every text as it is, in whatever script, and nulls', async () => {
    await holds(fc.option(storable), arrays.text);
  });

  it('gives PostgreSQL texts that need three bytes a character', async () => {
    const wide = ['漢'.repeat(5_000), 'ä'.repeat(70), '', '😀'.repeat(33)];
    expect(await roundTrip(arrays.text(wide))).toEqual(wide);
  });

  it('gives PostgreSQL whole numbers of each size, negative ones too', async () => {
    await holds(fc.option(fc.maxSafeInteger()), arrays.int8);
    await holds(fc.option(fc.integer()), arrays.int4);
    await holds(fc.option(fc.integer({ min: -32_768, max: 32_767 })), arrays.int2);
  });

  it('gives PostgreSQL instants to the millisecond, before 2000 too', async () => {
    await holds(fc.option(fc.date({ min: new Date('1901-01-01T00:00:00Z'), max: new Date('2199-01-01T00:00:00Z'), noInvalidDate: true }).map((date) => date.toISOString())), arrays.timestamptz);
    expect(await roundTrip(arrays.timestamptz(['2026-03-01T12:00:00+02:00']))).toEqual(['2026-03-01T10:00:00.000Z']);
  });

  it('gives PostgreSQL truth values', async () => {
    await holds(fc.option(fc.boolean()), arrays.bool);
  });

  it('gives PostgreSQL values as JSON, and no value as null', async () => {
    await holds(fc.dictionary(storable, fc.oneof(storable, fc.integer(), fc.boolean(), fc.constant(null))).map((value) => ({ ...value })), arrays.json);
    expect(await roundTrip(arrays.json([undefined]))).toEqual([null]);
  });

  it('refuses text that is no instant', () => {
    expect(() => arrays.timestamptz(['soon'])).toThrow(RangeError);
  });
});
