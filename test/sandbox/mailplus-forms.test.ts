import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { FormSpec, MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, control, olderBase, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts([{ externalId: 'P1', properties: { email: 'p1@example.com', firstName: 'Ann & "co"' }, permissions: [1] }]);
});
afterEach(() => sandbox.close());

interface Page {
  readonly html?: string;
  readonly script?: string;
  readonly isConfirmationPage?: boolean;
  readonly url?: string;
}

const postUrl = 'https://site.example/form';
const signUp: FormSpec = {
  name: 'Sign up', formSubType: 'subscribe', permissionBit: 2,
  fields: [
    { name: 'mail', description: 'E-mail', type: 'email', required: true, property: 'email' },
    { name: 'first', description: 'First name', property: 'firstName' },
    { name: 'topics', description: 'Topics', type: 'checkbox', options: ['tea', 'mugs'] },
  ],
};
const twoPages: FormSpec = {
  name: 'Survey', fields: [
    { name: 'mail', property: 'email', required: true },
    { name: 'mark', description: 'Mark', type: 'select', options: ['1', '2'], required: true, page: 2 },
  ],
};

const encIdOf = (externalId: string) => sandbox.state.contact({ externalId }).encryptedId;
const show = async (formId: number, query: Record<string, string> = {}) =>
  (await call(sandbox, 'GET', `/form/${formId}`, { query: { postUrl, ...query } })).body as Page;
const referenceOf = (page: Page) => [/name="formEncId" value="([^"]*)"/.exec(page.html ?? '')?.[1] ?? ''];
const submitRaw = (formId: number, body: unknown) => call(sandbox, 'POST', `/form/result/${formId}`, { body });
async function submit(formId: number, page: Page, answers: Record<string, string[]>): Promise<Page> {
  return (await submitRaw(formId, { postUrl, formParams: { formEncId: referenceOf(page), ...answers } })).body as Page;
}

describe('the list of forms', () => {
  it('can be narrowed to a kind and a state', async () => {
    sandbox.state.forms.addForm(signUp);
    sandbox.state.forms.addForm({ name: 'Draft', formState: 'draft' });
    const ids = async (query: Record<string, string>) =>
      ((await call(sandbox, 'GET', '/form/list', { query })).body as { id: number }[]).map(({ id }) => id);
    expect((await call(sandbox, 'GET', '/form/list')).body).toEqual([
      { id: 1, name: 'Sign up', formSubType: 'subscribe', formState: 'final' },
      { id: 2, name: 'Draft', formSubType: 'normal', formState: 'draft' },
    ]);
    expect([await ids({ formSubType: 'subscribe' }), await ids({ formState: 'draft' }), await ids({ formSubType: 'subscribe', formState: 'draft' })])
      .toEqual([[1], [2], []]);
    expect(refusal(await call(sandbox, 'GET', '/form/list', { query: { formState: 'ready' } }))).toEqual([400, 'INVALID_PARAMS']);
  });
});

