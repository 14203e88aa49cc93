import type { DataType } from './data-types.ts';
import type { Flow, Flows, Footnote, Lookback, Preset } from './preset.ts';

const none: Flows = { import: 'no', export: 'no' };
const importOnly: Flows = { import: 'yes', export: 'no' };
const exportOnly: Flows = { import: 'no', export: 'yes' };
const bothWays: Flows = { import: 'yes', export: 'yes' };
const importWhenAvailable: Flows = { import: 'when-available', export: 'no' };
const bothWhenApplicable: Flows = { import: 'when-applicable', export: 'when-applicable' };

const noFlows: Record<DataType, Flows> = {
  orders: none, products: none, stock: none, shipments: none, organisations: none, contacts: none, checkouts: none, activities: none,
};

const back = (dataType: DataType, amount: number, unit: Lookback['unit'], whenPossible = false): Lookback => ({ dataType, amount, unit, whenPossible });

const tradeLookbacks = [back('orders', 7, 'days'), back('products', 10, 'years'), back('contacts', 10, 'years')];
const salesFlows: Record<DataType, Flows> = { ...noFlows, orders: importOnly, products: importOnly, contacts: bothWays, checkouts: importOnly };
const distilled: Footnote = {
  dataTypes: ['organisations', 'contacts'],
  text: '*Organisations and contacts will be directly imported when this data is available in the source platform. If this data is not directly available, organisations and contacts will be distilled and created in Connect based on contact data imported with activities.',
  exceptPlatforms: [],
};
const reportingFlows: Record<DataType, Flows> = { ...noFlows, organisations: importWhenAvailable, contacts: importWhenAvailable, activities: importOnly };

/** The eight presets of the onboarding page (seed 002), cell by cell; `test/unit/presets-document.test.ts` compares them with the page itself. */
export const presets = {
  'e-commerce-with-e-fulfilment': {
    title: 'E-commerce with e-fulfilment',
    connectorClass: 'sales-channel',
    platformClasses: ['sales-channel'],
    about: [
      'This preset is geared toward e-commerce vendors implementing a sales channel with e-fulfilment. You should select it when you add a sales channel (such as a webshop) to your Connect setup.',
      'It’s essential also to have e-fulfilment through a Connect connector for this preset to work correctly.',
    ],
    notes: [],
    flows: { ...salesFlows, stock: exportOnly, shipments: exportOnly },
    footnotes: [],
    lookbacks: tradeLookbacks,
  },
  'e-commerce-with-marketing-automation': {
    title: 'E-commerce with marketing automation',
    connectorClass: 'sales-channel',
    platformClasses: ['sales-channel'],
    about: [
      'This preset is geared towards e-commerce vendors focusing on obtaining orders and contact data from a sales channel. You should select this preset when you want to add a sales channel, but sales operations and e-fulfilment have already been set up (or are intended to be set up) through different systems or different connectors in Connect.',
    ],
    notes: [],
    flows: salesFlows,
    footnotes: [],
    lookbacks: tradeLookbacks,
  },
  fulfilment: {
    title: 'Fulfilment',
    connectorClass: 'e-fulfilment',
    platformClasses: ['e-fulfilment'],
    about: [
      'This preset is available for e-fulfilment systems only. It allows the e-fulfilment system to be the only source of stock updates, ensuring stock levels in other connectors are always up to date with levels the physical e-fulfilment system indicates.',
    ],
    notes: [],
    flows: { ...noFlows, products: bothWays, stock: importOnly, shipments: importOnly },
    footnotes: [],
    lookbacks: tradeLookbacks,
  },
  marketplace: {
    title: 'Marketplace',
    connectorClass: 'marketplace',
    platformClasses: ['marketplace'],
    about: [
      'This preset is available for marketplaces only. It creates the necessary data streams to import orders, contact data, and products to Connect while exporting shipment information and stock levels from Connect to the marketplace.',
    ],
    notes: [],
    flows: { ...noFlows, orders: importOnly, products: importOnly, stock: exportOnly, shipments: exportOnly },
    footnotes: [],
    lookbacks: tradeLookbacks,
  },
  'marketing-automation': {
    title: 'Marketing Automation',
    connectorClass: 'marketing-automation',
    platformClasses: ['marketing-automation', 'analytics'],
    about: [
      'This preset is available only for marketing automation software. This preset is limited to data only relevant for marketing automation: products, orders, contacts, and checkout. This data is exported to the marketing automation platform. Changes to contact data are also imported into Connect to be processed by other connectors.',
    ],
    notes: [],
    flows: { ...noFlows, orders: exportOnly, products: exportOnly, contacts: bothWays, checkouts: exportOnly, activities: bothWhenApplicable },
    footnotes: [],
    lookbacks: [back('contacts', 10, 'years')],
  },
  crm: {
    title: 'CRM',
    connectorClass: 'crm',
    platformClasses: ['crm'],
    about: [
      'This preset is available only to CRM systems. It focuses on importing contacts, organisations, and activities from the CRM system to Connect, and exporting this data to other CRM system connectors.',
    ],
    notes: [],
    flows: { ...noFlows, organisations: bothWays, contacts: bothWays, activities: bothWays },
    footnotes: [{ dataTypes: ['activities'], text: '*Activities are not available in the Tribe CRM preset.', exceptPlatforms: ['tribe'] }],
    lookbacks: [back('contacts', 10, 'years'), back('organisations', 10, 'years')],
  },
  activities: {
    title: 'Activities',
    connectorClass: 'activities',
    platformClasses: ['activities', 'crm'],
    about: ['This preset is available only for CRM systems that export activities, such as Spotler Leads, Momice and LeadForensics.'],
    notes: [],
    flows: reportingFlows,
    footnotes: [distilled],
    lookbacks: [back('contacts', 10, 'years'), back('organisations', 10, 'years', true), back('activities', 1, 'years', true)],
  },
  analytics: {
    title: 'Analytics',
    connectorClass: 'analytics',
    platformClasses: ['analytics'],
    about: ['This preset is available only for systems that import analytics to Connect, such as MailPro.'],
    notes: [
      'Select the Analytics preset if you want to utilise Analytics only. If you also want to use operational capabilities such as contact data syncs or list import, select other available presets such as \'Marketing Automation\'.',
    ],
    flows: reportingFlows,
    footnotes: [distilled],
    lookbacks: [back('contacts', 10, 'years'), back('organisations', 10, 'years', true), back('activities', 2, 'years', true)],
  },
} as const satisfies Record<string, Preset>;

/** The id of a preset, as it is stored with a connector. */
export type PresetId = keyof typeof presets;

/** All preset ids, in the page's order. */
export const presetIds = Object.keys(presets) as readonly PresetId[];

/** True for a word that names a preset. */
export function isPresetId(word: string): word is PresetId {
  return Object.hasOwn(presets, word);
}

/** A preset by its id, with the types that all presets share. */
export function presetOf(id: PresetId): Preset {
  return presets[id];
}

/** What the preset says of one direction of one data type. */
export function flowOf(id: PresetId, dataType: DataType, direction: keyof Flows): Flow {
  return presetOf(id).flows[dataType][direction];
}
