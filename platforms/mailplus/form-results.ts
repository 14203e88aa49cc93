import type { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { CanonicalActivity } from '../../domain/model/activity.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import type { PlatformContext, SourcePage, Window } from '../platform.ts';
import { unexpectedRefusal } from './answer.ts';
import { checkInput, sendOperation } from './call-operation.ts';
import { whoFilledIn } from './form-person.ts';
import { formResult } from './operations/form.ts';
import { operations } from './operations/index.ts';
import { wireOf } from './operations/wire.ts';
import { mailplusSettings } from './settings.ts';

/** A result as Mail+ gives it. Its answers are personal data: they are looked at, and kept nowhere. */
export type WireResult = z.output<ReturnType<typeof formResult>>;

/** Mail+ takes a wall clock without an offset: the hour that comes twice in autumn may be read either way, so that an hour more is asked for at both ends. */
const clockHourMs = 3_600_000;

/** A form that is still to be read. */
interface NamedForm {
  readonly id: number;
  readonly name: string | undefined;
}

/**
 * What people filled in, one form a page: the forms are listed first, and the token names those that are left. Each completed result that is
 * no test becomes one activity on its contact; one whose contact cannot be told is left out. Nothing, without a call, when the setting
 * `formResults` says so, and for a licence without forms.
 */
export async function readFormResults(context: PlatformContext, window: Window, pageToken: string | undefined): Promise<SourcePage> {
  const readAt = new Date(context.now()).toISOString();
  const none: SourcePage = { rows: [], activities: [], rejected: [], readAt };
  const [form, ...left] = pageToken === undefined ? await listForms(context) : parseToken(pageToken);
  if (form === undefined) return none;
  const { results, rejected } = await resultsIn(context, form.id, window);
  const activities = await activitiesOf(context, form, results);
  return { ...none, activities, rejected, ...(left.length === 0 ? {} : { nextPageToken: JSON.stringify(left.map(({ id, name }) => [id, name ?? ''])) }) };
}

/** Completed results of a form in a window that are no tests. */
export async function readResults(context: PlatformContext, formId: number, window: Window): Promise<readonly WireResult[]> {
  return (await resultsIn(context, formId, window)).results;
}

async function listForms(context: PlatformContext): Promise<readonly NamedForm[]> {
  if (!mailplusSettings(context.settings).formResults) return [];
  const operation = operations['form.list'];
  const answer = await sendOperation(context, operation, {}).catch(notLicensed);
  if (answer === undefined) return [];
  if (answer.refusal !== undefined) throw unexpectedRefusal(operation.name, answer.refusal, operation.situations);
  const parsed = operation.answer(wireOf('UTC')).safeParse(answer.body);
  if (!parsed.success) throw new HubError('PLATFORM_ANSWER_INVALID', 'form.list: the answer has another shape than the contract.', { operation: operation.name });
  return parsed.data;
}

/** 403 for forms, where everything else is answered with the same key, is about the licence. */
function notLicensed(error: unknown): undefined {
  if (error instanceof HubError && error.facts.status === 403) return undefined;
  throw error;
}

function parseToken(token: string): readonly NamedForm[] {
  return (JSON.parse(token) as [number, string][]).map(([id, name]) => ({ id, name: name === '' ? undefined : name }));
}

async function resultsIn(context: PlatformContext, formId: number, { from, to }: Window): Promise<{ readonly results: readonly WireResult[]; readonly rejected: readonly RejectedRow[] }> {
  const operation = operations['form.results'];
  const input = { formId, completed: true, startDate: Date.parse(from) - clockHourMs, endDate: Date.parse(to) + clockHourMs };
  const { body, refusal } = await sendOperation(context, operation, checkInput(context, operation, input));
  if (refusal?.errorType === 'FORM_NOT_FOUND') return { results: [], rejected: [] };
  if (refusal !== undefined) throw unexpectedRefusal(operation.name, refusal, operation.situations);
  if (!Array.isArray(body)) throw new HubError('PLATFORM_ANSWER_INVALID', 'form.results: the answer has another shape than the contract.', { operation: operation.name });
  return sortOut(context, formId, body, { from, to });
}

function sortOut(context: PlatformContext, formId: number, rows: readonly unknown[], window: Window): { readonly results: readonly WireResult[]; readonly rejected: readonly RejectedRow[] } {
  const schema = formResult(wireOf(mailplusSettings(context.settings).timeZone));
  const results: WireResult[] = [];
  const rejected: RejectedRow[] = [];
  for (const row of rows) {
    const parsed = schema.safeParse(row);
    if (!parsed.success) rejected.push(unreadable(formId, row, parsed.error.issues[0]?.path.map(String).join('.') ?? ''));
    else if (parsed.data.submittedAt === undefined) rejected.push(unreadable(formId, row, 'submittedAt'));
    else if (isTaken(parsed.data, parsed.data.submittedAt, window)) results.push(parsed.data);
  }
  return { results, rejected };
}

/** The window begins a second early, as those of other streams: whether fractions of a second are cut off is not documented. */
function isTaken({ testResult, completed }: WireResult, submittedAt: string, { from, to }: Window): boolean {
  const at = Date.parse(submittedAt);
  return testResult !== true && completed !== false && at >= Date.parse(from) - 1_000 && at < Date.parse(to);
}

/** Without its answers, which are what somebody wrote. */
function unreadable(formId: number, row: unknown, path: string): RejectedRow {
  const id = typeof row === 'object' && row !== null && 'formResultId' in row ? String(row.formResultId) : '';
  return { dataType: 'activities', externalId: `form:${formId}:${id}`, path, code: 'RECORD_INVALID', reason: 'is not of the type that the contract names', payload: { formId, formResultId: id } };
}

async function activitiesOf(context: PlatformContext, form: NamedForm, results: readonly WireResult[]): Promise<readonly CanonicalActivity[]> {
  const activities: CanonicalActivity[] = [];
  const person = whoFilledIn(context, form.id);
  let unknown = 0;
  for (const result of results) {
    const contactExternalId = await person(result);
    if (contactExternalId === undefined || result.submittedAt === undefined) {
      unknown += 1;
      continue;
    }
    activities.push({
      externalId: `form:${form.id}:${result.formResultId}`, type: 'form.submitted', at: result.submittedAt, contactExternalId, subjectId: String(form.id),
      description: `Form${form.name === undefined ? '' : ` «${form.name}»`} submitted`,
    });
  }
  if (unknown > 0) context.log.warn({ connectorId: context.connectorId, form: form.id, unknown }, 'results of a form are left out: no answer is the e-mail address of the contact who has them');
  return activities;
}
