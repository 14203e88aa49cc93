import type { Fields } from './fields.ts';
import type { RecordType } from './record-fields.ts';

/** A thing that a record names, by its id at the connector that reported the record. */
export interface NamedThing {
  readonly dataType: RecordType;
  readonly externalId: string;
}

/** Fields that hold the id of one thing, and of which type; products stand in `lines` besides. */
export const namingFields: Readonly<Partial<Record<RecordType, Readonly<Record<string, RecordType>>>>> = {
  orders: { contactExternalId: 'contacts', organisationExternalId: 'organisations' },
  checkouts: { contactExternalId: 'contacts' },
  shipments: { orderExternalId: 'orders' },
  stock: { productExternalId: 'products' },
};

/** The things that a record names (design §4 «reference»), each once, its products last. Pure; lines that are no JSON name nothing. */
export function namedThings(dataType: RecordType, fields: Fields): readonly NamedThing[] {
  const named = Object.entries(namingFields[dataType] ?? {}).flatMap(([field, type]) => {
    const id = fields[field];
    return typeof id === 'string' && id !== '' ? [{ dataType: type, externalId: id }] : [];
  });
  const products = new Set(productsIn(fields['lines']));
  return [...named, ...[...products].map((externalId) => ({ dataType: 'products' as const, externalId }))];
}

/** Whether records of a type name others. */
export const namesThings = (dataType: RecordType): boolean => dataType in namingFields;

/** The name of a thing in `linked` of a desired record. */
export const nameOfThing = ({ dataType, externalId }: NamedThing): string => `${dataType}/${externalId}`;

function productsIn(lines: unknown): string[] {
  if (typeof lines !== 'string') return [];
  const parsed: unknown = JSON.parse(lines);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((line: { readonly productExternalId?: unknown }) => (typeof line.productExternalId === 'string' ? [line.productExternalId] : []));
}

/** The contact that an order or checkout of a guest means: it names none, but has an address. Pure. */
export function guestOf(dataType: RecordType, { contactExternalId, email }: Fields): NamedThing | undefined {
  const isNamed = typeof contactExternalId === 'string' && contactExternalId !== '';
  if ((dataType !== 'orders' && dataType !== 'checkouts') || isNamed || typeof email !== 'string' || email === '') return undefined;
  return { dataType: 'contacts', externalId: '' };
}
