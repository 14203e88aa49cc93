import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalActivitySchema, type CanonicalActivity } from '../../domain/model/activity.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { readFormPage } from '../../platforms/mailplus/form-page.ts';
import { walkPages } from '../../platforms/pagination.ts';
import type { Window } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { accountFields, always, streamOf } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts(['1', '2', '3'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  sandbox.state.seedContacts([{ properties: { email: 'stranger@example.com' } }]);
});
afterEach(() => sandbox.close());

const logged: object[] = [];
async function read(window: Window = always, settings: Readonly<Record<string, unknown>> = {}): Promise<CanonicalActivity[]> {
  logged.length = 0;
  const context = mailplusContext(sandbox.url, { fields: accountFields, settings, log: { debug: () => undefined, warn: (facts) => void logged.push(facts) } });
  const found: CanonicalActivity[] = [];
  for await (const page of walkPages((token) => mailplus.readPage(context, streamOf('form-results'), window, token))) {
    expect(page.rejected).toEqual([]);
    found.push(...page.activities.map((activity) => canonicalActivitySchema.parse(activity)));
  }
  return found;
}
const calls = (operation: string): number => sandbox.state.counters()[operation]?.calls ?? 0;
const at = '2026-05-01T10:00:00.000Z';
const addForm = (name: string, more: object = {}) => sandbox.state.forms.addForm({ name, fields: [{ name: 'email', type: 'email', required: false, property: 'email' }, { name: 'wish' }], ...more });
const submit = (formId: number, externalId: string | undefined, answers: Readonly<Record<string, string[]>>, when = at) =>
  sandbox.state.forms.submitForm(formId, { ...(externalId === undefined ? {} : { contact: { externalId } }), answers, at: when });

