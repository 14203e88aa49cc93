import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchCodes, errorTypes, situations } from '../../../platforms/mailplus/refusal-catalogue.ts';
import { contactOutcome } from '../../../platforms/mailplus/outcomes.ts';
import { startProblem } from '../../../platforms/mailplus/automation-result.ts';
import { tryOperation } from '../../../platforms/mailplus/call-operation.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { mailplusContext } from '../mailplus-context.ts';
import { sendJson } from '../raw-server.ts';
import { operationNamed, startRawMailplus, type RawMailplus } from './call.ts';

let mailplus: RawMailplus;
beforeAll(async () => {
  mailplus = await startRawMailplus();
});
afterAll(() => mailplus.server.close());
beforeEach(() => void mailplus.server.seen.splice(0));

const answering = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
  mailplus.answer = (response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
};
const names = Object.keys(operations);
const retried = ['retry', 'rateLimited', 'unknownOutcome'];
const personal = 'Ann Smith ann@example.com 0612345678';

describe.each(names)('%s', (name) => {
  const one = operationNamed(name);

  it('is never tried again after 400, 401 and 404, and says what to do', async () => {
    for (const [status, errorType] of [[400, 'INVALID_PARAMS'], [400, undefined], [401, 'AUTH_NOT_FOUND'], [401, undefined], [404, 'CONTACT_NOT_FOUND'], [404, undefined]] as const) {
      answering(status, errorType === undefined ? '<html>no</html>' : { errorType, message: personal });
      const { code, recovery, fix, message, facts } = await mailplus.failure(name);
      expect([status, errorType, retried.includes(recovery)]).toEqual([status, errorType, false]);
      expect(code).toBe(status === 401 ? 'PLATFORM_LOGIN_REFUSED' : errorType === 'CONTACT_NOT_FOUND' ? 'RECORD_GONE' : errorType === undefined && status === 404 ? situations[one.situations[404] ?? '404'].code : 'PLATFORM_REFUSED');
      expect(fix).toMatch(/\w/);
      expect(facts).toMatchObject({ operation: `${one.method} ${one.path}`, status, ...(errorType === undefined || status === 401 ? {} : { platformCode: errorType }) });
      expect(message + fix + JSON.stringify(facts)).not.toMatch(/Ann|ann@|0612345678/);
    }
    expect(mailplus.server.seen).toHaveLength(6);
  });

  it('is tried again after 429 and 5xx, unless it must not be sent twice', async () => {
    for (const [status, body] of [[500, '<html>System error</html>'], [502, ''], [503, { errorType: 'BACKEND_EXCEPTION', message: personal }], [504, 'text']] as const) {
      answering(status, body);
      const { code, recovery, facts } = await mailplus.failure(name);
      expect(facts['mayHaveStored'] ?? false).toBe(one.changes);
      expect([status, code, recovery]).toEqual(one.idempotent ? [status, 'PLATFORM_ERROR', 'retry'] : [status, 'PLATFORM_OUTCOME_UNKNOWN', 'unknownOutcome']);
    }
    answering(429, '', { 'retry-after': '7' });
    const slower = await mailplus.failure(name);
    expect([slower.code, slower.recovery, slower.facts.retryAfterMs]).toEqual(['PLATFORM_RATE_LIMITED', 'rateLimited', 7_000]);
    expect(mailplus.server.seen).toHaveLength(5);
  });

  it('has an unknown outcome when the connection breaks after sending, unless it only reads', async () => {
    mailplus.answer = (response) => response.destroy();
    const { code, recovery } = await mailplus.failure(name);
    expect([code, recovery]).toEqual(!one.changes ? ['PLATFORM_UNREACHABLE', 'retry'] : one.idempotent ? ['PLATFORM_RESET', 'unknownOutcome'] : ['PLATFORM_OUTCOME_UNKNOWN', 'unknownOutcome']);
    expect(mailplus.server.seen).toHaveLength(1);
  });
});

