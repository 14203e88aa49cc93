import type { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { ActionContact, ActionOutcome, PlatformContext } from '../platform.ts';
import type { formSubmitSchema } from './action-kinds.ts';
import { tryOperation } from './call-operation.ts';
import { readFormPage, type FormPage } from './form-page.ts';
import { operations } from './operations/index.ts';
import { refusalOutcome } from './refused-action.ts';

type Submission = z.output<typeof formSubmitSchema>;

const maxPages = 20;

/**
 * Fills in a form to its end, as a browser would: the first page is fetched for the contact, then each page is sent with what stands in it
 * and those answers that it asks for. A page that comes back with the same inputs was not accepted. Never repeated: what breaks after
 * Mail+ took a page has an unknown outcome (PLATFORM_OUTCOME_UNKNOWN).
 */
export async function submitForm(context: PlatformContext, submission: Submission, contact: ActionContact | undefined): Promise<ActionOutcome> {
  const { form: formId, postUrl } = submission;
  const encId = contact === undefined ? undefined : await encryptedIdOf(context, contact);
  if (typeof encId === 'object') return encId;
  const tried = await tryOperation(context, operations['form.get'], { formId, postUrl, ...(encId === undefined ? {} : { encId }) });
  if (tried.refusal !== undefined) return refusalOutcome(operations['form.get'], tried.refusal);
  const first = readFormPage(tried.answer.html ?? '');
  if (first === undefined) return { kind: 'refused', code: 'PLATFORM_REFUSED', message: 'The page that Mail+ gives for this form cannot be submitted: it has no field formEncId. Look at the form in Mail+.' };
  return fillIn(context, submission, first);
}

async function fillIn(context: PlatformContext, submission: Submission, first: FormPage): Promise<ActionOutcome> {
  const seen = new Set<string>();
  let page = first;
  for (let number = 1; number <= maxPages; number += 1) {
    for (const name of page.names) seen.add(name);
    const next = await sendPage(context, submission, page, number > 1);
    if ('kind' in next) return next.kind === 'done' ? withNote(next, submission, seen) : next;
    if (sameNames(next.names, page.names)) return notAccepted(page, submission);
    page = next;
  }
  return { kind: 'refused', code: 'RECORD_REFUSED', message: `The form has more than ${maxPages} pages, and was not submitted to its end.` };
}

/** Sends one page; the next one, or how it ended. */
async function sendPage(context: PlatformContext, { form: formId, postUrl, answers }: Submission, page: FormPage, isBegun: boolean): Promise<FormPage | ActionOutcome> {
  const operation = operations['form.submit'];
  const given = Object.fromEntries(Object.entries(answers).filter(([name]) => page.names.has(name)));
  const filledIn = Object.fromEntries(Object.entries(page.filledIn).map(([name, values]) => [name, [...values]]));
  try {
    const tried = await tryOperation(context, operation, { formId, body: { postUrl, formParams: { ...filledIn, ...given } } });
    if (tried.refusal !== undefined) return refusalOutcome(operation, tried.refusal);
    const { answer } = tried;
    if (answer.isConfirmationPage === true || answer.url !== undefined) return { kind: 'done' };
    return readFormPage(answer.html ?? '') ?? { kind: 'done' };
  } catch (error) {
    if (!isBegun || !(error instanceof HubError) || error.code === 'PLATFORM_OUTCOME_UNKNOWN') throw error;
    throw new HubError('PLATFORM_OUTCOME_UNKNOWN', `form.submit: ${error.message} Pages before this one were taken.`, error.facts, error.cause);
  }
}

/** Names of inputs are the form's, but who types them may type anything: they are counted, not shown. */
function withNote(done: ActionOutcome, { answers }: Submission, seen: ReadonlySet<string>): ActionOutcome {
  const strangers = Object.keys(answers).filter((name) => !seen.has(name)).length;
  return strangers === 0 ? done : { kind: 'done', note: `${strangers} of the answers are to no input of the form and were left out` };
}

function notAccepted({ names }: FormPage, { answers }: Submission): ActionOutcome {
  const strangers = Object.keys(answers).filter((name) => !names.has(name)).length;
  const left = strangers === 0 ? '' : ` ${strangers} of the answers are to no input of this page.`;
  return { kind: 'refused', code: 'RECORD_REFUSED', message: `Mail+ gave the page of the form back: an answer that it needs is missing, or one does not fit.${left} The page asks for: ${[...names].join(', ')}.` };
}

const sameNames = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean => left.size === right.size && [...left].every((name) => right.has(name));

async function encryptedIdOf(context: PlatformContext, { externalId, alternateId }: ActionContact): Promise<string | ActionOutcome> {
  if (alternateId !== undefined) return alternateId;
  const tried = await tryOperation(context, operations['contact.get'], { externalId });
  if (tried.refusal !== undefined) return refusalOutcome(operations['contact.get'], tried.refusal);
  return tried.answer.encryptedId ?? { kind: 'refused', code: 'RECORD_REFUSED', message: 'Mail+ gives no encrypted id of this contact, without which a form cannot be submitted for it.' };
}
