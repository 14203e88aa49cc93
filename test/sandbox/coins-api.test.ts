import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ACTIVITY_TYPES, startCoinsSandbox } from '../../sandbox/coins/index.ts';
import type { CoinsSandbox, Prospect } from '../../sandbox/coins/index.ts';
import { generateDataset } from '../../sandbox/dataset/index.ts';
import { asHub, asOperator } from './coins-support.ts';

const anna: Prospect = {
  prospectId: 'P1', title: 'Ms', forename: 'Anna', surname: 'Hillmere', email: 'anna@post.example', mobile: '', telephone: '',
  address: { line1: '1 Kiln Row', line2: '', town: 'Oakwold', county: '', postcode: 'ZZ9 9ZZ', country: 'GB' },
  developmentCode: 'OAKW', plot: null, source: 'WEB', levelOfInterest: 'HOT', status: 'ACTIVE', salesAdviser: 'JS',
  consents: [{ code: 'EMAIL_MKT', description: 'Consent to Receive Email Marketing', value: true, date: '2024-01-01T10:00:00Z' }],
  lastModified: '2024-06-01T00:00:00Z',
};
const bert: Prospect = { ...anna, prospectId: 'P2', forename: 'Bert', lastModified: '2024-06-02T00:00:00Z' };
const sent = { externalId: 'a1', type: 'email.sent', at: '2026-01-01T10:00:00Z', campaignId: 'C-9', description: 'Spring mailing' };

let coins: CoinsSandbox;
beforeEach(async () => { coins = await startCoinsSandbox({ prospects: [anna, bert] }); });
afterEach(async () => { await coins.close(); });

describe('the login of the Coins API', () => {
  it('refuses a missing or a wrong token and lets nothing happen', async () => {
    expect((await asHub(coins, 'GET', '/prospects', undefined, 'wrong')).status).toBe(401);
    expect((await asHub(coins, 'POST', '/prospects/P1/activities', sent, '')).status).toBe(401);
    expect(coins.state.activities.of('P1')).toEqual([]);
  });
});

describe('activities', () => {
  it('are stored once however often they are sent, and counted', async () => {
    expect(await asHub(coins, 'POST', '/prospects/P1/activities', sent)).toMatchObject({ status: 201, body: { prospectId: 'P1', ...sent } });
    const { description, ...rest } = sent;
    expect((await asHub(coins, 'POST', '/prospects/P1/activities', { description, ...rest })).status).toBe(200);
    expect((await asHub(coins, 'POST', '/prospects/P2/activities', sent)).status).toBe(201);
    expect(coins.state.journal.counts).toMatchObject({ activitiesStored: 2, activitiesRepeated: 1, activitiesDoubled: 0, activitiesByType: { 'email.sent': 2 } });
  });

  it('are refused when their external id was used for something else', async () => {
    await asHub(coins, 'POST', '/prospects/P1/activities', sent);
    const again = await asHub(coins, 'POST', '/prospects/P1/activities', { ...sent, at: '2026-01-02T10:00:00Z' });
    expect(again).toMatchObject({ status: 409, body: { field: 'externalId' } });
    expect(coins.state.journal.counts).toMatchObject({ activitiesStored: 1, activitiesConflicting: 1 });
  });

  it('that say the same under another external id are counted as doubled', async () => {
    await asHub(coins, 'POST', '/prospects/P1/activities', sent);
    expect((await asHub(coins, 'POST', '/prospects/P1/activities', { ...sent, externalId: 'a2' })).status).toBe(201);
    expect(coins.state.journal.counts).toMatchObject({ activitiesStored: 2, activitiesDoubled: 1 });
  });

  it('are of the fourteen types and no others', async () => {
    for (const [index, type] of ACTIVITY_TYPES.entries()) {
      expect((await asHub(coins, 'POST', '/prospects/P1/activities', { ...sent, type, externalId: `t${index}` })).status).toBe(201);
    }
    expect(ACTIVITY_TYPES).toHaveLength(14);
    for (const type of ['unsubscribed', 'email.unsubscribed', 'email.opened', 'EMAIL.SENT', '']) {
      expect(await asHub(coins, 'POST', '/prospects/P1/activities', { ...sent, type, externalId: 'x' })).toMatchObject({ status: 400, body: { field: 'type' } });
    }
  });

  it.each([
    ['at', { ...sent, at: '2026-01-01T10:00:00' }], ['externalId', { ...sent, externalId: '' }], ['description', { ...sent, description: 5 }],
    ['url', { ...sent, url: 'javascript:alert(1)' }], ['opens', { ...sent, opens: 1 }],
  ])('with a wrong %s are refused by its name', async (field, body) => {
    expect(await asHub(coins, 'POST', '/prospects/P1/activities', body)).toMatchObject({ status: 400, body: { field } });
    expect(coins.state.journal.counts.activitiesStored).toBe(0);
  });

  it('that name a campaign which Coins never sent are counted, and refused where the set-up is strict', async () => {
    await asHub(coins, 'POST', '/prospects/P1/activities', sent);
    expect(coins.state.journal.counts.activitiesOfUnknownCampaigns).toBe(1);
    await asOperator(coins, 'PUT', '/settings', { strictCampaigns: true });
    expect((await asHub(coins, 'POST', '/prospects/P2/activities', sent)).status).toBe(400);
    await asOperator(coins, 'POST', '/campaigns', { id: 'C-9' });
    expect((await asHub(coins, 'POST', '/prospects/P2/activities', sent)).status).toBe(201);
  });
});