describe('the page of a form', () => {
  beforeEach(() => void sandbox.state.forms.addForm(signUp));

  it('is prefilled for a contact, with its text escaped', async () => {
    const { html, script, isConfirmationPage } = await show(1, { encId: encIdOf('P1') });
    expect(html).toContain(`action="${postUrl}"`);
    expect(html).toContain('name="mail" value="p1@example.com"');
    expect(html).toContain('name="first" value="Ann &#38; &#34;co&#34;"');
    expect(html).toContain('<table>');
    expect([script, isConfirmationPage]).toEqual([expect.stringContaining('"required":true'), false]);
  });

  it('is empty for nobody, and in the form that is asked for', async () => {
    const plain = await show(1, { encId: 'unknown', outputMode: 'DIV', outputFormat: 'XHTML1STRICT', extraParams: 'campaign=spring' });
    expect(plain.html).toContain('<div><label for="field1">E-mail *</label><input type="text" id="field1" name="mail" value="" /></div>');
    expect(plain.html).toContain('name="campaign" value="spring"');
  });

  it('is prefilled with what a POST gives, which goes before what the contact has', async () => {
    const body = { postUrl, encId: encIdOf('P1'), prefilledValues: { first: ['Bea'], topics: ['tea'] } };
    const { html } = (await call(sandbox, 'POST', '/form/1', { body })).body as Page;
    expect(html).toContain('name="first" value="Bea"');
    expect(html).toContain('value="tea" checked="checked"');
    expect(html).toContain('name="mail" value="p1@example.com"');
  });

  it.each([
    ['no postUrl', 1, {}, [400, 'INVALID_PARAMS']],
    ['an unknown layout', 1, { postUrl, outputMode: 'GRID' }, [400, 'INVALID_PARAMS']],
    ['an unknown form', 9, { postUrl }, [404, 'FORM_NOT_FOUND']],
  ])('is refused for %s', async (_what, formId, query, expected) => {
    expect(refusal(await call(sandbox, 'GET', `/form/${formId}`, { query }))).toEqual(expected);
    expect(refusal(await call(sandbox, 'POST', `/form/${formId}`, { body: query }))).toEqual(expected);
  });
});

describe('submitting a form', () => {
  it('subscribes a new person, confirms, and can be counted', async () => {
    sandbox.state.forms.addForm(signUp);
    const answers = { mail: ['new@example.com'], first: ['New'], topics: ['tea', 'mugs'] };
    expect(await submit(1, await show(1), answers)).toEqual({ html: expect.stringContaining('thank you'), isConfirmationPage: true });
    expect(sandbox.state.contact({ email: 'new@example.com' })).toMatchObject({ externalIds: {}, permissions: [2], properties: { firstName: 'New' } });
    await submit(1, await show(1), answers);
    expect(sandbox.state.starts.counts({ kind: 'form' }).repeated).toMatchObject([{ target: '1', email: 'new@example.com', count: 2 }]);
    expect(sandbox.state.summary()).toMatchObject({ contacts: 2, formResults: 2 });
  });

  it('shows the page again with what is wrong, and stores nothing', async () => {
    sandbox.state.forms.addForm(signUp);
    const { html, isConfirmationPage } = await submit(1, await show(1), { mail: ['nowhere'], first: ['<b>'], topics: ['coffee'] });
    expect([isConfirmationPage, sandbox.state.forms.results()]).toEqual([false, []]);
    expect(html).toContain('<span class="error">E-mail is invalid</span>');
    expect(html).toContain('<span class="error">Topics has an unknown answer</span>');
    expect(html).toContain('name="first" value="&#60;b&#62;"');
    expect((await submit(1, await show(1), {})).html).toContain('E-mail is required');
  });

  it('sends the person on where the form says so', async () => {
    sandbox.state.forms.addForm({ ...signUp, confirmationUrl: 'https://site.example/thanks' });
    expect(await submit(1, await show(1), { mail: ['p1@example.com'] })).toEqual({ isConfirmationPage: true, url: 'https://site.example/thanks' });
  });

  it('goes page by page, and is complete with the last one', async () => {
    sandbox.state.forms.addForm(twoPages);
    const second = await submit(1, await show(1, { encId: encIdOf('P1') }), { mail: ['p1@example.com'] });
    expect([second.isConfirmationPage, second.html]).toEqual([false, expect.stringContaining('name="mark"')]);
    const list = async (query: Record<string, string> = {}) => (await call(sandbox, 'GET', '/form/result/1', { query })).body;
    expect(await list({ completed: 'true' })).toEqual([]);
    expect((await submit(1, second, { mark: ['2'] })).isConfirmationPage).toBe(true);
    expect(await list({ completed: 'true' })).toEqual([{
      formResultId: 1, submittedAt: expect.any(String), testResult: false, completed: true, answers: [
        { rank: 1, fieldId: 1, description: 'mail', answer: ['p1@example.com'] },
        { rank: 2, fieldId: 2, description: 'Mark', answer: ['2'] },
      ],
    }]);
    const again = await submitRaw(1, { postUrl, formParams: { formEncId: referenceOf(second), mark: ['1'] } });
    expect(refusal(again)).toEqual([400, 'INVALID_PARAMS']);
  });

  it.each<[FormSpec['formSubType'], number[], string]>([
    ['unSubscribe', [], 'Ann & "co"'], ['editProfile', [1], 'Bea'], ['normal', [1], 'Bea'],
  ])('of kind %s does to the contact what it is for', async (formSubType, permissions, firstName) => {
    const fields = formSubType === 'unSubscribe' ? signUp.fields?.slice(0, 1) ?? [] : signUp.fields ?? [];
    sandbox.state.forms.addForm({ name: 'F', formSubType, fields });
    await submit(1, await show(1, { encId: encIdOf('P1') }), { mail: ['p1@example.com'], ...(formSubType !== 'unSubscribe' && { first: ['Bea'] }) });
    expect(sandbox.state.contact({ externalId: 'P1' })).toMatchObject({ permissions, properties: { firstName } });
  });

  it('changes nobody while the form is a test, and says so in the result', async () => {
    sandbox.state.forms.addForm({ ...signUp, formState: 'proof' });
    await submit(1, await show(1), { mail: ['new@example.com'] });
    expect(sandbox.state.summary().contacts).toBe(1);
    expect((await call(sandbox, 'GET', '/form/result/1/1')).body).toMatchObject({ testResult: true });
    await control(sandbox, 'PUT', '/forms/1/state', { formState: 'final' });
    await submit(1, await show(1), { mail: ['new@example.com'] });
    expect((await call(sandbox, 'GET', '/form/result/1/2')).body).toMatchObject({ testResult: false });
  });

  it('is refused without a reference of this form', async () => {
    sandbox.state.forms.addForm(signUp);
    sandbox.state.forms.addForm(signUp);
    const ofOther = referenceOf(await show(2));
    for (const formEncId of [undefined, ['x-1-0-'], ofOther]) {
      expect(refusal(await submitRaw(1, { postUrl, formParams: { formEncId, mail: ['a@example.com'] } }))).toEqual([400, 'INVALID_PARAMS']);
    }
    expect(refusal(await submitRaw(9, { postUrl, formParams: {} }))).toEqual([404, 'FORM_NOT_FOUND']);
    expect(refusal(await submitRaw(1, { formParams: {} }))).toEqual([400, 'INVALID_PARAMS']);
  });
});

