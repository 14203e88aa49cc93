/** Optional texts of a product, as the vendor's Swagger names them. */
export const optionalProductTexts = [
  'description', 'category', 'gtin', 'sku', 'brand', 'ratingImageUrl', 'ratingValue', 'reviewLink', 'addToCartLink', 'language',
] as const;

/** One line of a product's specification. */
export interface ProductSpecification {
  readonly description: string;
  readonly value: string;
  readonly rank?: string;
}

/** What a request says of a product. Prices are in cents. */
export interface ProductContent {
  readonly name: string;
  readonly link: string;
  readonly priceCents: number;
  readonly oldPriceCents: number | undefined;
  readonly imageUrl: string;
  readonly imageLargeUrl: string;
  readonly texts: Readonly<Partial<Record<(typeof optionalProductTexts)[number], string>>>;
  readonly stock: 'LIMITED' | 'GOOD' | 'UNKNOWN';
  readonly deleted: boolean;
  readonly visible: boolean;
  readonly customProperties: Readonly<Record<string, string | number | boolean>>;
  readonly specifications: readonly ProductSpecification[];
}

/** A product of the account. */
export interface Product {
  readonly externalId: string;
  content: ProductContent;
  readonly createdMs: number;
  changedMs: number;
}

/** The account's products and the names of their custom properties. */
export class Products {
  readonly #products = new Map<string, Product>();
  readonly customProperties: Set<string>;

  constructor(customProperties: readonly string[]) {
    this.customProperties = new Set(customProperties);
  }

  get size(): number {
    return this.#products.size;
  }

  all(): Product[] {
    return [...this.#products.values()];
  }

  find(externalId: string): Product | undefined {
    return this.#products.get(externalId);
  }

  /** Creates or replaces a product. Returns what became of it. */
  put(externalId: string, content: ProductContent, atMs: number): 'created' | 'changed' | 'identical' {
    const product = this.#products.get(externalId);
    if (product === undefined) {
      this.#products.set(externalId, { externalId, content, createdMs: atMs, changedMs: atMs });
      return 'created';
    }
    if (JSON.stringify(product.content) === JSON.stringify(content)) return 'identical';
    product.content = content;
    product.changedMs = atMs;
    return 'changed';
  }
}
