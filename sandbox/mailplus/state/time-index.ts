import type { NumberColumn } from './number-column.ts';

/**
 * The positions of a column of times in order of (time, position). As long as times only grow it costs nothing; else it
 * keeps 4 bytes per position, and what was added since is sorted and merged in when somebody reads.
 */
export class TimeIndex {
  readonly #times: NumberColumn;
  /** `undefined` while every position is its own rank. */
  #order: Uint32Array | undefined;
  /** How many positions are in order so far. */
  #ordered = 0;

  constructor(times: NumberColumn) {
    this.#times = times;
  }

  /** How many positions lie before `timeMs`. */
  rankOf(timeMs: number): number {
    this.#refresh();
    let low = 0;
    let high = this.#ordered;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times.at(this.#atRank(middle)) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The position with this rank. */
  positionAt(rank: number): number {
    this.#refresh();
    return this.#atRank(rank);
  }

  #atRank(rank: number): number {
    return this.#order?.[rank] ?? rank;
  }

  #refresh(): void {
    const { size } = this.#times;
    while (this.#order === undefined && this.#ordered < size && this.#isNext(this.#ordered)) this.#ordered += 1;
    if (this.#ordered < size) this.#merge(size);
  }

  #isNext(position: number): boolean {
    return position === 0 || this.#times.at(position) >= this.#times.at(position - 1);
  }

  #merge(size: number): void {
    const added = Uint32Array.from({ length: size - this.#ordered }, (_, index) => this.#ordered + index);
    added.sort((left, right) => this.#times.at(left) - this.#times.at(right) || left - right);
    const merged = new Uint32Array(size);
    let fromOld = 0;
    let fromAdded = 0;
    for (let rank = 0; rank < size; rank += 1) {
      const isOld = fromAdded >= added.length
        || (fromOld < this.#ordered && this.#times.at(this.#atRank(fromOld)) <= this.#times.at(added[fromAdded] ?? 0));
      merged[rank] = isOld ? this.#atRank(fromOld) : added[fromAdded] ?? 0;
      if (isOld) fromOld += 1;
      else fromAdded += 1;
    }
    this.#order = merged;
    this.#ordered = size;
  }
}
