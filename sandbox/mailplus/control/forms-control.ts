import type { Sandbox } from '../sandbox.ts';
import type { Form, FormState } from '../state/forms.ts';
import { pageCount } from '../state/forms.ts';
import { problemsOf, submitPage } from '../state/submit-form.ts';
import { ControlError } from './control-error.ts';
import { formSchema, formSubmitSchema } from './forms-schemas.ts';
import type { FormSpec, FormSubmit } from './forms-schemas.ts';
import { selectContact } from './selector.ts';

/** A form result with its contact, which the API does not show. */
export interface FormResultDump {
  readonly formResultId: number;
  readonly formId: number;
  readonly email: string | undefined;
  readonly submitted: string;
  readonly completed: boolean;
  readonly testResult: boolean;
  /** By the name of the field. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

/** Forms of the account and what was filled in. */
export class FormsControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  addForm(spec: FormSpec): Form {
    const { fields, permissionBit, confirmationUrl, ...parsed } = formSchema.parse(spec);
    const questions = fields.map(({ description, property, ...field }, index) => ({
      ...field, description: description ?? field.name, property, fieldId: index + 1, rank: index + 1,
    }));
    return this.#sandbox.account.forms.add({ ...parsed, permissionBit, confirmationUrl, fields: questions });
  }

  setFormState(formId: number, formState: FormState): void {
    this.#form(formId).formState = formState;
  }

  /** Somebody fills in the form on a page of Mail+: not an effect of the API. Returns the id of the result. */
  submitForm(formId: number, spec: FormSubmit): number {
    const { account } = this.#sandbox;
    const { contact, answers, completed, at } = formSubmitSchema.parse(spec);
    const form = this.#form(formId);
    const values = new Map(Object.entries(answers));
    const atMs = at ?? account.nowMs();
    const pages = Array.from({ length: completed ? pageCount(form) : 1 }, (_, index) => index + 1);
    const problems = pages.flatMap((page) => [...problemsOf(account, form, page, values).values()]);
    if (problems.length > 0) throw new ControlError(400, problems.join(', '));
    const result = account.forms.begin(form, contact && selectContact(account, contact), atMs);
    for (const page of pages) submitPage(account, result, page, values, atMs);
    return result.id;
  }

  results(): FormResultDump[] {
    const { account } = this.#sandbox;
    return account.forms.results().map(({ id, form, contact, submittedMs, completed, testResult, answers }) => ({
      formResultId: id, formId: form.id, completed, testResult, submitted: new Date(submittedMs).toISOString(),
      email: contact && account.catalogue.emailOf(contact.properties),
      answers: Object.fromEntries([...answers].map(([{ name }, values]) => [name, values])),
    }));
  }

  #form(formId: number): Form {
    const form = this.#sandbox.account.forms.find(formId);
    if (form === undefined) throw new ControlError(404, 'No such form');
    return form;
  }
}
