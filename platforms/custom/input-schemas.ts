import { z } from 'zod';
import { canonicalSchemas } from '../../domain/model/canonical-schemas.ts';
import { languageSchema } from '../../domain/model/parts.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { noteOf } from './field-notes.ts';

/** An id of the system's own, as it stands in an address. */
export const idSchema = z.string().regex(/^(?!\.{1,2}$)[^\s@\p{Cc}]{1,200}$/u, { error: 'must be an id: 1 to 200 characters without spaces and without @' });

const stampSchema = z.iso.datetime({ offset: true, local: true });
type Shape = Record<string, z.ZodType>;

/**
 * The canonical schema as a system may fill it in: times with or without an offset, and parts that the model does not know. A part that is
 * more than one value may be `null` for «not there».
 */
function loosened(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) {
    const inner = schema.unwrap() as z.ZodType;
    return inner instanceof z.ZodObject || inner instanceof z.ZodArray ? loosened(inner).nullish() : loosened(inner).optional();
  }
  if (schema instanceof z.ZodNullable) return loosened(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodISODateTime) return stampSchema;
  if (schema instanceof z.ZodArray) return z.array(loosened(schema.element as z.ZodType));
  return schema instanceof z.ZodObject ? z.looseObject(loosenedShape(schema.shape as Shape)) : schema;
}

function loosenedShape(shape: Shape): Shape {
  return Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, noted(name, loosened(part))]));
}

function noted(name: string, schema: z.ZodType): z.ZodType {
  const description = noteOf(name);
  return description === undefined ? schema : schema.meta({ description });
}

const consentSchema = z.object({ permission: noted('permission', z.string().min(1)), granted: noted('granted', z.boolean()), at: noted('at', stampSchema.nullish()) });

const envelope: Shape = {
  externalId: noted('externalId', idSchema.optional()), sourceTime: noted('sourceTime', stampSchema.nullish()), createdTime: noted('createdTime', stampSchema.nullish()),
};

/** What a contact may have besides: parts of its name and address at the top, what the person agreed to, the shop that it belongs to. */
function contactShape(): Shape {
  const { name, address } = canonicalSchemas.contacts.shape;
  const parts: Shape = { ...name.unwrap().shape, ...address.unwrap().shape };
  return {
    ...loosenedShape(parts), email: noted('email', z.string().nullish()), language: noted('language', languageSchema.nullish()),
    consents: noted('consents', z.array(consentSchema).max(100).nullish()), shopStructure: noted('shopStructure', z.array(z.string()).max(20).nullish()),
  };
}

/** Names of fields that are the envelope's and no data. */
export const envelopeNames: ReadonlySet<string> = new Set(['externalId', 'sourceTime', 'createdTime', 'deleted', 'consents', 'shopStructure']);

function recordSchema(type: DataType): z.ZodObject {
  const shape = loosenedShape(canonicalSchemas[type].shape as Shape);
  return z.looseObject(type === 'activities' ? { ...shape, externalId: envelope['externalId'] ?? idSchema } : { ...shape, ...envelope, ...(type === 'contacts' && contactShape()) });
}

const byType = <T>(make: (type: DataType) => T): Readonly<Record<DataType, T>> => Object.fromEntries(dataTypes.map((type) => [type, make(type)])) as Record<DataType, T>;

/** One record of each data type as a system sends it: flat, the canonical fields beside `sourceTime` and `createdTime`. Other fields are let through. */
export const recordSchemas: Readonly<Record<DataType, z.ZodObject>> = byType(recordSchema);

type Raw = Readonly<Record<string, unknown>>;
const asObject = (value: unknown): Raw | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined);
const mayBeNull = (schema: z.ZodType | undefined): boolean => schema?.safeParse(null).success === true;

function hasEmptyText(record: Raw): boolean {
  for (const name in record) {
    const value = record[name];
    if (value === '') return true;
    const part = typeof value === 'object' ? asObject(value) : undefined;
    if (part !== undefined && hasEmptyText(part)) return true;
  }
  return false;
}

/** The record with `null` for every empty text of a field that may be empty, also within parts that are objects: both say the same. */
export function withoutEmptyTexts(schema: z.ZodObject, record: Raw): Raw {
  if (!hasEmptyText(record)) return record;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => {
    const part = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (value === '' && mayBeNull(part)) return [name, null];
    const [inner, object] = [part instanceof z.ZodOptional ? bare(part) : part, asObject(value)];
    return [name, inner instanceof z.ZodObject && object !== undefined ? withoutEmptyTexts(inner, object) : value];
  }));
}

/** The schema without the wrapping that lets a value be absent. */
export const bare = (schema: z.ZodType): z.ZodType => (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bare(schema.unwrap() as z.ZodType) : schema);

/** A record that is gone. */
export const tombstoneSchema = z.object({ externalId: noted('externalId', idSchema.optional()), sourceTime: noted('sourceTime', stampSchema.nullish()), deleted: noted('deleted', z.literal(true)) });

const isInstant = (schema: unknown): boolean => (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? isInstant(schema.unwrap()) : schema instanceof z.ZodISODateTime);

/** The fields of each type that are instants; all stand at the top. */
export const instantNames: Readonly<Record<DataType, readonly string[]>> = byType((type) =>
  Object.entries(canonicalSchemas[type].shape).filter(([, part]) => isInstant(part)).map(([name]) => name));

const calendarDate = z.iso.date().nullish();
const positive = z.int().min(1);

/** Most members that one request may name; longer lists come in pages. */
export const mostMembers = 100_000;

/** A selection of contacts. */
export const listSchema = z.object({
  name: z.string().min(1).max(255).describe('For people; the list in Mail+ is named after it, its campaign and the day.'),
  description: z.string().nullish(),
  members: z.array(idSchema).max(mostMembers, { error: `must have at most ${mostMembers} entries: send the list in pages` }).describe('Ids of contacts of this connector.'),
  campaign: z.object({ externalId: idSchema, name: z.string().min(1).max(255), startDate: calendarDate, endDate: calendarDate }).nullish(),
  syncId: idSchema.optional().describe('Only for a list in pages: the same for all pages, another one each time that the list is sent.'),
  page: positive.optional().describe('Only for a list in pages: from 1.'),
  pageCount: positive.max(10_000).optional().describe('Only for a list in pages.'),
}).refine((list) => (list.pageCount === undefined && list.page === undefined) || (list.syncId !== undefined && (list.page ?? 0) <= (list.pageCount ?? 0) && list.page !== undefined), {
  path: ['page'], error: 'needs syncId and pageCount beside it, and must not be greater than pageCount',
});
