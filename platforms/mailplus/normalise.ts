import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import type { PlatformContext } from '../platform.ts';
import { decodeInstant } from './dates.ts';
import type { PropertyPlan } from './mapping.ts';
import { readProperties } from './properties.ts';
import { wireContactSchema } from './schema.ts';
import { mailplusSettings } from './settings.ts';

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
  const settings = mailplusSettings(context.settings);
  const { timeZone } = settings;
  const sourceTime = optionalInstant(contact.lastChanged, timeZone);
  const createdTime = optionalInstant(contact.created, timeZone);
  if (sourceTime === undefined) return rejectedContact(externalId, 'lastChanged', 'is no date', raw);
  if (createdTime === undefined) return rejectedContact(externalId, 'created', 'is no date', raw);
  return {
    dataType: 'contacts', externalId, sourceTime, payload: raw, consents: [], observedPermissions: context.permissionKeys,
    ...(contact.encryptedId === undefined ? {} : { alternateId: contact.encryptedId }),
    ...(createdTime === null ? {} : { createdTime }),
    ...readProperties(plan, settings, contact.properties ?? {}),
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
