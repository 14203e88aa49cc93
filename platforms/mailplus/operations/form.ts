import { z } from 'zod';
import { operation } from './define.ts';
import { inOrder, sentId, sentText } from './input.ts';
import { flag, list, neededWhole, text, whole, type Wire } from './wire.ts';

const formId = sentId;
const values = z.record(z.string(), z.array(z.string()));
const layout = { outputFormat: z.enum(['HTML4STRICT', 'XHTML1STRICT']).optional(), outputMode: z.enum(['TABLES', 'DIV']).optional() };
const page = z.object({ html: text, script: text, isConfirmationPage: flag, url: text });

/** One result of a form. Mail+ does not say whose it is. */
export const formResult = ({ instant }: Wire) => z.object({
  formResultId: neededWhole, submittedAt: instant, testResult: flag, completed: flag,
  answers: list(z.object({ rank: whole, fieldId: whole, description: text, answer: list(z.string()) })),
});

/** Forms: as a page, prefilled, filled in, and what came of it (contract §3.13). */
export const formOperations = {
  'form.list': operation({
    name: 'form.list', method: 'GET', path: '/form/list', list: true, about: 'the forms of the account',
    input: () => z.strictObject({ formSubType: z.enum(['normal', 'subscribe', 'unSubscribe', 'editProfile']).optional(), formState: z.enum(['draft', 'proof', 'final']).optional() }),
    answer: () => z.array(z.object({ id: neededWhole, name: text, formSubType: text, formState: text })),
  }),
  'form.get': operation({
    name: 'form.get', method: 'GET', path: '/form/{formId}', about: 'a form as HTML, with what is known of a contact',
    input: () => z.strictObject({ formId, postUrl: sentText, encId: sentText.optional(), extraParams: sentText.optional(), ...layout }), answer: () => page,
  }),
  'form.prefill': operation({
    name: 'form.prefill', method: 'POST', path: '/form/{formId}', changes: false, about: 'a form as HTML, with values that are given',
    input: () => z.strictObject({ formId, body: z.looseObject({ postUrl: sentText, encId: z.string().optional(), extraParams: z.string().optional(), ...layout, prefilledValues: values.optional() }) }), answer: () => page,
  }),
  'form.results': operation({
    name: 'form.results', method: 'GET', path: '/form/result/{formId}', list: true, about: 'what was filled in, in a window',
    input: ({ sentWallClock }) => inOrder(z.strictObject({ formId, completed: z.literal(true, { error: 'can only be true; leave it out for all results' }).optional(), startDate: sentWallClock.optional(), endDate: sentWallClock.optional() }), 'startDate', 'endDate'),
    answer: (wire) => z.array(formResult(wire)),
  }),
  'form.result': operation({
    name: 'form.result', method: 'GET', path: '/form/result/{formId}/{formResultId}', about: 'what one person filled in', input: () => z.strictObject({ formId, formResultId: sentId }), answer: formResult,
  }),
  'form.submit': operation({
    name: 'form.submit', method: 'POST', path: '/form/result/{formId}', idempotent: false, about: 'submit a page of a form: gives the next page, the errors, or where to go on',
    input: () => z.strictObject({ formId, body: z.looseObject({ postUrl: sentText, ...layout, formParams: values }) }), answer: () => page,
  }),
};
