import type { Scalar } from '../../domain/model/fields.ts';
import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import type { PlatformContext } from '../platform.ts';
import { decodeInstant } from './dates.ts';
import { bitKey, permissionsProperty } from './fields.ts';
import { canonicalName, type PropertyPlan } from './mapping.ts';
import { wireBitSchema, wireContactSchema, type WireContact } from './schema.ts';
import { mailplusSettings } from './settings.ts';
import { readValue } from './values.ts';

/** Prefix of the id of a contact that this credential has no external id for. */
export const encryptedPrefix = 'enc:';

/** What is needed to read contacts. */
export type ReadingContext = Pick<PlatformContext, 'settings' | 'permissionKeys'>;

/** Ids by which a contact is known; `undefined` when it has none. */
export function contactId(ids: { readonly externalId: string | undefined; readonly encryptedId: string | undefined }): string | undefined {
  return ids.externalId ?? (ids.encryptedId === undefined ? undefined : `${encryptedPrefix}${ids.encryptedId}`);
}

/** A contact as Mail+ gives it, normalised, or why it was not taken. Pure. */
export function normaliseContact(context: ReadingContext, plan: PropertyPlan, raw: unknown): SourceRow | RejectedRow {
  const parsed = wireContactSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return rejectedContact('', issue?.path.join('.') ?? '', 'is not of the type that the contract names', raw);
  }
  const contact = parsed.data;
  const externalId = contactId(contact);
  if (externalId === undefined) return rejectedContact('', 'externalId', 'the contact carries neither an external id nor an encrypted id', raw);
  if (contact.temporary === true) return rejectedContact(externalId, 'temporary', 'a temporary contact of Mail+ is no permanent contact; it is taken when Mail+ makes it one', raw);
  const { timeZone } = mailplusSettings(context.settings);
  const sourceTime = optionalInstant(contact.lastChanged, timeZone);
  const createdTime = optionalInstant(contact.created, timeZone);
  if (sourceTime === undefined) return rejectedContact(externalId, 'lastChanged', 'is no date', raw);
  if (createdTime === undefined) return rejectedContact(externalId, 'created', 'is no date', raw);
  return {
    dataType: 'contacts', externalId, sourceTime, payload: raw, consents: [], observedPermissions: context.permissionKeys,
    ...(contact.encryptedId === undefined ? {} : { alternateId: contact.encryptedId }),
    ...(createdTime === null ? {} : { createdTime }),
    ...readProperties(context, plan, contact),
  };
}

/** Keeps apart what was taken and what was not. */
export function sortOut(found: readonly (SourceRow | RejectedRow)[]): { readonly rows: readonly SourceRow[]; readonly rejected: readonly RejectedRow[] } {
  const rows: SourceRow[] = [];
  const rejected: RejectedRow[] = [];
  for (const row of found) {
    if ('reason' in row) rejected.push(row);
    else rows.push(row);
  }
  return { rows, rejected };
}

/** A contact that is gone: its id and nothing else. */
export function deletedContact(externalId: string): SourceRow {
  return { dataType: 'contacts', externalId, sourceTime: null, deleted: true, payload: null, canonical: {}, held: {}, heldKeyOf: {}, consents: [] };
}

function rejectedContact(externalId: string, path: string, reason: string, payload: unknown): RejectedRow {
  return { dataType: 'contacts', externalId, path, code: 'RECORD_INVALID', reason, payload };
}

/** `null` for an absent stamp, `undefined` for one that cannot be read. */
function optionalInstant(stamp: string | number | null | undefined, timeZone: string): string | null | undefined {
  return stamp === null || stamp === undefined || stamp === '' ? null : decodeInstant(stamp, timeZone);
}

function readProperties(context: ReadingContext, plan: PropertyPlan, contact: WireContact): Pick<SourceRow, 'canonical' | 'held' | 'heldKeyOf'> {
  const { timeZone, foreignPostcodeProperty } = mailplusSettings(context.settings);
  const canonical: Record<string, Scalar> = {};
  const held: Record<string, Scalar> = switchesOff(plan);
  const added: Record<string, string> = {};
  for (const [name, raw] of Object.entries(contact.properties ?? {})) {
    if (Array.isArray(raw)) readSwitches(plan, name, raw, { canonical, held, added });
    else {
      const value = readValue(plan.fields.get(name)?.type, raw, timeZone);
      if (value === undefined || value === null || plan.switches.has(name)) continue;
      held[name] = value;
      takeCanonical(plan, name, value, { canonical, added });
    }
  }
  const foreign = foreignPostcodeProperty === null ? undefined : held[foreignPostcodeProperty];
  if (foreignPostcodeProperty !== null && foreign !== undefined && canonical['postalCode'] === undefined) {
    canonical['postalCode'] = foreign;
    added['postalCode'] = foreignPostcodeProperty;
  }
  return { canonical, held, heldKeyOf: Object.keys(added).length === 0 ? plan.heldKeyOf : { ...plan.heldKeyOf, ...added } };
}

interface Reading {
  readonly canonical: Record<string, Scalar>;
  readonly added: Record<string, string>;
}

function takeCanonical(plan: PropertyPlan, key: string, value: Scalar, into: Reading): void {
  const name = canonicalName(plan, key);
  into.canonical[name] = value;
  if (plan.heldKeyOf[name] === undefined) into.added[name] = key;
}

function readSwitches(plan: PropertyPlan, property: string, list: readonly unknown[], into: Reading & { readonly held: Record<string, Scalar> }): void {
  for (const element of list) {
    const parsed = wireBitSchema.safeParse(element);
    if (!parsed.success) continue;
    const key = bitKey(property, Number(parsed.data.bit));
    into.held[key] = parsed.data.enabled;
    if (property !== permissionsProperty) takeCanonical(plan, key, parsed.data.enabled, into);
  }
}

/**
 * Every known switch, off. Mail+ returns only properties that have data (contract §3.2), so a contact whose last permission went off
 * may come without the property: that must be seen as off, not as unknown.
 */
function switchesOff(plan: PropertyPlan): Record<string, Scalar> {
  const off: Record<string, Scalar> = {};
  for (const keys of plan.switches.values()) for (const key of keys) off[key] = false;
  return off;
}
