import { formSchema, formStateSchema, formSubmitSchema } from './forms-schemas.ts';
import { after, bare, route } from './route.ts';
import type { ControlRoute } from './route.ts';

/** Forms and what was filled in. */
export const formsRoutes: readonly ControlRoute[] = [
  route('POST', 'forms', formSchema, (body, { control }) => control.forms.addForm(body)),
  route('PUT', 'forms/{formId}/state', formStateSchema, (body, { control, path }) =>
    after(control.forms.setFormState(Number(path['formId']), body.formState))),
  route('POST', 'forms/{formId}/submit', formSubmitSchema, (body, { control, path }) => ({
    formResultId: control.forms.submitForm(Number(path['formId']), body),
  })),
  bare('GET', 'state/form-results', ({ control }) => control.forms.results()),
];
