import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { createHash } from 'node:crypto';
import { inAccount } from '../../db/database.ts';
import { askForAction, findAskedAction } from '../../db/repositories/deliver/asked-actions.ts';
import { retryFailed, skipFailed } from '../../db/repositories/failed/settle-failed.ts';
import type { FaultSpec } from '../../sandbox/mailplus/faults/fault-book.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { consent } from '../support/hub-world.ts';

let world: DeliverWorld;
let scenes = 0;
let trigger: string;
let campaign: string;
let code: string;
let automation: string;
let atPoint: (name: string) => void = () => undefined;

beforeAll(async () => {
  world = await openDeliverWorld({ overrides: { faultPoint: async (name) => atPoint(name) } });
  const added = world.mail.state.starts.addCampaign({ name: 'Abandoned cart', repeat: 'always' });
  [campaign, trigger] = [added.encryptedId, added.triggers[0]?.encryptedId ?? ''];
  const started = world.mail.state.starts.addAutomation({ name: 'Welcome' });
  [automation, code] = [started.automationId, started.triggerCodes[0] ?? ''];
});
afterAll(() => world.close());
afterEach(() => {
  atPoint = () => undefined;
  world.calm();
  world.mail.state.clearFaults();
});

const db = () => world.pipeline.deps.db;

interface Person { readonly email: string; readonly recordId: number }

/** A contact that the hub has, at Mail+ already unless told. */
async function person(more: { readonly delivered?: boolean } = {}): Promise<Person> {
  scenes += 1;
  const email = `asked.${scenes}@example.test`;
  await world.sync('coins-1', [{ prospectId: `A${scenes}`, email, consents: consent(true, '2026-01-01T00:00:00.000Z') }]);
  if (more.delivered !== false) await world.settle();
  const row = await db().selectFrom('record').select('id').where('email', '=', email).executeTakeFirstOrThrow();
  return { email, recordId: row.id };
}

let causes = 0;
async function ask(kind: string, recordId: number | null, payload: object, cause = `c-${causes += 1}`, target = `record/${recordId ?? 0}`): Promise<number> {
  const bodyHash = createHash('sha256').update(JSON.stringify([kind, recordId, payload])).digest();
  return (await inAccount(db(), 'default', (trx) => askForAction(trx, { accountId: 'default', connectorId: 'mailplus-1', kind, target, cause, recordId, payload, bodyHash }))).id;
}

const deliver = () => world.pipeline.deliver('mailplus-1');
const stateOf = async (id: number) => findAskedAction(db(), 'mailplus-1', id);
const effects = (kind: string, { email }: Person): number => world.mail.state.starts.started({ email }).filter((start) => start.kind === kind).length;
const start = (recordId: number, cause?: string) => ask('campaign.trigger', recordId, { trigger }, cause);

/** Delivers until nothing is thrown any more: what the retry ladder does. */
async function deliverThrough(): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    try {
      await deliver();
      return;
    } catch {
      world.calm();
    }
  }
  throw new Error('Delivering does not come to rest.');
}