describe('results of forms', () => {
  it('are activities of their contacts, with nothing of the answers', async () => {
    const [first, second] = [addForm('Viewing'), addForm('Brochure')];
    const one = submit(first.id, '1', { email: ['1@example.com'], wish: ['a garden'] });
    const two = submit(second.id, '2', { email: ['2@example.com'] });
    expect(await read()).toEqual([
      { externalId: `form:${first.id}:${one}`, type: 'form.submitted', at, contactExternalId: '1', subjectId: String(first.id), description: 'Form «Viewing» submitted' },
      { externalId: `form:${second.id}:${two}`, type: 'form.submitted', at, contactExternalId: '2', subjectId: String(second.id), description: 'Form «Brochure» submitted' },
    ]);
    expect([calls('GET /form/list'), calls('GET /form/result/{formId}')]).toEqual([1, 2]);
  });

  it('belong to whose list of forms has them, not to whose address stands in them', async () => {
    const form = addForm('Tell a friend', { fields: [{ name: 'email', type: 'email', property: 'email' }, { name: 'friend', type: 'email' }] });
    submit(form.id, '1', { email: ['1@example.com'], friend: ['2@example.com'] });
    submit(form.id, '3', { friend: ['2@example.com'] });
    expect((await read()).map(({ contactExternalId }) => contactExternalId)).toEqual(['1']);
    expect(logged).toEqual([{ connectorId: 'mailplus-1', form: form.id, unknown: 1 }]);
  });

  it('of a contact without an external id are known by its encrypted id, where its address is the only one', async () => {
    const form = addForm('Viewing');
    sandbox.state.forms.submitForm(form.id, { contact: { email: 'stranger@example.com' }, answers: { email: ['stranger@example.com'] }, at });
    sandbox.state.forms.submitForm(form.id, { contact: { email: 'stranger@example.com' }, answers: { email: ['stranger@example.com'], wish: ['2@example.com'] }, at });
    expect((await read()).map(({ contactExternalId }) => contactExternalId)).toEqual([expect.stringMatching(/^enc:/)]);
  });

  it('are taken when they are complete and no tests, and once in windows that follow each other', async () => {
    const [form, draft] = [addForm('Viewing'), addForm('Draft', { formState: 'draft' })];
    submit(draft.id, '1', { email: ['1@example.com'] });
    const pages = addForm('Long', { fields: [{ name: 'email', type: 'email', property: 'email' }, { name: 'more', page: 2 }] });
    sandbox.state.forms.submitForm(pages.id, { contact: { externalId: '1' }, answers: { email: ['1@example.com'] }, completed: false, at });
    const border = '2026-05-01T11:00:00.000Z';
    submit(form.id, '1', { email: ['1@example.com'] });
    submit(form.id, '2', { email: ['2@example.com'] }, border);
    const ids = [...await read({ from: at, to: border }), ...await read({ from: border, to: '2026-05-01T12:00:00.000Z' })].map(({ externalId }) => externalId);
    expect(ids).toEqual([`form:${form.id}:3`, `form:${form.id}:4`]);
  });

  it('are not missed in the hour that comes twice in autumn, although Mail+ takes wall clocks only', async () => {
    const form = addForm('Viewing');
    const [before, after] = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'];
    submit(form.id, '1', { email: ['1@example.com'] }, before);
    submit(form.id, '2', { email: ['2@example.com'] }, after);
    const windows = [['2026-10-25T00:20:00.000Z', '2026-10-25T00:50:00.000Z'], ['2026-10-25T00:50:00.000Z', '2026-10-25T01:20:00.000Z'], ['2026-10-25T01:20:00.000Z', '2026-10-25T01:50:00.000Z']] as const;
    const found = [];
    for (const [from, to] of windows) found.push((await read({ from, to })).map(({ contactExternalId }) => contactExternalId));
    expect(found).toEqual([['1'], [], ['2']]);
  });

  it('are not read where the setting, or the licence, says so, and a form that went meanwhile does not stop the others', async () => {
    const form = addForm('Viewing');
    submit(form.id, '1', { email: ['1@example.com'] });
    expect(await read(always, { formResults: false })).toEqual([]);
    expect(calls('GET /form/list')).toBe(0);
    sandbox.state.addFault({ action: 'status', status: 403, path: '/form/list', count: 1 });
    expect(await read()).toEqual([]);
    sandbox.state.addFault({ action: 'status', status: 404, path: `/form/result/${form.id}`, body: '{"errorType":"FORM_NOT_FOUND","message":"gone"}', contentType: 'application/json', count: 1 });
    expect(await read()).toEqual([]);
    expect(await read()).toHaveLength(1);
  });

  it('that cannot be read are rejected alone, without their answers', async () => {
    const form = addForm('Viewing');
    const body = JSON.stringify([{ formResultId: 7, submittedAt: 'long ago', testResult: false, completed: true, answers: [{ answer: ['a secret wish'] }] }, { formResultId: 'x', answers: [] }]);
    sandbox.state.addFault({ action: 'status', status: 200, path: `/form/result/${form.id}`, body, contentType: 'application/json' });
    const page = await mailplus.readPage(mailplusContext(sandbox.url, { fields: accountFields }), streamOf('form-results'), always, undefined);
    expect(page.rejected).toMatchObject([{ externalId: `form:${form.id}:7`, path: 'submittedAt' }, { externalId: `form:${form.id}:x`, path: 'formResultId' }]);
    expect(JSON.stringify(page)).not.toContain('secret wish');
  });
});

describe('a page of a form', () => {
  it('is read as a browser would send it', () => {
    const html = `<FORM method="post"><input type='hidden' name="formEncId" value="a-1"><input name="first" value="O&#39;Hara &amp; &eacute;"/><input name="empty" value="">
      <input type="checkbox" name="days" value="sat" checked="checked"><input type="checkbox" name="days" value="sun"><input type="checkbox" name="days" value="mon" CHECKED>
      <input type="radio" name="how" value="checked"><select name="size"><option value="s">Small</option><option selected>Large &lt;</option></select>
      <textarea name="remarks" rows="3">Hello</textarea><input type="submit" name="send" value="Send"></FORM>`;
    expect(readFormPage(html)).toEqual({
      reference: 'a-1', names: new Set(['first', 'empty', 'days', 'how', 'size', 'remarks']),
      filledIn: { formEncId: ['a-1'], first: ['O\'Hara & &eacute;'], days: ['sat', 'mon'], size: ['Large <'], remarks: ['Hello'] },
    });
    expect(readFormPage('<p>Thank you.</p>')).toBeUndefined();
  });
});
