import type { DeliveryItem, PlatformField, StreamDefinition } from '../../platforms/platform.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';

/** Properties of a plain account, as `discoverFields` gives them. */
export const accountFields: readonly PlatformField[] = [
  ...(['firstName', 'infix', 'lastName', 'initials', 'organisation', 'street', 'houseNumber', 'city', 'country', 'phoneNumber', 'taal', 'foreignCode'] as const)
    .map((name) => ({ name, description: name, type: 'string' })),
  { name: 'email', description: 'E-mail address', type: 'email' },
  { name: 'gender', description: 'Gender', type: 'gender' },
  { name: 'birthday', description: 'Date of birth', type: 'birthdate' },
  { name: 'postalCode', description: 'Postal code', type: 'postcode' },
  { name: 'mobileNumber', description: 'Mobile number', type: 'mobNr' },
  { name: 'firstPurchaseDate', description: 'First purchase', type: 'dateTime' },
  { name: 'freeField1', description: 'Free field 1', type: 'int' },
  { name: 'permissions', description: 'Permissions', type: 'set', entries: [1, 2, 4].map((bit) => ({ key: `permissions:${bit}`, description: `Permission ${bit}` })) },
  { name: 'list1', description: 'Interests', type: 'set', entries: [1, 2].map((bit) => ({ key: `list1:${bit}`, description: `Interest ${bit}` })) },
];

/** A window that holds everything. */
export const always = { from: '2010-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };

/** The stream of this name. */
export function streamOf(name: string): StreamDefinition {
  const stream = mailplus.description.streams.find((candidate) => candidate.name === name);
  if (stream === undefined) throw new Error(`no stream ${name}`);
  return stream;
}

/** A delivery of a contact that Mail+ does not have under this id. */
export function newContact(externalId: string, changes: DeliveryItem['changes'], identity: DeliveryItem['identity'] = {}): DeliveryItem {
  return { externalId, isNew: true, changes, identity, permissionDates: {} };
}

/** A delivery to a contact that Mail+ has. */
export function knownContact(externalId: string, changes: DeliveryItem['changes']): DeliveryItem {
  return { externalId, isNew: false, changes, identity: {}, permissionDates: {} };
}
