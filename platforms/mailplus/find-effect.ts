import type { Instant } from '../../domain/model/fields.ts';
import type { ActionOutcome, PlatformAction, PlatformContext } from '../platform.ts';
import { payloadOf } from './act.ts';
import { formSubmitSchema } from './action-kinds.ts';
import { formResultsOf } from './form-person.ts';
import { readResults, type WireResult } from './form-results.ts';

/** How far Mail+'s clock may be from ours. */
const clockToleranceMs = 60_000;
/** How long a submit may take to show. */
const reachMs = 3_600_000;

/**
 * Looks whether a form was submitted: a completed result with the same answers since the call was begun, among those of the contact
 * where there is one (contract §3.8, §3.13). Mail+ has nothing that tells of the other kinds: what a campaign sends comes later or never, an
 * automation cannot be read, and of conversions there are only counts.
 */
export async function findEffect(context: PlatformContext, action: PlatformAction, begunAt: Instant): Promise<ActionOutcome | undefined> {
  if (action.kind !== 'form.submit') return undefined;
  const { form, answers } = payloadOf(formSubmitSchema, action);
  const given = Object.values(answers).flat().filter((text) => text !== '');
  if (given.length === 0 || !/^\d+$/.test(form)) return undefined;
  const from = Date.parse(begunAt) - clockToleranceMs;
  const results = await readResults(context, Number(form), { from: new Date(from).toISOString(), to: new Date(from + reachMs).toISOString() });
  const same = results.filter((result) => hasAnswers(result, given));
  if (same.length === 0) return undefined;
  const own = action.contact === undefined ? undefined : await formResultsOf(context, action.contact.externalId, Number(form));
  const found = same.find(({ formResultId }) => own === undefined || own.has(formResultId));
  return found === undefined ? undefined : { kind: 'done', note: `Mail+ shows it as result ${found.formResultId}` };
}

/** Whether all that was given is among the answers, each text as often as it was given. */
function hasAnswers({ answers }: WireResult, given: readonly string[]): boolean {
  const left = answers.flatMap(({ answer }) => [...answer]);
  return given.every((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}
