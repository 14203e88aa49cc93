import { connectorClasses, type ConnectorClass } from '../../domain/presets/connector-classes.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { presetIds, presetOf } from '../../domain/presets/presets.ts';
import type { Direction, PlatformDescription, PlatformSettings } from '../platform.ts';
import { customCredentials, customSettings, settingsOf } from './settings.ts';

const inOnly: Direction = { import: true, export: false, note: 'the hub sends it nothing yet' };

function of(chosen: ConnectorClass): Pick<PlatformDescription, 'class' | 'presets' | 'reflectsContacts'> {
  const presets = presetIds.filter((id) => presetOf(id).platformClasses.includes(chosen));
  return { class: chosen, presets, reflectsContacts: chosen === 'marketing-automation' };
}

/** A custom system as data, before it says of what class it is. */
export const customDescription: PlatformDescription = {
  id: 'custom',
  title: 'Custom system',
  ...of('sales-channel'),
  classes: connectorClasses,
  directions: Object.fromEntries(dataTypes.map((type): [DataType, Direction] => [type, inOnly])) as Record<DataType, Direction>,
  streams: [],
  settings: customSettings,
  credentials: customCredentials,
  credentialNames: ['webhookSecret'],
  optionalCredentials: ['webhookSecret'],
  callsPerSecond: 50,
  deliveryBatchSize: 100,
  targets: 'primary-link',
  createsContacts: true,
  givenIdPrefix: 'hub-',
  announcesFirstImport: true,
  pullCreatesRecords: true,
};

/** A custom system as its connector's class has it: with the presets of that class. Pure. */
export function describe(settings: PlatformSettings): PlatformDescription {
  const { classes: _classes, ...description } = customDescription;
  const { class: chosen } = settingsOf({ settings });
  return { ...description, ...of(chosen), title: `Custom system (${chosen.replaceAll('-', ' ')})` };
}
