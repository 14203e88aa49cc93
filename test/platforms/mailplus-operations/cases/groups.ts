import { at, encodedId, oddId, type WireCase } from '../wire-case.ts';

const audience = { externalId: 'a1', name: 'Regulars', createDate: at.ms, changeDate: at.iso, lastSyncDate: null };
const readAudience = { externalId: 'a1', name: 'Regulars', createDate: at.instant, changeDate: at.instant };
const sentAudience = { externalId: oddId, name: 'Regulars', description: 'twice a year' };
const fields = [{ name: 'linktocart', value: 'https://shop.example/cart?id=9' }, { name: 'productlist', type: 'PRODUCTLIST', values: ['1-10', '1-11'] }];
const form = { id: '7', name: 'Contact us', formSubType: 'normal', formState: 'final' };
const page = { html: '<form></form>', script: 'check()', isConfirmationPage: 'false', url: '' };
const readPage = { html: '<form></form>', script: 'check()', isConfirmationPage: false, url: '' };
const result = { formResultId: 3, submittedAt: at.ms, testResult: false, completed: true, answers: [{ rank: 1, fieldId: 2, description: 'Name', answer: ['Ann'] }, { rank: 2, fieldId: 3, description: 'Note' }] };
const readResult = { ...result, submittedAt: at.instant, answers: [result.answers[0], { rank: 2, fieldId: 3, description: 'Note', answer: [] }] };
const formParams = { formEncId: ['x'], name: ['Ann'], colours: ['red', 'blue'] };
const uuid = '1b4e28ba-2fa1-11d2-883f-0016d3cca427';

