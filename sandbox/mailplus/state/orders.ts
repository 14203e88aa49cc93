import type { Contact } from './contact.ts';

/** What a request says of an order, its contact found. */
export interface OrderContent {
  readonly contact: Contact;
  readonly dateMs: number;
  readonly valueCents: number;
  readonly externalProductIds: readonly string[];
}

/** An order of the account. */
export interface Order extends OrderContent {
  readonly externalId: string;
}

/** The account's orders. A deleted order is gone. */
export class Orders {
  readonly #orders = new Map<string, Order>();

  get size(): number {
    return this.#orders.size;
  }

  all(): Order[] {
    return [...this.#orders.values()];
  }

  find(externalId: string): Order | undefined {
    return this.#orders.get(externalId);
  }

  /** Creates or replaces an order. Returns what became of it. */
  put(externalId: string, content: OrderContent): 'created' | 'changed' | 'identical' {
    const known = this.#orders.get(externalId);
    if (known !== undefined && isSame(known, content)) return 'identical';
    this.#orders.set(externalId, { externalId, ...content });
    return known === undefined ? 'created' : 'changed';
  }

  remove(externalId: string): void {
    this.#orders.delete(externalId);
  }
}

function isSame(left: OrderContent, right: OrderContent): boolean {
  return left.contact === right.contact && left.dateMs === right.dateMs && left.valueCents === right.valueCents
    && left.externalProductIds.join('\n') === right.externalProductIds.join('\n');
}
