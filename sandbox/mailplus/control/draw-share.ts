import type { Share } from './mailing-schemas.ts';

/** Finds the numbers of recipients that a share names. */
export type RecipientFinder = (share: Pick<Share, 'emails' | 'externalIds'>) => readonly number[];

/**
 * The recipients of a share: those that it names, and those drawn from `from` by `ratio` or `count`, each once. `random`
 * decides, so that the same seed gives the same ones.
 */
export function drawShare(share: Share | undefined, from: Uint32Array, find: RecipientFinder, random: () => number): Uint32Array {
  if (share === undefined) return new Uint32Array(0);
  const named = new Set(find(share));
  const { ratio, count } = share;
  if (ratio !== undefined) return joined(named, from.filter(() => random() < ratio));
  return count === undefined ? Uint32Array.from(named) : joined(named, drawCount(from, count, random));
}

function joined(named: ReadonlySet<number>, drawn: Uint32Array): Uint32Array {
  return named.size === 0 ? drawn : Uint32Array.from([...named, ...drawn.filter((who) => !named.has(who))]);
}

/** The first of a shuffled row, in the order of their lots. */
function drawCount(from: Uint32Array, count: number, random: () => number): Uint32Array {
  const lots = Float64Array.from(from, () => random());
  const order = Uint32Array.from(from, (_, index) => index).sort((left, right) => (lots[left] ?? 0) - (lots[right] ?? 0));
  return order.subarray(0, count).map((index) => from[index] ?? 0);
}
