import type { Call } from '../http/call.ts';
import { bitsOf } from '../state/apply-patches.ts';
import type { Contact } from '../state/contact.ts';

/** A stamp as this base writes it: ISO 8601 in UTC, or epoch milliseconds, or seconds where that was chosen. */
export function stamp(call: Call, epochMs: number): string | number {
  const { dates } = call.account.options;
  if (dates === 'epochSeconds') return Math.floor(epochMs / 1000);
  return call.version === '1.1.0' || dates === 'epochMillis' ? epochMs : new Date(epochMs).toISOString();
}

/** A stamp of a field that the vendor's Swagger describes as ISO 8601 text, whatever the base. */
export function isoStamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A contact as this credential sees it: its own external id if there is one, and the properties that have data. */
export function contactView(call: Call, contact: Contact): Record<string, unknown> {
  const externalId = contact.externalIds[call.credential.externalIdField];
  const isActive = contact.inactive === undefined;
  const { catalogue } = call.account;
  return {
    ...(externalId !== undefined && { externalId }),
    created: stamp(call, contact.createdMs),
    encryptedId: contact.encryptedId,
    testGroup: contact.testGroup,
    lastChanged: stamp(call, contact.lastChangedMs),
    temporary: false,
    properties: propertiesView(call, contact),
    channels: [
      { name: 'EMAIL', value: isActive && catalogue.emailOf(contact.properties) !== undefined },
      { name: 'SMS', value: isActive && catalogue.hasMobileNumber(contact.properties) },
    ],
  };
}

function propertiesView(call: Call, contact: Contact): Record<string, unknown> {
  const { catalogue } = call.account;
  const view: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(contact.properties)) {
    const definition = catalogue.find(name);
    if (definition === undefined) continue;
    view[name] = typeof value === 'object' ? catalogue.setView(definition, bitsOf(value)) : value;
  }
  return view;
}
