/** Codes of the batch insert that no state of an account leads to here, and that can be asked for. */
export const requestedCodes = ['NO_ACTIVE_CHANNEL', 'ERROR', 'PROPERTY_INVALID', 'CONTACT_OPTOUT'] as const;

/** One of {@link requestedCodes}. */
export type RequestedCode = (typeof requestedCodes)[number];

/** Contacts whose next writes are refused because a test wants it so. */
export class Refusals {
  readonly #left = new Map<string, { readonly code: RequestedCode; count: number }>();

  /** The next `count` writes of this external id, by whatever key, are refused with this code. */
  add(externalId: string, code: RequestedCode, count: number): void {
    this.#left.set(externalId, { code, count });
  }

  /** The code for this write, if it is to be refused. */
  take(externalId: string | undefined): RequestedCode | undefined {
    const refusal = externalId === undefined ? undefined : this.#left.get(externalId);
    if (refusal === undefined || refusal.count === 0) return undefined;
    refusal.count -= 1;
    return refusal.code;
  }
}
