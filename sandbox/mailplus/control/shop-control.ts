import type { Sandbox } from '../sandbox.ts';
import type { Product } from '../state/products.ts';
import { productContent } from '../resources/product-input.ts';
import { requiredText } from '../resources/values.ts';

/** An order with its contact. */
export interface OrderDump {
  readonly externalId: string;
  readonly date: string;
  readonly valueCents: number;
  readonly externalProductIds: readonly string[];
  readonly externalIds: Readonly<Record<string, string>>;
  readonly email: string | undefined;
}

/** Products and orders of the account. */
export class ShopControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Puts a product into the account, checked as the API checks it; nothing counts as an effect of the API. */
  addProduct(product: Readonly<Record<string, unknown>>): void {
    const { account } = this.#sandbox;
    account.products.put(requiredText(product, 'externalId'), productContent(product, account.products.customProperties), account.nowMs());
  }

  /** Whether the licence has Spotler eCommerce; without it its operations are 403. */
  setLicensed(licensed: boolean): void {
    this.#sandbox.account.hasShop = licensed;
  }

  addProductProperty(name: string): void {
    this.#sandbox.account.products.customProperties.add(name);
  }

  products(): Product[] {
    return this.#sandbox.account.products.all();
  }

  orders(): OrderDump[] {
    const { account } = this.#sandbox;
    return account.orders.all().map(({ contact, dateMs, ...order }) => ({
      ...order, date: new Date(dateMs).toISOString(), externalIds: contact.externalIds, email: account.catalogue.emailOf(contact.properties),
    }));
  }
}
