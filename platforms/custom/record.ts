import { canonicalActivitySchema, type CanonicalActivity } from '../../domain/model/activity.ts';
import type { Fields, Instant } from '../../domain/model/fields.ts';
import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import type { DataType } from '../../domain/presets/data-types.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { firstIssue } from '../first-issue.ts';
import { instantOf } from '../stamps.ts';
import { envelopeNames, idSchema, recordSchemas, tombstoneSchema, withoutEmptyTexts } from './input-schemas.ts';
import { consentKey, heldKeys } from './names.ts';
import { canonicalFields } from './normalise.ts';
import type { CustomSettings } from './settings.ts';
import { wordsFor } from '../wording.ts';

/** A record that was read: a row or an activity, with what it was read from. */
export interface ReadRecord {
  readonly externalId: string;
  /** When the system changed it, or when an activity happened; `null` when the system does not say. */
  readonly at: Instant | null;
  readonly row?: SourceRow;
  readonly activity?: CanonicalActivity;
}

/** A record that was read, or why it was not. */
export type RecordResult = { readonly read: ReadRecord } | { readonly rejected: RejectedRow };

type Raw = Readonly<Record<string, unknown>>;
interface GivenConsent {
  readonly permission: string;
  readonly granted: boolean;
  readonly at?: string | null;
}

/** Where and how a record is read. `place` names it where its id does not. */
export interface Reading {
  readonly dataType: DataType;
  readonly settings: CustomSettings;
  readonly place: string;
}

/** A record that is kept as rejected. */
export function rejectRecord({ dataType, place }: Reading, raw: unknown, code: ErrorCode, path: string, reason: string): RejectedRow {
  const given = isRaw(raw) ? idSchema.safeParse(raw['externalId']) : undefined;
  const externalId = given?.success === true ? given.data : '';
  return { dataType, externalId, path, code, reason: externalId === '' && !reason.startsWith(place) ? `${place}: ${reason}` : reason, payload: raw };
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads one record with its id in it, strictly in the fields that the model knows. Pure, never throws. */
export function readRecord(reading: Reading, raw: unknown): RecordResult {
  const { dataType, place } = reading;
  if (raw === undefined) return { rejected: rejectRecord(reading, null, 'RECORD_INVALID', '', `${place} is no valid JSON`) };
  const isTombstone = isRaw(raw) && raw['deleted'] === true && dataType !== 'activities';
  const schema = isTombstone ? tombstoneSchema : recordSchemas[dataType];
  const parsed = schema.safeParse(isRaw(raw) ? withoutEmptyTexts(schema, raw) : raw, { error: wordsFor });
  if (!parsed.success) {
    const { path, reason } = firstIssue(parsed.error, 'the record');
    return { rejected: rejectRecord(reading, raw, 'RECORD_INVALID', path, reason) };
  }
  const record: Raw = parsed.data;
  const { externalId } = record;
  if (typeof externalId !== 'string') return { rejected: rejectRecord(reading, raw, 'RECORD_INVALID', 'externalId', 'externalId is missing') };
  if (!isTombstone && Object.keys(record).every((name) => envelopeNames.has(name))) return { rejected: rejectRecord(reading, raw, 'RECORD_INVALID', '', 'the record has no field: it is sent whole, or deleted when it is gone') };
  if (dataType === 'activities') return { read: readActivity(record, reading.settings) };
  const row = rowOf({ ...reading, dataType }, record, raw, isTombstone);
  return { read: { externalId, at: row.sourceTime, row } };
}

function readActivity(record: Raw, { timeZone }: CustomSettings): ReadRecord {
  const activity = canonicalActivitySchema.parse({ ...withoutNulls(record), at: instantOf(String(record['at']), timeZone) });
  return { externalId: activity.externalId, at: activity.at, activity };
}

const withoutNulls = (record: Raw): Raw => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

function rowOf({ dataType, settings }: Reading & { readonly dataType: Exclude<DataType, 'activities'> }, record: Raw, raw: unknown, deleted: boolean): SourceRow {
  const externalId = String(record['externalId']);
  const time = (name: string): Instant | null => (typeof record[name] === 'string' ? instantOf(record[name], settings.timeZone) : null);
  const [sourceTime, createdTime] = [time('sourceTime'), time('createdTime')];
  if (deleted) return { dataType, externalId, sourceTime, deleted, payload: null, canonical: {}, held: {}, heldKeyOf: heldKeys[dataType], consents: [] };
  const canonical = canonicalFields(dataType, record, settings);
  const consents = statementsOf(externalId, (record['consents'] ?? []) as readonly GivenConsent[], settings);
  return {
    dataType, externalId, sourceTime, ...(createdTime !== null && { createdTime }), payload: raw, canonical,
    held: { ...canonical, ...heldConsents(consents) }, heldKeyOf: heldKeysOf(dataType, canonical), consents,
  };
}

/** With the keys of extra fields, where the record has any. */
function heldKeysOf(dataType: keyof typeof heldKeys, canonical: Fields): Readonly<Record<string, string>> {
  const usual = heldKeys[dataType];
  let keys: Record<string, string> | undefined;
  for (const name in canonical) if (usual[name] === undefined) (keys ??= { ...usual })[name] = name;
  return keys ?? usual;
}

/** The hub's name of a permission; undefined for one that the connector does not have. */
export function permissionNamed(name: string, { permissions }: CustomSettings): string | undefined {
  return permissions.find((one) => one.toLowerCase() === name.trim().toLowerCase());
}

function statementsOf(externalId: string, consents: readonly GivenConsent[], settings: CustomSettings): SourceRow['consents'] {
  return consents.flatMap(({ permission: name, granted, at }) => {
    const permission = permissionNamed(name, settings);
    const evidence = `contact ${externalId} of a custom system`;
    return permission === undefined ? [] : [{ permission, granted, at: at == null ? null : instantOf(at, settings.timeZone), evidence, heldKey: consentKey(permission) }];
  });
}

/** What the system holds of each permission; of one that is there twice, the newest, and the withdrawal at equal times. */
function heldConsents(consents: SourceRow['consents']): Fields {
  const newest = new Map<string, SourceRow['consents'][number]>();
  for (const consent of consents) {
    const known = newest.get(consent.heldKey);
    const [before, after] = [known?.at ?? '', consent.at ?? ''];
    if (known === undefined || after > before || (after === before && !consent.granted)) newest.set(consent.heldKey, consent);
  }
  return Object.fromEntries([...newest.values()].map(({ heldKey, granted }) => [heldKey, granted]));
}