describe('a form submitted as XML', () => {
  const submitXml = (rawBody: string, contentType = 'application/xml') => call(sandbox, 'POST', '/form/result/1', { rawBody, headers: { 'content-type': contentType } });
  const entry = (key: string, ...items: string[]) => `<entry><key>${key}</key><value>${items.map((item) => `<item>${item}</item>`).join('')}</value></entry>`;
  const params = (...entries: string[]) => `<?xml version="1.0" encoding="UTF-8"?>\n<params xmlns:xsi="x"><!-- form -->
    <postUrl>${postUrl}?a=1&amp;b=2</postUrl><outputMode>DIV</outputMode><outputFormat/><formParams>${entries.join('\n')}</formParams></params>`;
  beforeEach(() => void sandbox.state.forms.addForm(signUp));

  it('is taken as its JSON would be, lists, entities and all', async () => {
    const [reference = ''] = referenceOf(await show(1));
    const body = params(entry('formEncId', reference), entry('mail', 'x@example.com'), entry('first', 'B&#101;a &lt;3 <![CDATA[& co]]>'), entry('topics', 'tea', 'mugs'));
    const answer = await submitXml(body, 'application/xml; charset=utf-8');
    expect([answer.status, answer.body]).toEqual([200, { html: expect.any(String), isConfirmationPage: true }]);
    expect(sandbox.state.forms.results()).toMatchObject([{ answers: { mail: ['x@example.com'], first: ['Bea <3 & co'], topics: ['tea', 'mugs'] } }]);
  });

  it.each([
    ['an open element', '<params><postUrl>x</params>'], ['two roots', '<params/><params/>'], ['an unknown entity', '<params><postUrl>&nope;</postUrl></params>'],
    ['a DOCTYPE', '<!DOCTYPE params><params/>'], ['another root', '<form/>'], ['text around it', 'a<params/>'], ['no key', '<params><formParams><entry/></formParams></params>'],
    ['a closing tag too many', '<params/></params>'], ['no XML', 'postUrl=x'],
  ])('is refused with %s', async (_what, rawBody) => {
    expect(refusal(await submitXml(rawBody))).toEqual([400, 'INVALID_PARAMS']);
    expect(sandbox.state.forms.results()).toEqual([]);
  });

  it('is the only thing that may be XML', async () => {
    const answer = await call(sandbox, 'POST', '/form/1', { rawBody: '<params/>', headers: { 'content-type': 'application/xml' } });
    expect(refusal(answer)).toEqual([415, 'INVALID_PARAMS']);
  });
});

