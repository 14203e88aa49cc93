import type { WireProspect } from '../coins/wire.ts';
import { createPrng, mixSeed } from './prng.ts';
import { utcText } from './times.ts';

/** Prospects after a round of edits at the source. */
export type ChangedProspects = {
  /** All prospects in the same order; those that did not change are the same objects. */
  prospects: WireProspect[];
  /** Ids of the changed ones, in that order. */
  changedIds: string[];
};

/** What `changeSome` needs; `count` prospects change, or all that are eligible when there are fewer. */
export type ChangeOptions = { seed: number; count: number; eligible?: (prospect: WireProspect) => boolean };

function shuffledIndexes(seed: number, indexes: number[]): number[] {
  const prng = createPrng(mixSeed(seed, 8));
  const shuffled = [...indexes];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = prng.below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] ?? 0, shuffled[last] ?? 0];
  }
  return shuffled;
}

/**
 * Edits exactly `count` of the prospects: the forename gets the suffix ` II`, and `lastModified` moves past every stamp of
 * the data set (2025-07-01 and the position among the changes in seconds). Which ones, `seed` decides.
 */
export function changeSome(prospects: readonly WireProspect[], options: ChangeOptions): ChangedProspects {
  const eligible = options.eligible ?? (() => true);
  const candidates = prospects.flatMap((prospect, index) => (eligible(prospect) ? [index] : []));
  const chosen = shuffledIndexes(options.seed, candidates).slice(0, options.count).toSorted((left, right) => left - right);
  const changed = [...prospects];
  const firstSecond = Date.parse('2025-07-01T00:00:00Z') / 1000;
  const changedIds = chosen.flatMap((index, position) => {
    const before = prospects[index];
    if (before === undefined) return [];
    const forename = `${typeof before.forename === 'string' ? before.forename : ''} II`;
    changed[index] = { ...before, forename, lastModified: utcText(firstSecond + position) };
    return [before.prospectId];
  });
  return { prospects: changed, changedIds };
}