/** Static lists, audiences, campaigns, automations and forms. */
export const groupCases: Readonly<Record<string, WireCase>> = {
  'templist.create': {
    input: { body: { externalTemporaryListId: 'l1', name: 'Spring', contacts: ['1', 2] } }, method: 'POST', url: '/templist', body: { externalTemporaryListId: 'l1', name: 'Spring', contacts: ['1', '2'] },
  },
  'templist.list': {
    input: {}, method: 'GET', url: '/templist',
    answers: [
      { base: '1.1.0', body: [{ externalTemporaryListId: 'l1', name: 'Spring', createdAt: at.ms, type: 'API' }, { name: 'Import', createdAt: at.s, type: 'IMPORT' }], gives: [{ externalTemporaryListId: 'l1', name: 'Spring', createdAt: at.instant, type: 'API' }, { name: 'Import', createdAt: at.instant, type: 'IMPORT' }] },
      { base: 'unversioned', body: [{ externalTemporaryListId: ' ', name: 'Split', createdAt: at.iso, type: 'SPLIT' }, { name: 'Odd', createdAt: 'last year' }], gives: [{ name: 'Split', createdAt: at.instant, type: 'SPLIT' }, { name: 'Odd' }] },
    ],
  },
  'templist.add-contacts': { input: { externalTemporaryListId: oddId, body: { contacts: ['1', '2'] } }, method: 'POST', url: `/templist/${encodedId}`, body: { contacts: ['1', '2'] } },
  'templist.delete': { input: { externalTemporaryListId: oddId }, method: 'DELETE', url: `/templist/${encodedId}` },
  'audience.create': { input: { body: sentAudience }, method: 'POST', url: '/audience', body: sentAudience, answers: [{ base: 'both', body: audience, gives: readAudience }] },
  'audience.get': { input: { externalId: oddId }, method: 'GET', url: `/audience/${encodedId}`, answers: [{ base: 'both', body: audience, gives: readAudience }] },
  'audience.update': { input: { externalId: oddId, body: sentAudience }, method: 'PUT', url: `/audience/${encodedId}`, body: sentAudience, answers: [{ base: 'both', body: { ...audience, createDate: at.s }, gives: readAudience }] },
  'audience.delete': { input: { externalId: oddId }, method: 'DELETE', url: `/audience/${encodedId}` },
  'audience.add-contacts': { input: { externalId: oddId, body: { contacts: ['1'] } }, method: 'POST', url: `/audience/${encodedId}/contact`, body: { contacts: ['1'] } },
  'audience.remove-contacts': { input: { externalId: oddId, body: { contacts: ['1'] } }, method: 'DELETE', url: `/audience/${encodedId}/contact`, body: { contacts: ['1'] } },
  'audience.remove-all-contacts': { input: { externalId: oddId }, method: 'DELETE', url: `/audience/${encodedId}/contact` },
  'campaign.list': {
    input: {}, method: 'GET', url: '/campaign/list',
    answers: [{ base: 'both', body: [{ encryptedId: 'c1', name: 'Cart', active: true, triggers: [{ encryptedId: 't1', name: 'left' }] }, { encryptedId: 'c2', name: 'Old', active: 'false' }], gives: [{ encryptedId: 'c1', name: 'Cart', active: true, triggers: [{ encryptedId: 't1', name: 'left' }] }, { encryptedId: 'c2', name: 'Old', active: false, triggers: [] }] }],
  },
  'campaign.trigger': { input: { encryptedTriggerId: oddId, body: { externalContactId: '1', campaignFields: fields } }, method: 'POST', url: `/campaign/trigger/${encodedId}`, body: { externalContactId: '1', campaignFields: fields } },
  'campaign.stop': { input: { encryptedCampaignId: oddId, body: { externalContactId: '1' } }, method: 'POST', url: `/campaign/${encodedId}/stop`, body: { externalContactId: '1' } },
  'campaign.mailings': {
    input: { encryptedCampaignId: oddId }, method: 'GET', url: `/campaign/${encodedId}/mailing`, answers: [{ base: 'both', body: [{ encryptedId: 'm1', name: 'Welcome', type: 'EMAIL' }], gives: [{ encryptedId: 'm1', name: 'Welcome', type: 'EMAIL' }] }],
  },
  'automation.list': {
    input: {}, method: 'GET', url: '/automation/list', answers: [{ base: 'both', body: [{ automationId: uuid, name: 'Cart', active: true, triggers: [{ triggerCode: uuid }] }, { automationId: 2 }], gives: [{ automationId: uuid, name: 'Cart', active: true, triggers: [{ triggerCode: uuid }] }, { automationId: '2', triggers: [] }] }],
  },
  'automation.trigger': {
    input: { triggerCode: uuid, body: { externalContactId: '1', automationFields: fields } }, method: 'POST', url: `/automation/trigger/${uuid}`, body: { externalContactId: '1', automationFields: fields },
    answers: [
      { base: 'both', body: { result: 'OK', automationResults: [{ automationId: uuid, result: 'OK', automationContactId: 12 }] }, gives: { result: 'OK', automationResults: [{ automationId: uuid, result: 'OK', automationContactId: '12' }] } },
      { base: 'both', status: 404, body: { result: 'TRIGGER_NOTFOUND' }, gives: { result: 'TRIGGER_NOTFOUND', automationResults: [] } },
      { base: 'both', status: 417, body: { result: 'NOT_TRIGGERED', automationResults: [{ automationId: uuid, result: 'PARTICIPATION_LIMIT_REACHED' }] }, gives: { result: 'NOT_TRIGGERED', automationResults: [{ automationId: uuid, result: 'PARTICIPATION_LIMIT_REACHED' }] } },
    ],
  },
  'automation.stop': { input: { automationId: oddId, body: { automationContactId: 12 } }, method: 'POST', url: `/automation/${encodedId}/stop`, body: { automationContactId: '12' } },
  'form.list': { input: { formSubType: 'subscribe', formState: 'final' }, method: 'GET', url: '/form/list?formSubType=subscribe&formState=final', answers: [{ base: 'both', body: [form], gives: [{ ...form, id: 7 }] }] },
  'form.get': {
    input: { formId: 7, postUrl: 'https://shop.example/post?a=1', encId: 'hT3k', outputMode: 'DIV' }, method: 'GET', url: '/form/7?postUrl=https%3A%2F%2Fshop.example%2Fpost%3Fa%3D1&encId=hT3k&outputMode=DIV', answers: [{ base: 'both', body: page, gives: readPage }],
  },
  'form.prefill': {
    input: { formId: 7, body: { postUrl: 'https://shop.example/post', prefilledValues: { name: ['Ann'] } } }, method: 'POST', url: '/form/7', body: { postUrl: 'https://shop.example/post', prefilledValues: { name: ['Ann'] } }, answers: [{ base: 'both', body: page, gives: readPage }],
  },
  'form.results': {
    input: { formId: 7, completed: true, startDate: at.given, endDate: '20260601' }, method: 'GET', url: '/form/result/7?completed=true&startDate=20260501100000&endDate=20260601',
    answers: [{ base: '1.1.0', body: [result], gives: [readResult] }, { base: 'unversioned', body: [{ ...result, submittedAt: at.iso }], gives: [readResult] }],
  },
  'form.result': { input: { formId: 7, formResultId: '3' }, method: 'GET', url: '/form/result/7/3', answers: [{ base: 'both', body: result, gives: readResult }] },
  'form.submit': {
    input: { formId: 7, body: { postUrl: 'https://shop.example/post', formParams } }, method: 'POST', url: '/form/result/7', body: { postUrl: 'https://shop.example/post', formParams },
    answers: [{ base: 'both', body: { url: 'https://shop.example/thanks', isConfirmationPage: true }, gives: { url: 'https://shop.example/thanks', isConfirmationPage: true } }],
  },
};