describe('form results', () => {
  beforeEach(async () => {
    sandbox.state.forms.addForm(twoPages);
    await control(sandbox, 'POST', '/forms/1/submit', { contact: { externalId: 'P1' }, answers: { mail: ['p1@example.com'], mark: ['1'] }, at: '2024-05-01T10:00:00+02:00' });
    sandbox.state.forms.submitForm(1, { answers: { mail: ['p1@example.com'] }, completed: false, at: '2024-05-02T00:00:00+02:00' });
  });
  const list = async (query: Record<string, string>) =>
    ((await call(sandbox, 'GET', '/form/result/1', { query })).body as { formResultId: number }[]).map(({ formResultId }) => formResultId);

  it('are listed by date and completion', async () => {
    expect(await list({})).toEqual([1, 2]);
    expect(await list({ completed: 'true' })).toEqual([1]);
    expect(await list({ startDate: '20240501100000', endDate: '20240502' })).toEqual([1]);
    expect(await list({ startDate: '20240501100001' })).toEqual([2]);
    expect(await list({ startDate: '20240502', endDate: '20240502000001' })).toEqual([2]);
  });

  it.each([
    [{ completed: 'false' }], [{ startDate: '2024-05-01' }], [{ endDate: '20240230' }], [{ startDate: '2024050110' }],
  ])('are refused for %j', async (query) => {
    expect(refusal(await call(sandbox, 'GET', '/form/result/1', { query: query as Record<string, string> }))).toEqual([400, 'INVALID_PARAMS']);
  });

  it('are shown one by one, and are numbers on the older base', async () => {
    const { body } = await call(sandbox, 'GET', '/form/result/1/1', { base: olderBase(sandbox) });
    expect(body).toMatchObject({ formResultId: 1, submittedAt: Date.parse('2024-05-01T08:00:00Z') });
    expect(refusal(await call(sandbox, 'GET', '/form/result/1/3'))).toEqual([404, 'FORMRESULT_NOT_FOUND']);
    expect(refusal(await call(sandbox, 'GET', '/form/result/9'))).toEqual([404, 'FORM_NOT_FOUND']);
  });

  it('are in the history of their contact, page by page, until it is anonymised', async () => {
    sandbox.state.forms.submitForm(1, { contact: { externalId: 'P1' }, answers: { mail: ['p1@example.com'], mark: ['2'] } });
    const history = async (query: Record<string, string>) => (await call(sandbox, 'GET', '/contact/P1/forms', { query })).body;
    expect(await history({ pageSize: '1' })).toEqual({
      paging: { after: 1, next: expect.any(String) },
      formHistories: [{
        form: { id: 1, name: 'Survey', formSubType: 'normal', formState: 'final' }, formResultId: 1,
        submitDate: '2024-05-01T08:00:00.000Z', completed: true,
      }],
    });
    expect(await history({ after: '1' })).toMatchObject({ paging: {}, formHistories: [{ formResultId: 3 }] });
    await call(sandbox, 'PUT', '/contact/anonymize/P1');
    expect(refusal(await call(sandbox, 'GET', '/contact/P1/forms'))).toEqual([404, 'CONTACT_NOT_FOUND']);
    expect(sandbox.state.forms.results().map(({ email }) => email)).toEqual([undefined, undefined, undefined]);
  });

  it('are not taken from the control side with wrong answers', async () => {
    const answer = await control(sandbox, 'POST', '/forms/1/submit', { answers: { mail: ['nowhere'] } });
    expect([answer.status, answer.body]).toEqual([400, { error: 'mail is invalid, Mark is required' }]);
    expect((await control(sandbox, 'POST', '/forms/9/submit', {})).status).toBe(404);
  });
});

