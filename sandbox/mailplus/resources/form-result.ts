import { parseIsoInstant } from '../dates.ts';
import { ApiError, invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { queryValue } from '../http/query.ts';
import { noteContact } from '../journal/contact-notes.ts';
import { pageCount } from '../state/forms.ts';
import type { FormResult } from '../state/forms.ts';
import { problemsOf, submitPage } from '../state/submit-form.ts';
import { confirmation, formPage } from './form-page.ts';
import type { FormResponse, PageLayout } from './form-page.ts';
import { layoutOf, requireForm, valuesByName } from './form.ts';
import { formReference, requirePlace } from './form-reference.ts';
import type { FormPlace } from './form-reference.ts';
import { paramsFromXml } from './params-xml.ts';
import { bodyObject } from './request-body.ts';
import { stamp } from './views.ts';

/** What was filled in: list, one, and the submit of a page (contract 3.13). */
export const formResultOperations: readonly Operation[] = [
  { method: 'GET', path: 'form/result/{formId}', handle: listResults },
  { method: 'GET', path: 'form/result/{formId}/{formResultId}', handle: getResult },
  { method: 'POST', path: 'form/result/{formId}', handle: submit, readXml: paramsFromXml },
];

function listResults(call: Call): Reply {
  const form = requireForm(call);
  const completed = queryValue(call.query, 'completed');
  if (completed !== undefined && completed !== 'true') throw invalidParams('completed can only be true');
  const fromMs = compactDate(call, 'startDate') ?? -Infinity;
  const toMs = compactDate(call, 'endDate') ?? Infinity;
  const results = call.account.forms.results().filter((result) => result.form === form
    && (completed === undefined || result.completed) && result.submittedMs >= fromMs && result.submittedMs < toMs);
  return { status: 200, body: results.map((result) => resultView(call, result)) };
}

/** `yyyyMMddHHmmss`, the time optional, in the vendor's zone. */
function compactDate(call: Call, name: string): number | undefined {
  const text = queryValue(call.query, name);
  if (text === undefined) return undefined;
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(text);
  const [year, month, day, hour = '00', minute = '00', second = '00'] = match?.slice(1) ?? [];
  const instantMs = match === null ? undefined : parseIsoInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  if (instantMs === undefined) throw invalidParams(`${name} must be yyyyMMddHHmmss`);
  return instantMs;
}

function getResult(call: Call): Reply {
  const result = call.account.forms.result(requireForm(call), Number(call.path['formResultId']));
  if (result === undefined) throw new ApiError(404, 'FORMRESULT_NOT_FOUND', 'Form result not found');
  return { status: 200, body: resultView(call, result) };
}

function resultView(call: Call, result: FormResult): unknown {
  return {
    formResultId: result.id,
    submittedAt: stamp(call, result.submittedMs),
    testResult: result.testResult,
    completed: result.completed,
    answers: [...result.answers].map(([{ rank, fieldId, description }, answer]) => ({ rank, fieldId, description, answer })),
  };
}

function submit(call: Call): Reply {
  const form = requireForm(call);
  const { account } = call;
  const body = bodyObject(call.body);
  const layout = layoutOf(body);
  const values = valuesByName(body, 'formParams');
  const place = requirePlace(call, form, values.get('formEncId')?.[0]);
  const problems = problemsOf(account, form, place.page, values);
  if (problems.size > 0) {
    const reference = formReference(form, place);
    return { status: 200, body: formPage({ form, page: place.page, reference, values, problems, extra: new Map() }, layout) };
  }
  const result = place.result ?? account.forms.begin(form, place.contact, account.nowMs());
  submitPage(account, result, place.page, values, account.nowMs());
  call.notes.changed = true;
  if (result.completed) noteCompleted(call, result);
  return { status: 200, body: nextPage(result, place, layout) };
}

function nextPage(result: FormResult, { page, contact }: FormPlace, layout: PageLayout): FormResponse {
  const { form } = result;
  if (page >= pageCount(form)) return confirmation(form);
  const reference = formReference(form, { page: page + 1, result, contact });
  return formPage({ form, page: page + 1, reference, values: new Map(), problems: new Map(), extra: new Map() }, layout);
}

function noteCompleted(call: Call, { form, contact, id }: FormResult): void {
  const { account, credential } = call;
  account.starts.record({
    kind: 'form', contact, target: String(form.id), atMs: account.nowMs(), credential: credential.key, detail: { name: form.name, formResultId: id },
  });
  call.notes.contacts.push(noteContact(contact?.externalIds[credential.externalIdField] ?? '', 'form submitted'));
}
