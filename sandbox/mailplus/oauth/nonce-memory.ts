const bucketSeconds = 60;

/** Remembers which (key, timestamp, nonce) were used, for as long as their timestamps could still be accepted. */
export class NonceMemory {
  readonly #buckets = new Map<number, Set<string>>();
  readonly #windowSeconds: number;

  constructor(windowMs: number) {
    this.#windowSeconds = Math.ceil(windowMs / 1000);
  }

  /** Whether this one is new; it counts as used from now on. */
  use(key: string, timestampSeconds: number, nonce: string, nowSeconds: number): boolean {
    this.#forgetBefore(nowSeconds - this.#windowSeconds);
    const bucketNumber = Math.floor(timestampSeconds / bucketSeconds);
    const bucket = this.#buckets.get(bucketNumber) ?? new Set<string>();
    this.#buckets.set(bucketNumber, bucket);
    const entry = JSON.stringify([key, timestampSeconds, nonce]);
    if (bucket.has(entry)) return false;
    bucket.add(entry);
    return true;
  }

  #forgetBefore(seconds: number): void {
    const oldest = Math.floor(seconds / bucketSeconds);
    for (const bucketNumber of this.#buckets.keys()) {
      if (bucketNumber < oldest) this.#buckets.delete(bucketNumber);
    }
  }
}
