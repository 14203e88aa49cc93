import type { Contact } from './contact.ts';
import { encryptedIdOf } from './encrypted-id.ts';

/** What a form is for. */
export const formSubTypes = ['normal', 'subscribe', 'unSubscribe', 'editProfile'] as const;
/** How far a form is; only a final one is not a test. */
export const formStates = ['draft', 'proof', 'final'] as const;

/** One of {@link formSubTypes}. */
export type FormSubType = (typeof formSubTypes)[number];
/** One of {@link formStates}. */
export type FormState = (typeof formStates)[number];

/** A question of a form. */
export interface FormField {
  readonly fieldId: number;
  readonly rank: number;
  /** Name of the input. */
  readonly name: string;
  readonly description: string;
  readonly type: 'text' | 'email' | 'checkbox' | 'select';
  readonly required: boolean;
  /** What can be chosen, for `checkbox` and `select`. */
  readonly options: readonly string[];
  /** The contact property that it fills. */
  readonly property: string | undefined;
  /** Page that it is on, from 1. */
  readonly page: number;
}

/** A form of the account. */
export interface Form {
  readonly id: number;
  readonly encryptedId: string;
  readonly name: string;
  readonly formSubType: FormSubType;
  formState: FormState;
  readonly fields: readonly FormField[];
  /** Permission that subscribing switches on and unsubscribing off; all of them when absent. */
  readonly permissionBit: number | undefined;
  /** Where the person is sent in the end; a confirmation page when absent. */
  readonly confirmationUrl: string | undefined;
}

/** What somebody filled in. It grows page by page. */
export interface FormResult {
  readonly id: number;
  readonly form: Form;
  contact: Contact | undefined;
  submittedMs: number;
  readonly testResult: boolean;
  completed: boolean;
  readonly answers: Map<FormField, readonly string[]>;
}

/** The account's forms with their results. */
export class Forms {
  readonly #forms: Form[] = [];
  readonly #results: FormResult[] = [];

  add(form: Omit<Form, 'id' | 'encryptedId'>): Form {
    const id = this.#forms.length + 1;
    const added = { ...form, id, encryptedId: encryptedIdOf('form', id) };
    this.#forms.push(added);
    return added;
  }

  all(): readonly Form[] {
    return this.#forms;
  }

  find(id: number): Form | undefined {
    return this.#forms.find((form) => form.id === id);
  }

  /** Begins a result; nothing is answered yet. */
  begin(form: Form, contact: Contact | undefined, atMs: number): FormResult {
    const result = {
      id: this.#results.length + 1, form, contact, submittedMs: atMs, testResult: form.formState !== 'final', completed: false,
      answers: new Map<FormField, readonly string[]>(),
    };
    this.#results.push(result);
    return result;
  }

  result(form: Form, id: number): FormResult | undefined {
    const result = this.#results[id - 1];
    return result?.form === form ? result : undefined;
  }

  results(): readonly FormResult[] {
    return this.#results;
  }

  /** Takes a contact out of its results; what it answered stays. */
  forget(contact: Contact): void {
    for (const result of this.#results) {
      if (result.contact === contact) result.contact = undefined;
    }
  }
}

/** How many pages the form has. */
export function pageCount(form: Form): number {
  return Math.max(1, ...form.fields.map(({ page }) => page));
}