describe('subscribing', () => {
  type Fields = Readonly<Record<string, unknown>>;
  const subscribe = (properties: Fields, rest: Fields = {}) => call(sandbox, 'POST', '/subscription/subscribe', { body: { ...rest, properties } });
  const news = [{ bit: 2, enabled: true }];

  it('makes a contact without an external id, or one with it', async () => {
    const answer = await subscribe({ email: 'new@example.com', permissions: news });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(sandbox.state.contact({ email: 'new@example.com' })).toMatchObject({ externalIds: {}, permissions: [2] });
    await subscribe({ email: 'web@example.com', permissions: news }, { externalId: 'W1' });
    expect(sandbox.state.contact({ externalId: 'W1' }).email).toBe('web@example.com');
  });

  it('adds to the contact with the address, whatever the merge rules, and keeps its id', async () => {
    const strict = await startMailplusSandbox({ mergeRules: ['externalId'] });
    strict.state.seedContacts([{ externalId: 'P1', properties: { email: 'p1@example.com' }, permissions: [1] }]);
    await call(strict, 'POST', '/subscription/subscribe', { body: { properties: { email: 'P1@example.com', permissions: news } } });
    const contacts = [...strict.state.contacts()];
    await strict.close();
    expect(contacts).toMatchObject([{ externalIds: { externalId: 'P1' }, permissions: [1, 2] }]);
  });

  it('is counted, doubled ones too', async () => {
    await subscribe({ email: 'p1@example.com', permissions: news });
    await subscribe({ email: 'p1@example.com', permissions: news });
    expect(sandbox.state.starts.counts().repeated).toMatchObject([{ kind: 'subscribe', email: 'p1@example.com', count: 2 }]);
    expect(sandbox.state.journal().map(({ changed }) => changed)).toEqual([true, false]);
  });

  it.each<[string, Fields, string]>([
    ['no address', { permissions: news }, 'INVALID_PROPERTY'],
    ['a bad address', { email: 'nowhere', permissions: news }, 'INVALID_PROPERTY'],
    ['no permission', { email: 'new@example.com' }, 'INVALID_PROPERTY'],
    ['a permission that is off', { email: 'new@example.com', permissions: [{ bit: 2, enabled: false }] }, 'INVALID_PROPERTY'],
    ['an unknown property', { email: 'new@example.com', permissions: news, shoeSize: 42 }, 'INVALID_PROPERTY'],
    ['a blacklisted address', { email: 'out@example.com', permissions: news }, 'CONTACT_OPTOUT'],
  ])('is refused with %s', async (_what, properties, errorType) => {
    sandbox.state.seedContacts([{ externalId: 'OUT', properties: { email: 'out@example.com' } }]);
    sandbox.state.inactivate({ contact: { externalId: 'OUT' } });
    expect(refusal(await subscribe(properties))).toEqual([400, errorType]);
    expect([sandbox.state.summary().contacts, sandbox.state.starts.counts().total]).toEqual([2, 0]);
  });

  it('is refused when the contact is wrapped as in an insert', async () => {
    const body = { contact: { properties: { email: 'new@example.com', permissions: news } } };
    expect(refusal(await call(sandbox, 'POST', '/subscription/subscribe', { body }))).toEqual([400, 'INVALID_PROPERTY']);
  });
});