describe('consents', () => {
  const change = { code: 'EMAIL_MKT', value: false, date: '2024-02-01T10:00:00Z', origin: 'spotler' };
  const patch = (body: unknown) => asHub(coins, 'PATCH', '/prospects/P1/consents', body);

  it('change the card, its stamp, and the count of flips', async () => {
    expect(await patch(change)).toMatchObject({ status: 200, body: { prospectId: 'P1', code: 'EMAIL_MKT', value: false, date: change.date } });
    expect(coins.state.cards.find('P1')?.lastModified).not.toBe(anna.lastModified);
    expect((await patch(change)).status).toBe(200);
    const { body } = await asOperator(coins, 'GET', '/journal');
    expect(body).toMatchObject({ counts: { permissionFlips: 1, permissionsRepeated: 1 }, flipsByProspect: { P1: { EMAIL_MKT: 1 } } });
  });

  it('that are older than the one held are ignored, and the answer says what is held', async () => {
    expect(await patch({ ...change, date: '2023-12-31T00:00:00Z' })).toMatchObject({ status: 200, body: { value: true, date: '2024-01-01T10:00:00Z' } });
    expect(coins.state.journal.counts).toMatchObject({ permissionFlips: 0, permissionsOutdated: 1 });
    expect(coins.state.cards.find('P1')).toEqual(anna);
  });

  it('at the same instant let the withdrawal win, in whatever order they come', async () => {
    expect(await patch({ ...change, date: '2024-01-01T11:00:00+01:00' })).toMatchObject({ body: { value: false } });
    expect(await patch({ ...change, value: true, date: '2024-01-01T10:00:00Z' })).toMatchObject({ body: { value: false } });
  });

  it('come in the place of never asked', async () => {
    await asOperator(coins, 'PUT', '/prospects/P1/consents', { code: 'SMS_MKT', value: false, date: null });
    expect(await patch({ ...change, code: 'SMS_MKT' })).toMatchObject({ body: { value: false, date: change.date } });
    expect(coins.state.journal.counts).toMatchObject({ permissionFlips: 0, permissionsRestated: 1 });
  });

  it.each([['code', { ...change, code: 'FAX_MKT' }], ['value', { ...change, value: 'no' }], ['date', { ...change, date: null }], ['origin', { ...change, origin: 'hub' }]])(
    'with a wrong %s are refused by its name', async (field, body) => {
      expect(await patch(body)).toMatchObject({ status: 400, body: { field } });
    });
});

describe('edits of a card', () => {
  const patch = (body: unknown) => asHub(coins, 'PATCH', '/prospects/P1', body);

  it('take the given fields and parts of the address, leave the others, and are counted per prospect', async () => {
    const answer = await patch({ surname: 'Ashwick', address: { town: 'Quernmouth' }, origin: 'spotler' });
    expect(answer).toMatchObject({ status: 200, body: { forename: 'Anna', surname: 'Ashwick', address: { ...anna.address, town: 'Quernmouth' } } });
    expect((await patch({ surname: 'Ashwick', origin: 'spotler' })).status).toBe(200);
    expect(coins.state.journal.report()).toMatchObject({ counts: { prospectPatches: 2, prospectPatchesUnchanged: 1 }, patchesByProspect: { P1: 1 } });
  });

  it.each([
    ['surname', { surname: 7 }], ['email', { email: 'no address' }], ['mobile', { mobile: 'ask' }], ['country', { address: { country: 'gb' } }],
    ['salesAdviser', { salesAdviser: 'XX' }], ['street', { address: { street: 'x' } }], ['prospect', {}], ['origin', { surname: 'A', origin: 'coins' }],
  ])('with a wrong %s are refused by its name and change nothing', async (field, body) => {
    expect(await patch({ origin: 'spotler', ...body })).toMatchObject({ status: 400, body: { field } });
    expect(coins.state.cards.find('P1')).toEqual(anna);
  });
});

