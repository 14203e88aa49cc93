import type { Account } from './account.ts';
import { applyPatches, permissionsProperty } from './apply-patches.ts';
import type { Contact } from './contact.ts';
import { pageCount } from './forms.ts';
import type { Form, FormField, FormResult } from './forms.ts';
import { parseProperties } from './property-values.ts';

/** What was filled in on one page, by the name of the field. */
export type FormAnswers = ReadonlyMap<string, readonly string[]>;

/** Why a page was not accepted, in words, by the name of the field. */
export type FormProblems = ReadonlyMap<string, string>;

/** Checks what was filled in on a page; empty when all is well. */
export function problemsOf(account: Account, form: Form, page: number, answers: FormAnswers): FormProblems {
  const problems = new Map<string, string>();
  for (const field of form.fields) {
    const problem = field.page === page ? problemOf(account, field, given(answers, field)) : undefined;
    if (problem !== undefined) problems.set(field.name, problem);
  }
  return problems;
}

/** Keeps the answers of a page; the last page completes the result and does to the contact what the form is for. */
export function submitPage(account: Account, result: FormResult, page: number, answers: FormAnswers, atMs: number): void {
  for (const field of result.form.fields) {
    const values = given(answers, field);
    if (field.page === page && values.length > 0) result.answers.set(field, values);
  }
  result.submittedMs = atMs;
  if (page < pageCount(result.form)) return;
  result.completed = true;
  if (result.testResult) return;
  result.contact = result.contact ?? contactOf(account, result);
  if (result.contact !== undefined && !account.refusesWrites(result.contact)) applyTo(account, result.contact, result, atMs);
}

function given(answers: FormAnswers, { name }: FormField): readonly string[] {
  return (answers.get(name) ?? []).filter((value) => value !== '');
}

function problemOf(account: Account, field: FormField, values: readonly string[]): string | undefined {
  if (values.length === 0) return field.required ? `${field.description} is required` : undefined;
  if (field.options.length > 0 && !values.every((value) => field.options.includes(value))) return `${field.description} has an unknown answer`;
  if (field.type !== 'checkbox' && values.length > 1) return `${field.description} takes one answer`;
  if (field.property === undefined) return undefined;
  return 'problem' in parseProperties(account.catalogue, { [field.property]: valueFor(account, field.property, values[0] ?? '') })
    ? `${field.description} is invalid`
    : undefined;
}

/** Form answers are texts; whole numbers are what some properties take. */
function valueFor(account: Account, property: string, text: string): unknown {
  const type = account.catalogue.find(property)?.type;
  return type === 'int' || type === 'money' ? Number(text) : text;
}

function answeredProperties(account: Account, result: FormResult): Record<string, unknown> {
  return Object.fromEntries([...result.answers].flatMap(([{ property }, values]) => (
    property === undefined ? [] : [[property, valueFor(account, property, values[0] ?? '')] as const]
  )));
}

/** Whoever has the address that was filled in; a subscribe form makes a new contact where nobody has. */
function contactOf(account: Account, result: FormResult): Contact | undefined {
  const patches = parseProperties(account.catalogue, answeredProperties(account, result));
  if ('problem' in patches) return undefined;
  const properties = applyPatches(account.catalogue, {}, patches, true);
  const email = account.catalogue.emailOf(properties);
  const found = email === undefined ? undefined : account.contacts.byEmail(email)[0];
  if (found !== undefined || email === undefined || result.form.formSubType !== 'subscribe') return found;
  if (account.isBlacklisted(properties)) return undefined;
  const nowMs = result.submittedMs;
  return account.contacts.create({ properties, externalIds: {}, testGroup: false, createdMs: nowMs, lastChangedMs: nowMs });
}

function applyTo(account: Account, contact: Contact, result: FormResult, atMs: number): void {
  const { form } = result;
  const permissions = permissionBits(account, form);
  const properties = { ...answeredProperties(account, result), ...(permissions.length > 0 && { [permissionsProperty]: permissions }) };
  const patches = parseProperties(account.catalogue, properties);
  if ('problem' in patches) return;
  const after = applyPatches(account.catalogue, contact.properties, patches, false);
  if (after !== contact.properties && account.canTakeAddress(contact, after)) account.contacts.commit(contact, { properties: after }, atMs);
}

function permissionBits(account: Account, { formSubType, permissionBit }: Form): { bit: number; enabled: boolean }[] {
  if (formSubType !== 'subscribe' && formSubType !== 'unSubscribe') return [];
  const entries = account.catalogue.find(permissionsProperty)?.entries ?? [];
  const bits = permissionBit === undefined ? entries.map(({ bit }) => bit) : [permissionBit];
  return bits.map((bit) => ({ bit, enabled: formSubType === 'subscribe' }));
}
