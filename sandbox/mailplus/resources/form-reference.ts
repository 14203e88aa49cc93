import { invalidParams } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import type { Contact } from '../state/contact.ts';
import { pageCount } from '../state/forms.ts';
import type { Form, FormResult } from '../state/forms.ts';

/** Where somebody is in a form: what the hidden field `formEncId` says. */
export interface FormPlace {
  readonly page: number;
  /** What earlier pages left. */
  readonly result: FormResult | undefined;
  readonly contact: Contact | undefined;
}

/** Writes the reference of a page. */
export function formReference(form: Form, { page, result, contact }: FormPlace): string {
  return [form.encryptedId, page, result?.id ?? 0, contact?.encryptedId ?? ''].join('-');
}

/** Reads it back; `undefined` when it is not one of this form. */
export function readReference(call: Call, form: Form, reference: string): FormPlace | undefined {
  const [formId, page, resultId, contactId] = reference.split('-');
  if (formId !== form.encryptedId || contactId === undefined) return undefined;
  const result = call.account.forms.result(form, Number(resultId));
  const isFirst = Number(page) === 1;
  if (!isFirst && (result === undefined || result.completed || Number(page) > pageCount(form))) return undefined;
  return { page: Number(page), result: isFirst ? undefined : result, contact: call.account.contacts.byEncryptedId(contactId) };
}

/** The place that a submit comes from; 400 without a reference of this form. */
export function requirePlace(call: Call, form: Form, reference: string | undefined): FormPlace {
  const place = reference === undefined ? undefined : readReference(call, form, reference);
  if (place === undefined) throw invalidParams('formEncId is missing, or is not one of this form');
  return place;
}
