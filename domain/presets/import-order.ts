import type { DataType } from './data-types.ts';

/**
 * The order of first imports, so that what a record refers to is there before it (design §5): products, contacts and
 * organisations, then what names them. A shipment names an order, so it comes after orders.
 */
export const importOrder: readonly DataType[] = ['products', 'contacts', 'organisations', 'stock', 'orders', 'checkouts', 'shipments', 'activities'];

/** What records of a type may refer to. */
export const references: Readonly<Record<DataType, readonly DataType[]>> = {
  products: [],
  contacts: [],
  organisations: [],
  stock: ['products'],
  orders: ['products', 'contacts', 'organisations'],
  checkouts: ['products', 'contacts'],
  shipments: ['orders', 'products'],
  activities: ['contacts', 'organisations'],
};

/** The same data types, each once, in the order in which their first imports run. */
export function inImportOrder(types: Iterable<DataType>): readonly DataType[] {
  const wanted = new Set(types);
  return importOrder.filter((dataType) => wanted.has(dataType));
}