describe('tasks', () => {
  const task = { externalId: 't1', assignee: 'JS', subject: 'Address bounced', dueDate: '2026-01-05' };

  it('are stored once', async () => {
    expect((await asHub(coins, 'POST', '/prospects/P1/tasks', task)).status).toBe(201);
    expect((await asHub(coins, 'POST', '/prospects/P1/tasks', task)).status).toBe(200);
    expect((await asHub(coins, 'POST', '/prospects/P1/tasks', { ...task, subject: 'Other' })).status).toBe(409);
    expect(coins.state.journal.counts).toMatchObject({ tasksStored: 1, tasksRepeated: 1, tasksConflicting: 1 });
  });

  it('are not found where the licence has none', async () => {
    await asOperator(coins, 'PUT', '/settings', { tasksLicensed: false });
    expect((await asHub(coins, 'POST', '/prospects/P1/tasks', task)).status).toBe(404);
  });
});

describe('merged and unknown prospects', () => {
  it('are 404; a merged one names the card that stays, through several merges, and its activities move along', async () => {
    await asHub(coins, 'POST', '/prospects/P1/activities', sent);
    await asOperator(coins, 'POST', '/prospects', { prospects: [{ ...anna, prospectId: 'P3' }] });
    await asOperator(coins, 'POST', '/merges', { from: ['P1'], into: 'P2' });
    await asOperator(coins, 'POST', '/merges', { from: ['P2'], into: 'P3' });
    for (const [method, path, body] of [
      ['GET', '/prospects/P1', undefined], ['POST', '/prospects/P1/activities', sent],
      ['PATCH', '/prospects/P1', { forename: 'A', origin: 'spotler' }],
      ['PATCH', '/prospects/P1/consents', { code: 'EMAIL_MKT', value: false, date: '2026-01-01T00:00:00Z', origin: 'spotler' }],
    ] as const) {
      expect(await asHub(coins, method, path, body)).toMatchObject({ status: 404, body: { mergedInto: 'P3' } });
    }
    expect((await asHub(coins, 'POST', '/prospects/P3/activities', sent)).status).toBe(200);
    expect(coins.state.journal.counts).toMatchObject({ callsToMerged: 4, activitiesStored: 1, activitiesRepeated: 1 });
    const unknown = await asHub(coins, 'GET', '/prospects/P99');
    expect(unknown.status).toBe(404);
    expect(unknown.body).not.toHaveProperty('mergedInto');
  });

  it('cannot be merged into themselves or into nobody', async () => {
    expect((await asOperator(coins, 'POST', '/merges', { from: ['P1'], into: 'P1' })).status).toBe(400);
    expect((await asOperator(coins, 'POST', '/merges', { from: ['P1'], into: 'P9' })).status).toBe(404);
    expect(coins.state.cards.size).toBe(2);
  });
});

describe('the list of prospects', () => {
  it('pages through everybody who changed since a time, oldest first, each once', async () => {
    const { prospects } = generateDataset({ seed: 3, prospects: 260, existingContacts: 0 });
    await asOperator(coins, 'POST', '/prospects', { prospects });
    const ids: string[] = [];
    for (let page = 1, pageCount = 1; page <= pageCount; page += 1) {
      const { body } = await asHub(coins, 'GET', `/prospects?modifiedSince=2024-06-02T00:00:00Z&page=${page}&pageSize=50`);
      const list = body as { prospects: Prospect[]; page: number; pageCount: number };
      expect(list.page).toBe(page);
      ({ pageCount } = list);
      ids.push(...list.prospects.map(({ prospectId }) => prospectId));
    }
    const readable = prospects.filter(({ lastModified }) => typeof lastModified === 'string').map(({ prospectId }) => prospectId);
    expect(ids.toSorted()).toEqual(['P2', ...readable].toSorted());
    expect(ids[0]).toBe('P2');
  });

  it('leaves merged prospects out, and shows the one that stays as changed', async () => {
    coins.state.merge('P1', 'P2');
    const { body } = await asHub(coins, 'GET', '/prospects?modifiedSince=2025-01-01');
    expect((body as { prospects: Prospect[] }).prospects.map(({ prospectId }) => prospectId)).toEqual(['P2']);
  });

  it.each(['modifiedSince=yesterday', 'page=0', 'page=x', 'pageSize=501', 'sort=name'])('refuses %s', async (query) => {
    expect((await asHub(coins, 'GET', `/prospects?${query}`)).status).toBe(400);
  });
});

describe('requests that are none', () => {
  it('are answered with a status and a message', async () => {
    expect((await asHub(coins, 'POST', '/prospects/P1/activities', '{')).status).toBe(400);
    expect((await asHub(coins, 'DELETE', '/prospects/P1')).status).toBe(405);
    expect((await asHub(coins, 'GET', '/plots')).status).toBe(404);
    expect((await asHub(coins, 'GET', '/prospects/%E0')).status).toBe(400);
    expect((await asHub(coins, 'POST', '/prospects/P1/activities', { ...sent, description: 'x'.repeat(1_100_000) })).status).toBe(413);
    const form = await fetch(`${coins.url}/api/v1/prospects/P1/activities`, { method: 'POST', body: 'a=1', headers: { authorization: `Bearer ${coins.token}` } });
    expect(form.status).toBe(415);
  });
});
