const blockBits = 16;
const blockLength = 1 << blockBits;
const offsetMask = blockLength - 1;

/** A growing row of numbers, in blocks of a typed array: 4 bytes each as `uint32`, 8 as `float64`. */
export class NumberColumn {
  readonly #blocks: (Uint32Array | Float64Array)[] = [];
  readonly #kind: 'uint32' | 'float64';
  #size = 0;

  constructor(kind: 'uint32' | 'float64') {
    this.#kind = kind;
  }

  get size(): number {
    return this.#size;
  }

  push(value: number): void {
    const offset = this.#size & offsetMask;
    if (offset === 0) this.#blocks.push(this.#kind === 'uint32' ? new Uint32Array(blockLength) : new Float64Array(blockLength));
    const block = this.#blocks.at(-1);
    if (block !== undefined) block[offset] = value;
    this.#size += 1;
  }

  /** The number at a position below {@link size}; 0 beyond it. */
  at(position: number): number {
    return this.#blocks[position >>> blockBits]?.[position & offsetMask] ?? 0;
  }
}