describe('the error type', () => {
  it.each(Object.entries(errorTypes))('%s decides, whatever the status', async (errorType, row) => {
    for (const status of [400, 404, 409, 417, 422, 500]) {
      answering(status, { errorType, message: 'x' });
      const { code, recovery } = await mailplus.failure('contact.get');
      const internal = status === 500 && ['AUTH_NOT_FOUND', 'NOT_AUTHORIZED', 'BACKEND_EXCEPTION'].includes(errorType);
      const unusual = ![400, 404].includes(status) && ['PLATFORM_LOGIN_REFUSED', 'PLATFORM_ERROR'].includes(row.code);
      if (!unusual) expect([status, code]).toEqual([status, row.code]);
      else expect([status, code]).toEqual([status, internal ? 'PLATFORM_ERROR' : 'PLATFORM_ANSWER_INVALID']);
      if (!unusual) expect(retried.includes(recovery)).toBe(row.code === 'PLATFORM_ERROR');
    }
  });

  it('of an internal error leaves no doubt about what must not be sent twice, whatever the status', async () => {
    answering(400, { errorType: 'BACKEND_EXCEPTION', message: 'x' });
    expect(await mailplus.failure('campaign.trigger')).toMatchObject({ code: 'PLATFORM_OUTCOME_UNKNOWN', facts: { platformCode: 'BACKEND_EXCEPTION' } });
    expect(await mailplus.failure('order.insert')).toMatchObject({ code: 'PLATFORM_ERROR', facts: { mayHaveStored: true } });
    expect((await mailplus.failure('contact.get')).facts).not.toHaveProperty('mayHaveStored');
  });

  it('of which nothing is known is a refusal of the call with 400 and 404', async () => {
    for (const status of [400, 404]) {
      answering(status, { errorType: 'SOMETHING_NEW', message: 'x' });
      expect(await mailplus.failure('contact.get')).toMatchObject({ code: 'PLATFORM_REFUSED', facts: { platformCode: 'SOMETHING_NEW' } });
    }
  });

  it.each([401, 403])('stands behind %i for a login: the message says how to get a key', async (status) => {
    answering(status, { errorType: 'NOT_AUTHORIZED', message: 'x' });
    expect(await mailplus.failure('contact.insert')).toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED', message: expect.stringMatching(/REST API activated.*make an authentication.*eCommerce has one already/) });
  });
});

describe('an audience', () => {
  it.each([
    [403, '', 'PLATFORM_NOT_LICENSED', /Automation nor eCommerce/], [403, { errorType: 'NOT_AUTHORIZED', message: 'x' }, 'PLATFORM_NOT_LICENSED', /Automation nor eCommerce/],
    [404, '', 'RECORD_GONE', /no audience/], [404, { errorType: 'RESOURCE_NOT_FOUND', message: 'x' }, 'RECORD_GONE', /no audience/], [413, 'too large', 'PLATFORM_REFUSED', /2,500/], [417, 'Name exists', 'PLATFORM_REFUSED', /255|in use/], [417, { errorType: 'NAME_ALREADY_IN_USE', message: 'x' }, 'PLATFORM_REFUSED', /has this name/],
  ])('refused with %i %j tells why', async (status, body, code, words) => {
    answering(status, body);
    for (const name of names.filter((one) => one.startsWith('audience.'))) {
      expect(await mailplus.failure(name)).toMatchObject({ code, message: expect.stringMatching(words), facts: { status } });
    }
  });

  it('refuses contacts that are not known by name, for the caller only', async () => {
    answering(404, { errorType: 'CONTACT_NOT_FOUND', message: 'x', externalContactIds: ['7', 8] });
    const tried = await tryOperation(mailplusContext(mailplus.server.url), operations['audience.add-contacts'], { externalId: 'a1', body: { contacts: ['7', '8', '9'] } });
    expect(tried.refusal).toMatchObject({ errorType: 'CONTACT_NOT_FOUND', externalContactIds: ['7', '8'] });
    expect(JSON.stringify((await mailplus.failure('audience.add-contacts')).facts)).not.toContain('externalContactIds');
  });

  it('takes a wrong key for one, as every other call does', async () => {
    answering(403, { errorType: 'AUTH_NOT_FOUND', message: 'x' });
    expect(await mailplus.failure('audience.get')).toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
  });
});

