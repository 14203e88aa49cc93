import { HubError } from '../../domain/errors.ts';
import { extraPrefix } from '../../domain/model/fields.ts';
import type { PlatformContext, PlatformField, PlatformSettings } from '../platform.ts';
import type { FormFinding, WebForm } from '../web-forms.ts';
import { permissionsProperty } from './fields.ts';
import { planOf } from './mapping.ts';
import { fieldsFor, hasValues, searchContacts } from './search.ts';
import { mailplusSettings } from './settings.ts';

/** The most contacts that are looked at for the one that a visitor means. */
const mostCandidates = 100;

/** The form of a connector's settings with this name. */
export function webForm(settings: PlatformSettings, name: string): WebForm | undefined {
  const { forms } = mailplusSettings(settings);
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  return form === undefined ? undefined : { name, ...form };
}

/**
 * The one contact that has what a visitor gave, with the properties that the form answers. A value that no contact can have, and one that
 * several have, find none. Throws CONFIGURATION_INVALID for a form that the account does not bear.
 */
export async function searchForForm(context: PlatformContext, form: WebForm, given: Readonly<Record<string, string>>): Promise<FormFinding> {
  const fields = await fieldsFor(context, [...form.search, ...form.answer]);
  const problem = formProblem(fields, context.settings, form);
  if (problem !== undefined) throw new HubError('CONFIGURATION_INVALID', problem, { field: `settings.forms.${form.name}` });
  const found = await searchContacts({ ...context, fields }, given, mostCandidates).catch((error: unknown) => {
    if (error instanceof HubError && error.code === 'REQUEST_INVALID') return { contacts: [], more: false };
    throw error;
  });
  const [contact, ...others] = found.contacts.filter((one) => hasValues(context, fields, one, given));
  if (contact === undefined) return { found: false };
  if (others.length > 0 || found.more) {
    context.log.warn({ connectorId: context.connectorId, form: form.name }, 'A form was answered with «not found», because more than one contact may match');
    return { found: false };
  }
  return { found: true, values: valuesOf(form, contact.fields) };
}

function valuesOf({ answer }: WebForm, properties: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  return Object.fromEntries(answer.flatMap((name) => {
    const value = properties[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
  }));
}

/** What keeps a form from working, or makes it unsafe, at an account; `undefined` when all is well. */
export function formProblem(fields: readonly PlatformField[], settings: PlatformSettings, form: WebForm): string | undefined {
  const unfit = [...form.search, ...form.answer].find((name) => !fields.some((field) => field.name === name && field.type !== 'set'));
  if (unfit !== undefined) return `The form «${form.name}» names «${unfit}», which is no property of the Mail+ account that can be searched or answered. There are: ${fields.flatMap((field) => (field.type === 'set' ? [] : [field.name])).join(', ')}.`;
  if (form.search.length > 0 && !form.search.some((name) => isKnownToOneOnly(fields, settings, name))) {
    return `The form «${form.name}» searches only by what others know of a person too (${form.search.join(', ')}): anybody could ask who is a contact. Add a property that holds a code of its own for each contact, as a discount code.`;
  }
  const bits = fields.flatMap((field) => (field.name === permissionsProperty ? field.entries ?? [] : []));
  const lost = form.permissions.find((key) => !bits.some((bit) => bit.key === key));
  return lost === undefined ? undefined : `The form «${form.name}» names the permission «${lost}», which the Mail+ account does not have. There are: ${bits.map(({ key, description }) => `${key} («${description}»)`).join(', ')}.`;
}

/** A text or number of the account's own: not a name, an address or a date, which others know or can guess. */
function isKnownToOneOnly(fields: readonly PlatformField[], settings: PlatformSettings, name: string): boolean {
  const { readings } = planOf(fields, { settings });
  const reading = readings.get(name);
  return reading !== undefined && reading.canonical.startsWith(extraPrefix) && (reading.type === 'string' || reading.type === 'int');
}

/** The first problem of a connector's forms, as an error for the person who sets them. */
export function requireUsableForms(fields: readonly PlatformField[], settings: PlatformSettings): void {
  for (const name of Object.keys(mailplusSettings(settings).forms)) {
    const form = webForm(settings, name);
    const problem = form === undefined ? undefined : formProblem(fields, settings, form);
    if (problem !== undefined) throw new HubError('CONFIGURATION_INVALID', problem, { field: `settings.forms.${name}` });
  }
}