describe('an action that was asked for', () => {
  it('is carried out once, in the words of Mail+, and keeps nothing of what was given', async () => {
    const one = await person();
    const fields = [{ name: 'linktocart', value: 'https://shop.example/cart?id=9' }];
    const ids = [await ask('campaign.trigger', one.recordId, { trigger, fields }), await ask('automation.start', one.recordId, { trigger: code }), await ask('automation.stop', one.recordId, { automation }), await ask('campaign.stop', one.recordId, { campaign })];
    await deliver();
    await deliver();
    for (const id of ids) expect(await stateOf(id)).toMatchObject({ state: 'done', recordId: one.recordId });
    expect(world.mail.state.starts.started({ email: one.email }).map(({ kind }) => kind)).toEqual(['campaign', 'automation', 'automationStop', 'campaignStop']);
    expect(world.mail.state.starts.started({ email: one.email })[0]?.detail).toMatchObject({ fields: [{ name: 'linktocart', value: 'https://shop.example/cart?id=9' }] });
    expect((await stateOf(ids[1] ?? 0))?.reason).toMatch(/^started as /);
    expect((await db().selectFrom('action').select('payload').where('id', 'in', ids).execute()).map(({ payload }) => payload)).toEqual([{}, {}, {}, {}]);
    expect(world.mail.state.counters()['POST /campaign/trigger/{encryptedTriggerId}']?.calls).toBe(1);
  });

  it('has one id for one cause, and is refused with another body', async () => {
    const one = await person();
    const first = await start(one.recordId, 'order 7');
    expect(await start(one.recordId, 'order 7')).toBe(first);
    await expect(ask('campaign.trigger', one.recordId, { trigger: 'other' }, 'order 7')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    await deliver();
    expect(await start(one.recordId, 'order 7')).toBe(first);
    await deliver();
    expect(effects('campaign', one)).toBe(1);
  });

  it('waits until its contact was delivered, without holding up those of others', async () => {
    const [one, other] = [await person(), await person({ delivered: false })];
    await db().updateTable('delivery').set({ state: 'parked', reason: 'no room' }).where('record_id', '=', other.recordId).where('connector_id', '=', 'mailplus-1').execute();
    const [waiting, going] = [await start(other.recordId), await start(one.recordId)];
    await deliver();
    expect(await stateOf(going)).toMatchObject({ state: 'done' });
    expect(await stateOf(waiting)).toMatchObject({ state: 'pending', reason: expect.stringContaining('not at the platform as it is here yet: no room') });
    await db().updateTable('delivery').set({ state: 'pending' }).where('record_id', '=', other.recordId).where('connector_id', '=', 'mailplus-1').execute();
    await deliver();
    expect(await stateOf(waiting)).toMatchObject({ state: 'done', reason: null });
    expect(effects('campaign', other)).toBe(1);
  });

  it('starts nothing for a contact that is gone, or of whom Mail+ may have missed a withdrawal; a stop goes out', async () => {
    const [gone, failed] = [await person(), await person()];
    await db().updateTable('record').set({ deleted: true }).where('id', '=', gone.recordId).execute();
    await db().updateTable('delivery').set({ state: 'failed', code: 'RECORD_REFUSED', reason: 'Postal code' }).where('record_id', '=', failed.recordId).where('connector_id', '=', 'mailplus-1').execute();
    const [forGone, forFailed, stop] = [await start(gone.recordId), await start(failed.recordId), await ask('automation.stop', failed.recordId, { automation })];
    await deliver();
    expect(await stateOf(forGone)).toMatchObject({ state: 'failed', code: 'RECORD_GONE' });
    expect(await stateOf(forFailed)).toMatchObject({ state: 'failed', code: 'RECORD_REFUSED', reason: expect.stringMatching(/may be a withdrawal \(Postal code\)/) });
    expect(await stateOf(stop)).toMatchObject({ state: 'done', reason: expect.stringContaining('does not run for this contact') });
    expect(world.mail.state.starts.started({ email: failed.email })).toEqual([]);
  });

  it('goes to the record into which its contact was merged', async () => {
    const [lost, kept] = [await person(), await person()];
    const id = await start(lost.recordId);
    await db().updateTable('record').set({ merged_into: kept.recordId }).where('id', '=', lost.recordId).execute();
    await deliver();
    await db().updateTable('record').set({ merged_into: null }).where('id', '=', lost.recordId).execute();
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
    expect([effects('campaign', lost), effects('campaign', kept)]).toEqual([0, 1]);
  });

  it('fails alone when Mail+ refuses, with its words and what to do, and is not tried again by itself', async () => {
    const one = await person();
    const [unknown, next] = [await ask('campaign.trigger', one.recordId, { trigger: 'never-was' }), await start(one.recordId)];
    world.mail.state.starts.setAutomationActive(automation, false);
    const inactive = await ask('automation.start', one.recordId, { trigger: code });
    await deliver();
    await deliver();
    world.mail.state.starts.setAutomationActive(automation, true);
    expect(await stateOf(unknown)).toMatchObject({ state: 'failed', code: 'RECORD_GONE', reason: expect.stringContaining('campaign.list') });
    expect(await stateOf(inactive)).toMatchObject({ state: 'failed', code: 'PLATFORM_REFUSED', reason: expect.stringContaining('The automation is not active. Activate it in Mail+.') });
    expect(await stateOf(next)).toMatchObject({ state: 'done' });
  });
});

const lost: readonly (readonly [string, FaultSpec, number])[] = [
  ['a reset before Mail+ stored it', { action: 'reset', when: 'before' }, 0],
  ['a reset after Mail+ stored it', { action: 'reset', when: 'after' }, 1],
  ['a 500 before Mail+ stored it', { action: 'html500', when: 'before' }, 0],
  ['a 500 after Mail+ stored it', { action: 'html500', when: 'after' }, 1],
  ['half an answer', { action: 'halfBody' }, 1],
];

describe('an action whose outcome is lost', () => {
  it.each(lost)('is a question for a person after %s, and is not sent again by itself or together with others', async (_, fault, arrived) => {
    const one = await person();
    const [id, next] = [await ask('automation.start', one.recordId, { trigger: code }), await start(one.recordId)];
    world.mail.state.addFault({ ...fault, method: 'POST', path: '/automation/trigger/*', count: 1 });
    await deliverThrough();
    await deliverThrough();
    expect(effects('automation', one)).toBe(arrived);
    expect(await stateOf(next)).toMatchObject({ state: 'done' });
    expect(await stateOf(id)).toMatchObject({ state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN' });
    expect((await stateOf(id))?.reason).toMatch(new RegExp(`whether the automation was started for the contact \\(record ${one.recordId}\\).*hub failed retry action:mailplus-1:${id}.*hub failed skip action:mailplus-1:${id}`));
    const all = await inAccount(db(), 'default', (trx) => retryFailed(trx, 'mailplus-1', {}));
    expect(all).toMatchObject({ retried: { action: expect.any(Number) }, left: { action: 1 } });
    await deliverThrough();
    expect(effects('automation', one)).toBe(arrived);
    if (arrived === 0) await inAccount(db(), 'default', (trx) => retryFailed(trx, 'mailplus-1', { ids: [`action:mailplus-1:${id}`] }));
    else await inAccount(db(), 'default', (trx) => skipFailed(trx, 'mailplus-1', { ids: [`action:mailplus-1:${id}`] }));
    await deliverThrough();
    expect(effects('automation', one)).toBe(1);
    expect((await stateOf(id))?.state).toBe(arrived === 0 ? 'done' : 'skipped');
  });

  it('is one after a crash between the call and its outcome, or right before the call', async () => {
    for (const [point, arrived] of [['call-before-outcome', 1], ['intent-before-call', 0]] as const) {
      const one = await person();
      const id = await start(one.recordId);
      atPoint = (name) => {
        if (name === point) throw new Error('killed');
      };
      await expect(deliver()).rejects.toThrow('killed');
      atPoint = () => undefined;
      expect(await stateOf(id)).toMatchObject({ state: 'sending' });
      await deliver();
      await deliver();
      expect(effects('campaign', one)).toBe(arrived);
      expect(await stateOf(id)).toMatchObject({ state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN', reason: expect.stringContaining('the hub was stopped during the call') });
    }
  });

  it.each([
    ['asks to slow down', { action: 'rateLimit' }], ['refuses the login', { action: 'status', status: 401, body: '{"errorType":"NOT_AUTHORIZED","message":"no"}', contentType: 'application/json' }],
  ] as readonly (readonly [string, FaultSpec])[])('goes out again by itself when Mail+ certainly did not carry it out: it %s', async (_, fault) => {
    const one = await person();
    const id = await start(one.recordId);
    world.mail.state.addFault({ ...fault, method: 'POST', path: '/campaign/trigger/*', count: 1 });
    await expect(deliver()).rejects.toThrow();
    expect(await stateOf(id)).toMatchObject({ state: 'pending', begunAt: null });
    await deliver();
    expect(effects('campaign', one)).toBe(1);
  });

  it('is none when the attempt ended before anything was sent: the login is held, or the attempt was cancelled', async () => {
    const one = await person();
    const id = await start(one.recordId);
    world.hooks.beforeAct = () => { throw ApplicationFailure.create({ message: 'Waits with the other workflows of this login' }); };
    await expect(deliver()).rejects.toThrow('Waits');
    expect(await stateOf(id)).toMatchObject({ state: 'pending', begunAt: null });
    world.calm();
    await deliver();
    expect([effects('campaign', one), (await stateOf(id))?.state]).toEqual([1, 'done']);
  });

  it('is one when the hub itself fails after Mail+ answered', async () => {
    const one = await person();
    const id = await start(one.recordId);
    world.hooks.afterAct = () => { throw new Error('the database went away'); };
    await expect(deliver()).rejects.toThrow();
    world.calm();
    await deliver();
    expect([effects('campaign', one), (await stateOf(id))?.state]).toEqual([1, 'parked']);
  });

  it('is not one after the other in an outage: the queue stops at the first that may have arrived', async () => {
    const people = [];
    for (let number = 0; number < 8; number += 1) people.push(await person());
    const ids = [];
    for (const { recordId } of people) ids.push(await start(recordId));
    world.mail.state.addFault({ action: 'html500' });
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    const states = await Promise.all(ids.map(async (id) => (await stateOf(id))?.state));
    expect(states.filter((state) => state === 'parked').length).toBeLessThanOrEqual(4);
    world.mail.state.clearFaults();
    await deliver();
    for (const [index, id] of ids.entries()) {
      const done = (await stateOf(id))?.state === 'done';
      expect(people[index] === undefined ? -1 : effects('campaign', people[index])).toBe(done ? 1 : 0);
    }
  });
});

describe('a form', () => {
  const contactForm = () => world.mail.state.forms.addForm({
    name: 'Viewing', fields: [{ name: 'email', type: 'email', required: true, property: 'email' }, { name: 'day', required: true }, { name: 'remarks', page: 2 }],
  });
  const answers = { day: ['Saturday'], remarks: ['With the children'] };
  const resultsOf = (formId: number) => world.mail.state.forms.results().filter((result) => result.formId === formId && result.completed);

  it('is filled in to its end, with what Mail+ has of the contact, and an answer to no input is told', async () => {
    const [one, form] = [await person(), contactForm()];
    const id = await ask('form.submit', one.recordId, { form: String(form.id), answers: { ...answers, colour: ['red'] } });
    const wrong = await ask('form.submit', one.recordId, { form: String(form.id), answers: {} });
    await deliver();
    expect(await stateOf(id)).toMatchObject({ state: 'done', reason: expect.stringContaining('1 of the answers') });
    expect(await stateOf(wrong)).toMatchObject({ state: 'failed', code: 'RECORD_REFUSED', reason: expect.stringContaining('asks for: email, day') });
    expect(resultsOf(form.id)).toMatchObject([{ email: one.email, answers: { email: [one.email], ...answers } }]);
  });

  it('that was submitted although its outcome was lost is found at Mail+, and is done', async () => {
    const [one, form] = [await person(), contactForm()];
    const id = await ask('form.submit', one.recordId, { form: String(form.id), answers });
    world.mail.state.addFault({ action: 'reset', when: 'after', method: 'POST', path: '/form/result/*', skip: 1, count: 1 });
    await deliverThrough();
    expect(await stateOf(id)).toMatchObject({ state: 'done', reason: expect.stringMatching(/^Mail\+ shows it as result \d+$/) });
    expect(resultsOf(form.id)).toHaveLength(1);
  });

  it('that Mail+ does not show is a question, and so is one beside another that may be the one that is found', async () => {
    const [one, form] = [await person(), contactForm()];
    const first = await ask('form.submit', one.recordId, { form: String(form.id), answers });
    world.mail.state.addFault({ action: 'reset', when: 'before', method: 'POST', path: '/form/result/*', skip: 1, count: 1 });
    await deliverThrough();
    expect(await stateOf(first)).toMatchObject({ state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN' });
    expect(resultsOf(form.id)).toEqual([]);
    await inAccount(db(), 'default', (trx) => retryFailed(trx, 'mailplus-1', { ids: [`action:mailplus-1:${first}`] }));
    world.mail.state.clearFaults();
    const second = await ask('form.submit', one.recordId, { form: String(form.id), answers });
    world.mail.state.addFault({ action: 'reset', when: 'before', method: 'POST', path: '/form/result/*', skip: 2, count: 1 });
    await deliverThrough();
    expect(await stateOf(first)).toMatchObject({ state: 'done' });
    expect(await stateOf(second)).toMatchObject({ state: 'parked' });
    expect(resultsOf(form.id)).toHaveLength(1);
  });
});

describe('a conversion', () => {
  it('is counted once for one cause, and is a question when its outcome is lost', async () => {
    const one = await person();
    const mailing = world.mail.state.sendMailing({ name: 'To the shop', recipients: { emails: [one.email] } });
    const mailplusId = world.mail.state.reports.mpid(mailing.encryptedId, { contact: { email: one.email } });
    const cart = { mailplusId, type: 'CREATE_SHOPPINGCART', interactionDate: '2026-11-20T10:00:00+01:00' };
    const done = await ask('conversion.post', null, cart, 'cart-1', mailplusId);
    const doubtful = await ask('conversion.post', null, { ...cart, type: 'CONVERT_SHOPPINGCART', value: 4_590 }, 'order-1', mailplusId);
    world.mail.state.addFault({ action: 'reset', when: 'after', method: 'POST', path: '/conversion', skip: 1, count: 1 });
    await deliverThrough();
    await deliverThrough();
    expect(await stateOf(done)).toMatchObject({ state: 'done' });
    expect(await stateOf(doubtful)).toMatchObject({ state: 'parked', reason: expect.stringContaining('whether the conversion was counted') });
    expect([effects('cartCreated', one), effects('cartConverted', one)]).toEqual([1, 1]);
  });
});
