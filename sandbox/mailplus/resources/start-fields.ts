import { invalidParams } from '../http/api-error.ts';
import { isObject } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { optionalText, optionalTexts, requiredText } from './values.ts';

const fieldTypes = ['STRING', 'PRODUCTLIST', 'URL'];

/** A value for the messages of one run. */
export interface StartField {
  readonly name: string;
  readonly type: string;
  readonly value: string | undefined;
  readonly values: readonly string[] | undefined;
}

/** The fields of a trigger, with the ids of all products that they name. */
export interface StartFields {
  readonly fields: readonly StartField[];
  readonly productIds: readonly string[];
}

/** Reads `campaignFields` or `automationFields` (contract 3.12): names are unique and without spaces, types ignore capitals. */
export function readStartFields(value: unknown, what: string): StartFields {
  if (value === undefined || value === null) return { fields: [], productIds: [] };
  if (!Array.isArray(value)) throw invalidParams(`${what} must be a list`);
  const fields = value.map((element: unknown) => {
    if (!isObject(element)) throw invalidParams(`${what} must be a list of {name, type, value, values}`);
    return readField(element, what);
  });
  if (new Set(fields.map(({ name }) => name)).size !== fields.length) throw invalidParams(`${what} has a name twice`);
  return { fields, productIds: fields.flatMap(({ values }) => values ?? []) };
}

function readField(field: JsonObject, what: string): StartField {
  const name = requiredText(field, 'name');
  if (/\s/.test(name)) throw invalidParams(`${what}: the name "${name}" has a space`);
  const type = (optionalText(field, 'type') ?? 'STRING').toUpperCase();
  if (!fieldTypes.includes(type)) throw invalidParams(`${what}: type must be one of ${fieldTypes.join(', ')}`);
  if (type === 'PRODUCTLIST') {
    const values = optionalTexts(field, 'values');
    if (values === undefined || values.length === 0) throw invalidParams(`${what}: ${name} needs values, a list of external product ids`);
    return { name, type, value: undefined, values };
  }
  const value = optionalText(field, 'value');
  if (value === undefined) throw invalidParams(`${what}: ${name} needs a value`);
  if (type === 'URL' && !URL.canParse(value)) throw invalidParams(`${what}: ${name} is not a URL`);
  return { name, type, value, values: undefined };
}
