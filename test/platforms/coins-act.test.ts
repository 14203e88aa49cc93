import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { activityTypes } from '../../domain/model/activity.ts';
import { coinsActivities } from '../../platforms/coins/activity-map.ts';
import { coins } from '../../platforms/coins/index.ts';
import type { ActionOutcome } from '../../platforms/platform.ts';
import { card, contextFor, failureOf, startServer, withList } from './coins-support.ts';
import type { Reply, TestServer } from './coins-support.ts';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const payload = { externalId: 'A-1', type: 'email.clicked', at: '2026-11-20T10:00:00.000Z', campaignId: 'C-9', listId: 'L-55', description: 'Spring offer', url: 'https://oakwood.example/plots' };

async function act(fields: object = {}, reply: Reply = { status: 201 }, kind = 'activity.create'): Promise<ActionOutcome | undefined> {
  server = await startServer(withList(() => reply));
  return coins.act?.(contextFor(server.url), { id: 1, kind, target: 'P1', cause: 'A-1', payload: { ...payload, ...fields } });
}

describe('An activity for a prospect card', () => {
  it('is posted with its campaign, list and address', async () => {
    expect(await act()).toEqual({ kind: 'done' });
    expect(server?.received).toMatchObject([{ method: 'POST', path: '/api/v1/prospects/P1/activities', body: payload }]);
  });

  it('is done when Coins has it already', async () => {
    expect(await act({}, { status: 200 })).toEqual({ kind: 'done' });
  });

  it.each(activityTypes.filter((type) => type !== 'email.opened'))('of type %s is written, in the words of the Coins page when it has none', async (type) => {
    expect(await act({ type, description: '', url: undefined })).toEqual({ kind: 'done' });
    const { coinsType, label } = coinsActivities[type];
    expect(server?.received[0]?.body).toEqual({ externalId: 'A-1', type: coinsType, at: payload.at, campaignId: 'C-9', listId: 'L-55', description: label });
  });

  it.each(['ftp://oakwood.example', 'javascript:alert(1)', `https://oakwood.example/${'x'.repeat(2_000)}`])('leaves out an address that Coins would refuse', async (url) => {
    await act({ url });
    expect(server?.received[0]?.body).not.toHaveProperty('url');
  });

  it('moves with a merged prospect', async () => {
    expect(await act({}, { status: 404, json: { message: 'merged', mergedInto: 'P9' } })).toEqual({ kind: 'moved', mergedInto: 'P9' });
  });

  it('is refused where the prospect is gone or Coins says no', async () => {
    expect(await act({}, { status: 404, json: { message: 'unknown' } })).toMatchObject({ kind: 'refused', code: 'RECORD_GONE' });
    await server?.close();
    expect(await act({}, { status: 400, json: { message: 'no such campaign', field: 'campaignId' } }))
      .toEqual({ kind: 'refused', code: 'RECORD_REFUSED', message: 'no such campaign', platformCode: '400' });
  });

  it.each(['email.opened', 'unsubscribed'])('of type %s is a mistake of the hub, and never sent', async (type) => {
    expect(await failureOf(() => act({ type }))).toMatchObject({ code: 'INTERNAL' });
    expect(server?.received).toEqual([]);
  });

  it.each([{ at: 'yesterday' }, { externalId: '' }, { prospect: 'P1' }, { campaignId: 7 }])('with a wrong payload is a mistake of the hub: %j', async (fields) => {
    expect(await failureOf(() => act(fields))).toMatchObject({ code: 'INTERNAL' });
  });

  it('fails with the connection', async () => {
    expect(await failureOf(() => act({}, { status: 503, headers: { 'retry-after': '3' } }))).toMatchObject({ code: 'PLATFORM_ERROR', facts: { retryAfterMs: 3_000 } });
  });

  it('is, with a task, all that Coins can be asked to do, and may be repeated', async () => {
    expect(coins.actionKinds).toEqual({ 'activity.create': { repeatable: true }, 'task.create': { repeatable: true, licensed: true } });
    expect(await failureOf(() => act({}, { status: 201 }, 'list.create'))).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('A task for a sales adviser', () => {
  const task = { externalId: 'mailplus-1/bounce:7/task', assignee: 'JS', subject: 'E-mail bounced', description: 'Correct the address.' };
  const isTask = (path: string) => path.endsWith('/tasks');

  /** Answers of Coins to the task, and to whoever asks for the card. */
  async function give(toTask: Reply, toCard: Reply = { status: 200, json: card({ prospectId: 'P1' }) }, fields: object = {}): Promise<ActionOutcome | undefined> {
    server = await startServer(withList(({ path }) => (isTask(path) ? toTask : toCard)));
    return coins.act?.(contextFor(server.url), { id: 1, kind: 'task.create', target: 'P1', cause: 'bounce-case/1', payload: { ...task, ...fields } });
  }

  it.each([201, 200])('is posted, and done when Coins answers %i', async (status) => {
    expect(await give({ status, json: {} })).toEqual({ kind: 'done' });
    expect(server?.received).toMatchObject([{ method: 'POST', path: '/api/v1/prospects/P1/tasks', body: task }]);
  });

  it('is told apart from a card that is gone or merged when Coins has no tasks in its licence', async () => {
    const unknown = { status: 404, json: { message: 'not found' } };
    expect(await give(unknown)).toMatchObject({ kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: expect.stringContaining('as an activity only') });
    await server?.close();
    expect(await give(unknown, unknown)).toMatchObject({ kind: 'refused', code: 'RECORD_GONE' });
    await server?.close();
    expect(await give({ status: 404, json: { message: 'merged', mergedInto: 'P9' } })).toEqual({ kind: 'moved', mergedInto: 'P9' });
    expect(server?.received).toHaveLength(1);
  });

  it('is not taken for one without licence when the address of Coins is wrong', async () => {
    expect(await failureOf(() => give({ status: 404, text: '<h1>Not found</h1>' }))).toMatchObject({ code: 'PLATFORM_ANSWER_INVALID' });
    expect(server?.received.every(({ path }) => isTask(path))).toBe(true);
  });

  it('is refused in the words of Coins', async () => {
    expect(await give({ status: 409, json: { message: 'external id was used for something else', field: 'externalId' } })).toMatchObject({ kind: 'refused', code: 'RECORD_REFUSED', platformCode: '409' });
  });

  it.each([{ assignee: '' }, { assignee: undefined }, { caseId: 3 }])('with a wrong payload is a mistake of the hub: %j', async (fields) => {
    expect(await failureOf(() => give({ status: 201, json: {} }, undefined, fields))).toMatchObject({ code: 'INTERNAL' });
    expect(server?.received).toEqual([]);
  });
});

describe('The table of activities', () => {
  it('has the fourteen of the Coins page by its words, all but Unsubscribed', async () => {
    const seed = await readFile(new URL('../../docs/coins.md', import.meta.url), 'utf8');
    const rows = seed.split('\n').filter((line) => / \| `[a-z]+\.[a-z_]+` \| /.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));
    const documented = Object.fromEntries(rows.map(([, label, type, supplier]) => [type?.replaceAll('`', ''), { label, supplied: supplier?.split(/[ :]/)[0] }]));
    const table = Object.entries(coinsActivities).map(([type, { label, suppliedBy }]) => [type, { label, supplied: suppliedBy }]);
    expect(documented).toEqual(Object.fromEntries(table));
    expect(table).toHaveLength(14);
    expect(seed).toContain('| Unsubscribed | no activity |');
  });
});
