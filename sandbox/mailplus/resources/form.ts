import { ApiError, invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { queryValue } from '../http/query.ts';
import type { Contact } from '../state/contact.ts';
import { formStates, formSubTypes } from '../state/forms.ts';
import type { Form } from '../state/forms.ts';
import { formPage } from './form-page.ts';
import type { PageLayout } from './form-page.ts';
import { formReference, readReference } from './form-reference.ts';
import { bodyObject, isObject } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { optionalText, requiredText } from './values.ts';

/** Forms: list, and the first page, prefilled where the contact or the caller has values (contract 3.13). */
export const formOperations: readonly Operation[] = [
  { method: 'GET', path: 'form/list', handle: listForms },
  { method: 'GET', path: 'form/{formId}', handle: getForm },
  { method: 'POST', path: 'form/{formId}', handle: postForm },
];

/** The form of the path; 404 when there is none. */
export function requireForm(call: Call): Form {
  const form = call.account.forms.find(Number(call.path['formId']));
  if (form === undefined) throw new ApiError(404, 'FORM_NOT_FOUND', 'Form not found');
  return form;
}

/** A form as lists and histories show it. */
export function formView({ id, name, formSubType, formState }: Form): unknown {
  return { id, name, formSubType, formState };
}

/** Reads `postUrl`, `outputMode` and `outputFormat`. */
export function layoutOf(parameters: JsonObject): PageLayout {
  return {
    postUrl: requiredText(parameters, 'postUrl'),
    outputMode: oneOf(parameters, 'outputMode', ['TABLES', 'DIV']),
    outputFormat: oneOf(parameters, 'outputFormat', ['HTML4STRICT', 'XHTML1STRICT']),
  };
}

/** Values by the name of a field, each a list or a single text. */
export function valuesByName(object: JsonObject, name: string): Map<string, readonly string[]> {
  const values = object[name] ?? {};
  if (!isObject(values)) throw invalidParams(`${name} must be an object of lists`);
  return new Map(Object.entries(values).map(([key, value]) => [
    key, (Array.isArray(value) ? value : [value]).map((element: unknown) => optionalText({ [key]: element }, key) ?? ''),
  ]));
}

function listForms(call: Call): Reply {
  const subType = filter(call, 'formSubType', formSubTypes);
  const state = filter(call, 'formState', formStates);
  const forms = call.account.forms.all().filter((form) => (subType ?? form.formSubType) === form.formSubType
    && (state ?? form.formState) === form.formState);
  return { status: 200, body: forms.map(formView) };
}

function getForm(call: Call): Reply {
  const form = requireForm(call);
  return firstPage(call, form, Object.fromEntries(call.query.filter(([name]) => !name.startsWith('oauth_'))));
}

function postForm(call: Call): Reply {
  return firstPage(call, requireForm(call), bodyObject(call.body));
}

function firstPage(call: Call, form: Form, parameters: JsonObject): Reply {
  const layout = layoutOf(parameters);
  const contact = contactOf(call, form, optionalText(parameters, 'encId'));
  const values = new Map([...contactValues(form, contact), ...valuesByName(parameters, 'prefilledValues')]);
  const extra = new Map(new URLSearchParams(optionalText(parameters, 'extraParams') ?? ''));
  const reference = formReference(form, { page: 1, result: undefined, contact });
  return { status: 200, body: formPage({ form, page: 1, reference, values, extra, problems: new Map() }, layout) };
}

/** `encId` is the encrypted id of a contact, or a reference that an earlier page carried; an unknown one prefills nothing. */
function contactOf(call: Call, form: Form, encId: string | undefined): Contact | undefined {
  if (encId === undefined) return undefined;
  return call.account.contacts.byEncryptedId(encId) ?? readReference(call, form, encId)?.contact;
}

function contactValues(form: Form, contact: Contact | undefined): [string, readonly string[]][] {
  return form.fields.flatMap(({ name, property }) => {
    const value = property === undefined ? undefined : contact?.properties[property];
    return typeof value === 'string' || typeof value === 'number' ? [[name, [String(value)]]] : [];
  });
}

function filter<Known extends string>(call: Call, name: string, known: readonly Known[]): Known | undefined {
  const given = queryValue(call.query, name);
  const found = known.find((value) => value === given);
  if (given !== undefined && found === undefined) throw invalidParams(`${name} must be one of ${known.join(', ')}`);
  return found;
}

function oneOf<Known extends string>(parameters: JsonObject, name: string, known: readonly [Known, Known]): Known {
  const given = optionalText(parameters, name) || known[0];
  const found = known.find((value) => value === given);
  if (found === undefined) throw invalidParams(`${name} must be ${known.join(' or ')}`);
  return found;
}
