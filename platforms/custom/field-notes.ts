/** What a developer should know of a field, by its name; for the JSON Schemas. */
const notes: Readonly<Record<string, string>> = {
  externalId: 'The id by which your system knows it: 1 to 200 characters without spaces and without @. In a batch each record has to carry it; in a PUT it is the last part of the address and may be left out here.',
  sourceTime: 'When your system changed the record, ISO 8601. A version that comes late or twice changes nothing. Without it the time of receipt counts.',
  createdTime: 'When your system made the record, ISO 8601.',
  deleted: 'The record is gone in your system. Nothing else is needed but `externalId`.',
  consents: 'What the person has agreed to, or not, each with its date.',
  permission: 'One of the names in the connector\'s setting `permissions`.',
  granted: 'false without a date means that the person was never asked.',
  shopStructure: 'The levels of a multilingual shop from the top, as ["Acme","Acme Europe","Dutch"].',
  language: 'A language tag, as nl or en-GB.',
  country: 'ISO 3166 alpha-2, as GB.',
  currency: 'ISO 4217, as EUR.',
  email: 'Is compared in small letters and without spaces around it.',
  mobile: 'With its country, as +447700900123, or as it is dialled in the connector\'s default country.',
  phone: 'With its country, as +441632960000, or as it is dialled in the connector\'s default country.',
  sku: 'Products of several systems with the same sku are one product.',
  vatNumber: 'Organisations of several systems with the same number are one organisation.',
  gtin: 'EAN, UPC or other GTIN, digits only.',
  quantity: 'Pieces; a fraction for what is sold by weight or length.',
  extra: 'Fields of your own, by name; fields that are not in this schema are put here by themselves.',
  contactExternalId: 'The contact, by the id under which you send it.',
  organisationExternalId: 'The organisation, by the id under which you send it.',
  productExternalId: 'The product, by the id under which you send it.',
  orderExternalId: 'The order, by the id under which you send it.',
  description: 'For people to read.',
};

/** The note of a field; undefined for one that its name explains. */
export function noteOf(name: string): string | undefined {
  if (Object.hasOwn(notes, name)) return notes[name];
  if (name.endsWith('Cents')) return 'Money in whole cents, tax included: 19.95 is 1995.';
  return /(?:^at|At)$/.test(name) ? 'ISO 8601; without an offset it is read in the connector\'s time zone.' : undefined;
}
