import { UsageError } from './errors.ts';
import type { CliIo } from './io.ts';

/** The words for what is wrong with pairs. */
export interface PairWords {
  /** When there is none; absent: none is in order. */
  readonly none?: string;
  /** What stands before the sign of equality. */
  readonly what: string;
  readonly example: string;
  /** What to do about one that is given twice; absent: twice is in order. */
  readonly twice?: string;
}

/**
 * `name=value` pairs as they were given; «-» alone reads them from standard input, one a line, since arguments can be seen in the list of
 * processes. Throws UsageError, which never shows a value.
 */
export async function pairsOf(io: CliIo, given: readonly string[], { none, what, example, twice }: PairWords): Promise<readonly (readonly [string, string])[]> {
  const pairs = given.length === 1 && given[0] === '-' ? (await io.readInput()).split('\n').filter((line) => line.trim() !== '') : given;
  if (pairs.length === 0 && none !== undefined) throw new UsageError(none, `Give it as ${example}.`);
  const wrong = pairs.findIndex((pair) => pair.indexOf('=') < 1);
  if (wrong >= 0) throw new UsageError(`Number ${wrong + 1} of what is given is no ${what} with a value.`, `Give it as ${example}.`);
  const values = pairs.map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  const repeated = values.find(([name], index) => values.findIndex(([other]) => other === name) !== index);
  if (repeated !== undefined && twice !== undefined) throw new UsageError(`«${repeated[0]}» is given twice.`, twice);
  return values;
}
