/** Pieces of work that run beside each other, by key. A piece that fails is told by the next call of `room` or `idle`, never lost. */
export class InFlight<Key> {
  readonly #running = new Map<Key, Promise<void>>();
  readonly #failures: unknown[] = [];

  get keys(): readonly Key[] {
    return [...this.#running.keys()];
  }

  /** Takes in work that has begun. */
  add(key: Key, work: Promise<void>): void {
    const settled = work.catch((error: unknown) => void this.#failures.push(error)).finally(() => this.#running.delete(key));
    this.#running.set(key, settled);
  }

  /** Resolves when fewer than `limit` pieces run. Throws what a piece threw, when no other runs any more. */
  async room(limit: number): Promise<void> {
    while (this.#running.size >= limit && this.#failures.length === 0) await Promise.race(this.#running.values());
    if (this.#failures.length > 0) await this.idle();
  }

  /** Resolves when nothing runs. Throws what the first piece that failed threw. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
