import type { PropertyDefinition } from './options.ts';

/** The properties of a plain account. Names are ones seen in real accounts; a real account's list is always its own. */
export const defaultProperties: readonly PropertyDefinition[] = [
  { name: 'email', description: 'E-mail address', type: 'email' },
  { name: 'firstName', description: 'First name', type: 'string' },
  { name: 'infix', description: 'Infix', type: 'string' },
  { name: 'lastName', description: 'Last name', type: 'string' },
  { name: 'initials', description: 'Initials', type: 'string' },
  { name: 'gender', description: 'Gender', type: 'gender' },
  { name: 'birthday', description: 'Date of birth', type: 'birthdate' },
  { name: 'organisation', description: 'Organisation', type: 'string' },
  { name: 'street', description: 'Street', type: 'string' },
  { name: 'houseNumber', description: 'House number', type: 'string' },
  { name: 'postalCode', description: 'Postal code', type: 'postcode' },
  { name: 'city', description: 'City', type: 'string' },
  { name: 'country', description: 'Country', type: 'string' },
  { name: 'phoneNumber', description: 'Phone number', type: 'string' },
  { name: 'mobileNumber', description: 'Mobile number', type: 'mobNr' },
  { name: 'taal', description: 'Language', type: 'string' },
  { name: 'firstPurchaseDate', description: 'First purchase date', type: 'dateTime' },
  { name: 'lastPurchaseDate', description: 'Last purchase date', type: 'dateTime' },
  { name: 'freeField1', description: 'Free field 1', type: 'int' },
  { name: 'memberSince', description: 'Member since', type: 'date' },
  { name: 'yearlySpend', description: 'Yearly spend', type: 'money' },
  {
    name: 'permissions',
    description: 'Permissions',
    type: 'set',
    entries: [
      { bit: 1, description: 'Newsletter', rank: 1 },
      { bit: 2, description: 'Consent to Receive Email Marketing', rank: 2 },
      { bit: 4, description: 'Consent to Receive SMS Marketing', rank: 3 },
    ],
  },
];
