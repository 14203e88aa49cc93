import type { Form, FormField } from '../state/forms.ts';
import { pageCount } from '../state/forms.ts';

/** How a page is to be written. */
export interface PageLayout {
  readonly postUrl: string;
  readonly outputMode: 'TABLES' | 'DIV';
  readonly outputFormat: 'HTML4STRICT' | 'XHTML1STRICT';
}

/** One page of a form with what stands in it. */
export interface FormPage {
  readonly form: Form;
  readonly page: number;
  /** Value of the hidden field `formEncId`, by which a submit is recognised. */
  readonly reference: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly problems: ReadonlyMap<string, string>;
  /** Further hidden fields. */
  readonly extra: ReadonlyMap<string, string>;
}

/** `FormResponse` of the vendor. */
export interface FormResponse {
  readonly html?: string;
  readonly script?: string;
  readonly isConfirmationPage?: boolean;
  readonly url?: string;
}

/** The page as HTML, with the script that checks it in the browser. */
export function formPage(formPage: FormPage, layout: PageLayout): FormResponse {
  const { form, page, extra, reference } = formPage;
  const fields = form.fields.filter((field) => field.page === page).toSorted((left, right) => left.rank - right.rank);
  const hidden = [['formEncId', reference] as const, ...extra].map(([name, value]) => inputOf(layout, { type: 'hidden', name, value }));
  const rows = fields.map((field) => rowOf(formPage, layout, field)).join('\n');
  const body = layout.outputMode === 'TABLES' ? `<table>\n${rows}\n</table>` : rows;
  const label = page < pageCount(form) ? 'Next' : 'Send';
  const html = [
    `<form id="form${form.id}" method="post" action="${escapeHtml(layout.postUrl)}">`,
    ...hidden, body, inputOf(layout, { type: 'submit', value: label }), '</form>',
  ].join('\n');
  return { html, script: scriptOf(form, fields), isConfirmationPage: false };
}

/** What comes after the last page. */
export function confirmation({ confirmationUrl, name }: Form): FormResponse {
  if (confirmationUrl !== undefined) return { isConfirmationPage: true, url: confirmationUrl };
  return { html: `<p class="confirmation">${escapeHtml(name)}: thank you.</p>`, isConfirmationPage: true };
}

function rowOf({ values, problems }: FormPage, layout: PageLayout, field: FormField): string {
  const label = `<label for="field${field.fieldId}">${escapeHtml(field.description)}${field.required ? ' *' : ''}</label>`;
  const problem = problems.get(field.name);
  const error = problem === undefined ? '' : `<span class="error">${escapeHtml(problem)}</span>`;
  const control = controlOf(layout, field, values.get(field.name) ?? []) + error;
  return layout.outputMode === 'TABLES' ? `<tr><td>${label}</td><td>${control}</td></tr>` : `<div>${label}${control}</div>`;
}

function controlOf(layout: PageLayout, field: FormField, values: readonly string[]): string {
  const { fieldId, name } = field;
  if (field.type === 'checkbox') {
    return field.options.map((option) => inputOf(layout, {
      type: 'checkbox', name, value: option, ...(values.includes(option) && { checked: 'checked' }),
    }) + escapeHtml(option)).join('');
  }
  if (field.type !== 'select') return inputOf(layout, { type: 'text', id: `field${fieldId}`, name, value: values[0] ?? '' });
  const options = field.options.map((option) => `<option${values.includes(option) ? ' selected="selected"' : ''}>${escapeHtml(option)}</option>`);
  return `<select id="field${fieldId}" name="${escapeHtml(name)}">${options.join('')}</select>`;
}

function inputOf({ outputFormat }: PageLayout, attributes: Readonly<Record<string, string>>): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeHtml(value)}"`).join('');
  return `<input${written}${outputFormat === 'XHTML1STRICT' ? ' /' : ''}>`;
}

function scriptOf(form: Form, fields: readonly FormField[]): string {
  const rules = Object.fromEntries(fields.map(({ name, required, type }) => [name, { required, ...(type === 'email' && { email: true }) }]));
  return `jQuery(function ($) { $('#form${form.id}').validate(${JSON.stringify({ rules })}); });`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
