/** The eight types of data that the hub keeps in agreement, in the order of the onboarding page's tables. */
export const dataTypes = ['orders', 'products', 'stock', 'shipments', 'organisations', 'contacts', 'checkouts', 'activities'] as const;

/** One of `dataTypes`. */
export type DataType = (typeof dataTypes)[number];

/** True for a word that names a data type; for input from people and other systems. */
export function isDataType(word: string): word is DataType {
  return (dataTypes as readonly string[]).includes(word);
}