describe('an automation that was not started', () => {
  const start = (result: string, ...each: readonly string[]) => startProblem({ result, automationResults: each.map((one) => ({ automationId: 'x', result: one, automationContactId: undefined })) });

  it('says why', () => {
    expect(start('OK', 'OK', 'AUTOMATION_INACTIVE')).toBeUndefined();
    expect(start('TRIGGER_NOTFOUND')).toMatchObject({ code: 'RECORD_GONE', facts: { platformCode: 'TRIGGER_NOTFOUND' } });
    expect(start('CONTACT_NOTFOUND')).toMatchObject({ code: 'RECORD_GONE' });
    expect(start('NOT_TRIGGERED', 'PARTICIPATION_LIMIT_REACHED')).toMatchObject({ code: 'PLATFORM_REFUSED', message: expect.stringContaining('as often as it allows') });
    expect(start('NOT_TRIGGERED', 'PARTICIPATION_LIMIT_REACHED', 'AUTOMATION_INACTIVE')).toMatchObject({ facts: { platformCode: 'NOT_TRIGGERED' } });
    expect(start('toString')).toMatchObject({ code: 'PLATFORM_REFUSED', message: expect.stringContaining('does not say why') });
  });

  it('is a refusal when 404 and 417 carry no result', async () => {
    answering(417, '');
    expect(await mailplus.failure('automation.trigger')).toMatchObject({ code: 'PLATFORM_REFUSED', message: expect.stringContaining('Nothing was started') });
    answering(404, '<html>');
    expect(await mailplus.failure('automation.trigger')).toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'baseUrl' } });
    answering(404, '');
    expect(await mailplus.failure('automation.list')).toMatchObject({ code: 'PLATFORM_REFUSED', message: expect.stringContaining('guess is wrong') });
  });
});

describe('the codes of a batch', () => {
  const item = { externalId: '1', isNew: false, changes: {}, permissionDates: {}, identity: {} };

  it.each(Object.entries(batchCodes))('%s end as the catalogue says', (code, row) => {
    expect(contactOutcome(item, { externalId: '1', code })).toMatchObject({ kind: 'refused', code: row.code, platformCode: code });
  });
});

describe('an answer of another shape', () => {
  it.each([
    ['contact.get', 'text', 'PLATFORM_ANSWER_INVALID'], ['contact.get', { created: 'long ago' }, 'PLATFORM_ANSWER_INVALID'], ['contact.updates', { news: 'maintenance' }, 'PLATFORM_ANSWER_INVALID'],
    ['mailing.recipients', { recipients: [{ contactIdentifier: 1 }] }, 'PLATFORM_ANSWER_INVALID'], ['audience.create', {}, 'PLATFORM_ANSWER_INVALID'], ['automation.trigger', {}, 'PLATFORM_OUTCOME_UNKNOWN'],
  ])('of %s (%j) names the place and not the value', async (name, body, code) => {
    mailplus.answer = (response) => sendJson(response, 200, body);
    const error = await mailplus.failure(name);
    expect([error.code, error.facts['mayHaveStored'] ?? false]).toEqual([code, operationNamed(name).changes]);
    expect(error.message).not.toContain('long ago');
  });

  it('leaves no doubt about what must not be sent twice, when it is no JSON at all', async () => {
    answering(200, '<html>');
    expect(await mailplus.failure('campaign.trigger')).toMatchObject({ code: 'PLATFORM_OUTCOME_UNKNOWN' });
    expect(await mailplus.failure('product.insert')).toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', facts: { mayHaveStored: true } });
  });
});
