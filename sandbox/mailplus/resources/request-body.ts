import { invalidParams } from '../http/api-error.ts';
import type { ContactInput } from '../state/upsert.ts';

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A contact of a request with its external id. */
export type IdentifiedContact = ContactInput & { readonly externalId: string };

/** The body as an object; 400 when it is missing or something else. */
export function bodyObject(body: unknown): JsonObject {
  if (!isObject(body)) throw invalidParams('The body must be a JSON object');
  return body;
}

/** A switch of the request, false when absent. Takes `"true"` and `"false"` as the vendor's own plugin sends them. */
export function flag(body: JsonObject, name: string): boolean {
  const value = body[name];
  if (value === undefined || value === null) return false;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalidParams(`${name} must be true or false`);
}

/** An identifier: text, or a number that becomes text. `undefined` when absent or empty. */
export function identifier(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list of external contact ids. */
export function identifiers(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidParams('contacts must be a list of external contact ids');
  return (value as unknown[]).map((element) => {
    const id = identifier(element);
    if (id === undefined) throw invalidParams('contacts must be a list of external contact ids');
    return id;
  });
}

/** A `Contact` of a request. Read-only fields are ignored, as the vendor does with what every client sends back. */
export function contactInput(value: unknown): ContactInput {
  if (!isObject(value)) throw invalidParams('contact must be an object');
  const properties = value['properties'] ?? {};
  if (!isObject(properties)) throw invalidParams('properties must be an object');
  const testGroup = value['testGroup'];
  return {
    externalId: identifier(value['externalId']),
    properties,
    ...(testGroup !== undefined && testGroup !== null && { testGroup: flag(value, 'testGroup') }),
  };
}

/** The same contact with its external id, which this operation requires. */
export function withExternalId(input: ContactInput): IdentifiedContact {
  if (input.externalId === undefined) throw invalidParams('externalId is required');
  return { ...input, externalId: input.externalId };
}

/** Whether this is a JSON object, neither a list nor `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
