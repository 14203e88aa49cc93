import { z } from 'zod';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import type { InboundOperation } from '../platform.ts';
import { mostRecords } from './batch.ts';
import { listSchema, recordSchemas } from './input-schemas.ts';

const named = (type: DataType): string => `Custom${type.charAt(0).toUpperCase()}${type.slice(1)}`;
const documented = Object.fromEntries(dataTypes.map((type) => [type, recordSchemas[type].meta({ id: named(type), title: `One record of ${type}` })])) as Record<DataType, z.ZodObject>;
const anyRecord = z.union(dataTypes.map((type) => documented[type])).describe('A record of the data type in the address.');

const batchSchema = z.union([z.array(anyRecord).max(mostRecords), z.object({ records: z.array(anyRecord).max(mostRecords) })])
  .describe(`At most ${mostRecords} records, each with its externalId; one with "deleted": true is gone. As application/x-ndjson: one record a line.`);
const customList = listSchema.meta({ id: 'CustomLists', title: 'A selection of contacts' });

const answerSchema = z.object({
  accepted: z.int().describe('How many records were stored; they are applied in a moment.'),
  rejected: z.array(z.object({
    index: z.int().describe('Which of the records, from 0.'), externalId: z.string().describe('Empty when it carries none.'), path: z.string().describe('The field that is wrong, as lines[0].quantity.'),
    code: z.string(), reason: z.string(), fix: z.string(),
  })).describe('Records that were not taken; the others were. They are kept and listed by `hub failed list` until they come again in order.'),
}).meta({ id: 'CustomAnswer', title: 'The answer to records' });

const headers = { 'idempotency-key': z.string().max(400).optional().describe('A repeated request with the same key gets the answer of the first; with another body it is refused.') };
const dataType = z.enum(dataTypes).describe('As `orders`.');
const externalId = z.string().describe('The id by which your system knows it, escaped.');
const listAnswer = z.object({ listId: z.string(), members: z.int().optional() });

const idempotency = 'Repeating a request is harmless: the same version of a record (id and `sourceTime`) is stored once, with another content it is refused. '
  + 'Without `sourceTime` the time of receipt counts.';

/** What a custom system may send. */
export const inboundOperations: readonly InboundOperation[] = [
  {
    method: 'PUT', path: '/:dataType/:externalId', summary: 'Send one record', params: { dataType, externalId }, headers, body: anyRecord, answer: answerSchema,
    description: `The record as it is now, whole: a field that was there before and is not there now is emptied. ${idempotency}`,
  },
  {
    method: 'DELETE', path: '/:dataType/:externalId', summary: 'Tell that a record is gone', params: { dataType, externalId }, answer: answerSchema,
    description: 'What that means elsewhere is decided for each destination. Activities are not removed.',
  },
  {
    method: 'POST', path: '/:dataType', summary: `Send up to ${mostRecords} records`, params: { dataType }, headers, body: batchSchema, consumes: ['application/json', 'application/x-ndjson'], answer: answerSchema,
    description: `As JSON or NDJSON. Records that are wrong are refused by themselves, in the answer. ${idempotency}`,
  },
  {
    method: 'POST', path: '/:dataType/complete', summary: 'Tell that all there was has been sent', params: { dataType }, answer: z.object({ dataType: z.string(), complete: z.literal(true) }),
    description: 'Once for each data type, after the first full load: until then nothing of this type is sent back, so that ids that are there already are known.',
  },
  {
    method: 'PUT', path: '/lists/:externalId', summary: 'Send a selection of contacts', params: { externalId }, body: customList, answer: listAnswer,
    description: 'The whole selection as it is now; it becomes a list at the destinations that keep lists. Its members are sent as contacts before.',
  },
  { method: 'DELETE', path: '/lists/:externalId', summary: 'Tell that a selection is gone', params: { externalId }, answer: listAnswer, description: 'The lists that the hub made of it are removed.' },
];

/** A JSON Schema (2020-12) on its own: what it refers to by name stands inside. */
function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input' });
}

/** JSON Schemas by name: one a data type, `lists`, `batch`, `answer`. */
export const inboundSchemas: Readonly<Record<string, object>> = Object.fromEntries([
  ...dataTypes.map((type): [string, object] => [type, jsonSchema(documented[type])]),
  ['lists', jsonSchema(customList)], ['batch', jsonSchema(batchSchema)], ['answer', jsonSchema(answerSchema)],
]);
