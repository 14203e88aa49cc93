import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { requireContact } from './contact.ts';
import { formView } from './form.ts';
import { isoStamp } from './views.ts';

/** The forms that a contact filled in, oldest first (contract 3.8). */
export const contactFormsOperations: readonly Operation[] = [
  { method: 'GET', path: 'contact/{externalId}/forms', handle: listForms },
];

function listForms(call: Call): Reply {
  const contact = requireContact(call);
  const results = call.account.forms.results().filter((result) => result.contact === contact);
  const page = pageOf(call, readPageRequest(call, false), results.length, (from, to) => results.slice(from, to));
  const formHistories = page.items.map(({ form, id, submittedMs, completed }) => ({
    form: formView(form), formResultId: id, submitDate: isoStamp(submittedMs), completed,
  }));
  return { status: 200, body: { paging: page.paging, formHistories } };
}
