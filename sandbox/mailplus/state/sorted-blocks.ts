const maxBlockLength = 1_024;

/**
 * Items in order of (time, id), kept in short sorted blocks: adding, removing and finding cost about the square root of
 * the size, and reading at an offset skips whole blocks. An item's time must not change while it is in here:
 * remove it, change it, add it again.
 */
export class SortedBlocks<Item> {
  #blocks: Item[][] = [];
  #size = 0;
  readonly #timeOf: (item: Item) => number;
  readonly #idOf: (item: Item) => number;

  constructor(timeOf: (item: Item) => number, idOf: (item: Item) => number) {
    this.#timeOf = timeOf;
    this.#idOf = idOf;
  }

  get size(): number {
    return this.#size;
  }

  add(item: Item): void {
    this.#size += 1;
    const blockIndex = this.#blockFor(this.#timeOf(item), this.#idOf(item));
    const block = this.#blocks[blockIndex];
    if (block === undefined) {
      this.#append(item);
      return;
    }
    block.splice(this.#positionIn(block, this.#timeOf(item), this.#idOf(item)), 0, item);
    if (block.length > maxBlockLength) {
      this.#blocks.splice(blockIndex + 1, 0, block.splice(maxBlockLength / 2));
    }
  }

  /** Removes the item with this item's time and id; does nothing when there is none. */
  remove(item: Item): void {
    const blockIndex = this.#blockFor(this.#timeOf(item), this.#idOf(item));
    const block = this.#blocks[blockIndex];
    if (block === undefined) return;
    const position = this.#positionIn(block, this.#timeOf(item), this.#idOf(item));
    const found = block[position];
    if (found === undefined || this.#idOf(found) !== this.#idOf(item)) return;
    block.splice(position, 1);
    this.#size -= 1;
    if (block.length === 0) this.#blocks.splice(blockIndex, 1);
  }

  /** How many items lie before `timeMs`. */
  rankOf(timeMs: number): number {
    const blockIndex = this.#blockFor(timeMs, -Infinity);
    const block = this.#blocks[blockIndex];
    let rank = block === undefined ? 0 : this.#positionIn(block, timeMs, -Infinity);
    for (let index = 0; index < blockIndex; index += 1) rank += this.#blocks[index]?.length ?? 0;
    return rank;
  }

  /** The items from rank `from` up to, but not including, rank `to`. */
  range(from: number, to: number): Item[] {
    const found: Item[] = [];
    let start = 0;
    for (const block of this.#blocks) {
      if (start >= to) break;
      if (start + block.length > from) {
        for (const item of block.slice(Math.max(0, from - start), to - start)) found.push(item);
      }
      start += block.length;
    }
    return found;
  }

  /** All items with `fromMs <= time < toMs`. */
  between(fromMs: number, toMs: number): Item[] {
    return this.range(this.rankOf(fromMs), this.rankOf(toMs));
  }

  #append(item: Item): void {
    const last = this.#blocks.at(-1);
    if (last === undefined || last.length >= maxBlockLength) this.#blocks.push([item]);
    else last.push(item);
  }

  /** Index of the first block whose last item is not before (time, id); the number of blocks when there is none. */
  #blockFor(timeMs: number, id: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#blocks[middle]?.at(-1);
      if (last !== undefined && this.#isBefore(last, timeMs, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #positionIn(block: readonly Item[], timeMs: number, id: number): number {
    let low = 0;
    let high = block.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = block[middle];
      if (item !== undefined && this.#isBefore(item, timeMs, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isBefore(item: Item, timeMs: number, id: number): boolean {
    const itemTime = this.#timeOf(item);
    return itemTime < timeMs || (itemTime === timeMs && this.#idOf(item) < id);
  }
}
