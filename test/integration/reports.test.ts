import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { guardPlatforms } from '../../activities/guard-platforms.ts';
import type { Ladder } from '../../activities/ladder.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { PlatformContext } from '../../platforms/platform.ts';
import type { ReportRequest } from '../../platforms/reports-mailings.ts';
import { mailplusContext } from '../platforms/mailplus-context.ts';
import { openReportWorld, setMailplus, type ReportWorld } from '../support/report-world.ts';

let w: ReportWorld;
beforeEach(async () => {
  w = await openReportWorld();
  w.mail.state.seedContacts(['1', '2', '3'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
});
afterEach(() => w.close());

const hour = 3_600_000;
const day = 24 * hour;
const lists = ['recipients', 'opens', 'clicks', 'bounces'] as const;
const mailingOf = (externalId: string) => w.db.selectFrom('report_mailing').selectAll().where('external_id', '=', externalId).executeTakeFirstOrThrow();
const path = (name: string, kind = 'mailing') => `GET /${kind}/{encryptedMailingId}/${name}`;
const callsOf = (kind = 'mailing') => lists.map((name) => w.calls(path(name, kind)));
const counts = async (mailing: string) => Promise.all(lists.map((list) => w.count(mailing, list)));

/** A mailing of an hour ago to three people: two opens, a click, a bounce. */
function send(more: object = {}): string {
  const { encryptedId } = w.mail.state.sendMailing({
    name: 'Spring', recipients: { externalIds: ['1', '2', '3'] }, opened: { externalIds: ['1', '2'] }, clicked: { externalIds: ['2'] }, bounced: { externalIds: ['3'] },
    sentAt: new Date(Date.now() - hour).toISOString(), ...more,
  });
  return encryptedId;
}

describe('the reports of a mailing', () => {
  it('are in the tables after a pull, with what Mail+ counts, and one call for each list', async () => {
    const id = send();
    expect(await w.read()).toMatchObject({ rows: 7, mailings: 1, more: false });
    expect(await mailingOf(id)).toMatchObject({
      kind: 'mailing', name: 'Spring', channel: 'email', subject: 'Spring', target_group: 'Selection', links: [{ id: 1, name: 'Website' }], code: null,
      statistics: { sentCount: 3, acceptedCount: 2, openCount: 2, clickCount: 1, hardbounceCount: 1, softbounceCount: 0 }, sent_count: 3,
    });
    expect(await counts(id)).toEqual([3, 2, 1, 1]);
    expect([...callsOf(), w.calls(path('statistics')), w.calls('GET /mailing/{encryptedMailingId}')]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([w.calls('GET /campaign/list'), w.calls('GET /trend-report')]).toEqual([1, 1]);
  });

  it('ask for the counts only while nothing changed, and for that list of which there is more', async () => {
    const id = send();
    await w.read();
    w.forget();
    w.later(hour);
    await w.read();
    expect([...callsOf(), w.calls(path('statistics')), w.calls('GET /mailing/{encryptedMailingId}')]).toEqual([0, 0, 0, 0, 1, 0]);
    w.mail.state.recordInteraction(id, { contact: { externalId: '1' }, kind: 'clicked' });
    w.later(hour);
    await w.read();
    expect(callsOf()).toEqual([0, 0, 1, 0]);
    expect(await counts(id)).toEqual([3, 2, 2, 1]);
  });

  it('become rarer with the age of the mailing, are read whole once more at the end, and then never again', async () => {
    const id = send();
    await w.read();
    w.later(10 * day);
    await w.read();
    w.forget();
    w.later(2 * hour);
    await w.read();
    expect(w.calls(path('statistics'))).toBe(0);
    w.mail.state.recordInteraction(id, { contact: { externalId: '1' }, kind: 'opened' });
    w.later(20 * day);
    await w.read();
    expect(callsOf()).toEqual([1, 1, 1, 1]);
    expect(await counts(id)).toEqual([3, 3, 1, 1]);
    expect(await mailingOf(id)).toMatchObject({ due_at: null });
    w.forget();
    w.later(40 * day);
    expect(await w.read()).toMatchObject({ mailings: 0 });
    expect(w.calls(path('statistics'))).toBe(0);
  });

  it('of before are left out unless the setting reaches back to them, and are read once', async () => {
    const [recent, old, ancient] = [send(), send({ sentAt: '2025-05-01T10:00:00Z' }), send({ sentAt: '2009-05-01T10:00:00Z' })];
    const known = async () => (await w.db.selectFrom('report_mailing').select('external_id').orderBy('id').execute()).map(({ external_id }) => external_id);
    await w.read();
    expect(await known()).toEqual([recent]);
    await setMailplus(w.db, { reportsFrom: '2025-01-01' });
    await w.read();
    expect([await known(), await counts(old)]).toEqual([[recent, old], [3, 2, 1, 1]]);
    expect(await mailingOf(old)).toMatchObject({ due_at: null });
    w.forget();
    await setMailplus(w.db, { reportsFrom: null });
    w.later(hour);
    await w.read();
    expect([await known(), w.calls('GET /mailing')]).toEqual([[recent, old], 1]);
    expect(await known()).not.toContain(ancient);
  });

  it('leave out lists of which Mail+ counts nothing', async () => {
    send({ type: 'SMS', opened: undefined, clicked: undefined });
    w.mail.state.seedContacts([{ externalId: '9', properties: { email: '9@example.com' } }]);
    await w.read();
    expect(callsOf()).toEqual([1, 0, 0, 1]);
  });

  it('hold ids and no address, and follow a contact to its new external id', async () => {
    w.mail.state.seedContacts([{ properties: { email: 'stranger@example.com' } }]);
    const id = send({ recipients: { emails: ['stranger@example.com', '1@example.com'] }, opened: { emails: ['stranger@example.com'] }, clicked: undefined, bounced: undefined });
    await w.read();
    const contacts = () => w.db.selectFrom('report_contact').select(['contact_key', 'external_id']).orderBy('external_id').execute();
    expect(await contacts()).toEqual([{ contact_key: expect.stringMatching(/^\w{15}$/), external_id: '1' }, { contact_key: expect.stringMatching(/^\w{15}$/), external_id: null }]);
    const context = mailplusContext(w.mail.url);
    await mailplus.runOperation(context, 'contact.insert', { body: { update: true, contact: { externalId: '77', properties: { email: 'stranger@example.com' } } } });
    w.mail.state.recordInteraction(id, { contact: { externalId: '1' }, kind: 'opened' });
    w.later(hour);
    await w.read();
    expect((await contacts()).map(({ external_id }) => external_id)).toEqual(['1', '77']);
    for (const table of ['report_mailing', 'report_list', 'report_contact', 'report_event', 'report_state', 'trend_report']) {
      const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(w.db);
      expect(rows.filter(({ text }) => text.includes('@'))).toEqual([]);
    }
  });
});

describe('a long list', () => {
  const generated = { name: 'Large', recipients: { generated: { count: 25_000 } }, opened: undefined, clicked: undefined, bounced: undefined };

  it('goes on after a kill where the last stored page ended, and has every line once', async () => {
    await w.close();
    let left = 2;
    w = await openReportWorld({
      faultPoint: async (name) => {
        if (name === 'report-page' && (left -= 1) === 0) throw new Error('killed');
      },
    });
    const id = send(generated);
    await expect(w.read()).rejects.toThrow('killed');
    expect(await w.count(id, 'recipients')).toBe(20_000);
    await w.read();
    expect(await w.count(id, 'recipients')).toBe(25_000);
    expect(w.calls(path('recipients'))).toBe(3);
  });

  it('goes on in the next time box, and no page is asked for twice', async () => {
    await w.close();
    w = await openReportWorld({ settings: { retryLadderMs: [50], timeBoxMs: -1, callTimeoutMs: 5_000, pullMarginMs: 0, pullOverlapMs: 1_000, lookAheadMaxAgeMs: 60_000, listSyncParkAfterMs: 3_600_000 } });
    await setMailplus(w.db, { reportsFrom: '2026-01-01' });
    const [old, id] = [send({ ...generated, sentAt: new Date(Date.now() - 90 * day).toISOString() }), send(generated)];
    let progress = await w.read();
    for (let boxes = 0; progress.more; boxes += 1) {
      expect(boxes).toBeLessThan(12);
      progress = await w.read(progress.startedAt);
    }
    expect([await w.count(id, 'recipients'), await w.count(old, 'recipients')]).toEqual([25_000, 25_000]);
    expect(w.calls(path('recipients'))).toBe(6);
    expect(w.calls('GET /mailing')).toBeLessThan(70);
  });
});

describe('the memory of a long list', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const mebibyte = 1_048_576;

  it('is that of one page, however many there are', async () => {
    await w.close();
    const heldMebibytes: number[] = [];
    w = await openReportWorld({
      faultPoint: async (name) => {
        if (name !== 'report-page') return;
        for (let round = 0; round < 2; round += 1) {
          collectGarbage();
          await new Promise((resolve) => setImmediate(resolve));
        }
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        heldMebibytes.push((heapUsed + arrayBuffers) / mebibyte);
      },
    });
    const id = send({ name: 'Large', recipients: { generated: { count: 50_000 } }, opened: undefined, clicked: undefined, bounced: undefined });
    await w.read();
    expect([await w.count(id, 'recipients'), heldMebibytes.length]).toEqual([50_000, 5]);
    const [, second = 0] = heldMebibytes;
    process.stdout.write(`held after each page, MiB: ${heldMebibytes.map((held) => held.toFixed(1)).join(', ')}\n`);
    expect(Math.max(...heldMebibytes) - second).toBeLessThan(2);
  });
});

describe('the pages of a long list', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  it('are let go one by one: nothing holds a page any more when the next one is asked for', async () => {
    await w.close();
    const alive: boolean[] = [];
    const ladder: Ladder = { mayCall: () => Promise.resolve(), succeeded: () => Promise.resolve(), completed: () => Promise.resolve(), failed: () => Promise.reject(new Error('no call fails here')) };
    w = await openReportWorld({ platforms: guardPlatforms({ mailplus: { ...mailplus, reports: { ...mailplus.reports, pages: watched } } }, ladder) });
    const id = send({ name: 'Large', recipients: { generated: { count: 35_000 } }, opened: undefined, clicked: undefined, bounced: undefined });
    await w.read();
    expect(await w.count(id, 'recipients')).toBe(35_000);
    expect(alive).toEqual([false, false, false, false]);

    /** Looks, before each call, whether the page before can be collected. */
    function watched(context: PlatformContext, request: ReportRequest): ReturnType<typeof mailplus.reports.pages> {
      let last: WeakRef<object> | undefined;
      const acquire = async (cost: number): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        collectGarbage();
        alive.push(last?.deref() !== undefined);
        return context.acquire(cost);
      };
      const pages = mailplus.reports.pages({ ...context, acquire }, request);
      const next = pages.next.bind(pages);
      return Object.assign(pages, {
        next: async () => {
          const step = await next();
          if (step.done !== true) last = new WeakRef(step.value.rows);
          return step;
        },
      });
    }
  });
});

describe('messages of campaigns', () => {
  async function start(...people: readonly string[]): Promise<{ readonly mailing: string; readonly trigger: string }> {
    const campaign = w.mail.state.starts.addCampaign({ name: 'Welcome' });
    const [trigger, mailing] = [campaign.triggers[0]?.encryptedId ?? '', campaign.mailings[0]?.encryptedId ?? ''];
    for (const externalContactId of people) await runTrigger(trigger, externalContactId);
    return { mailing, trigger };
  }
  const runTrigger = (encryptedTriggerId: string, externalContactId: string) => mailplus.runOperation(mailplusContext(w.mail.url), 'campaign.trigger', { encryptedTriggerId, body: { externalContactId } });

  it('are found by their campaigns, and later only what is new is asked for', async () => {
    const { mailing, trigger } = await start('1', '2');
    w.mail.state.reports.sendCampaignMailing(mailing, { opened: { externalIds: ['1'] } });
    w.later(hour);
    expect(await w.read()).toMatchObject({ rows: 3 });
    expect(await mailingOf(mailing)).toMatchObject({ kind: 'campaign', campaign_name: 'Welcome', is_active: true, statistics: null });
    w.later(2 * day);
    expect(await w.read()).toMatchObject({ mailings: 1 });
    await runTrigger(trigger, '3');
    w.mail.state.reports.sendCampaignMailing(mailing, { contact: { externalId: '3' } });
    w.later(3 * hour);
    expect(await w.read()).toMatchObject({ rows: 1 });
    expect(await counts(mailing)).toEqual([3, 1, 0, 0]);
    expect(callsOf('campaign-mailing')).toEqual([3, 3, 3, 3]);
  });

  it('stay due while their campaign is active', async () => {
    const { mailing } = await start('1');
    for (let look = 0; look < 3; look += 1) {
      await w.read();
      w.later(60 * day);
    }
    expect((await mailingOf(mailing)).due_at).not.toBeNull();
  });
});

describe('what is wrong with reports', () => {
  it('is noted at the mailing that it is about, and the others go on', async () => {
    const [gone, fine] = [send({ name: 'Gone' }), send({ name: 'Fine' })];
    w.mail.state.addFault({ action: 'status', status: 404, body: '{"errorType":"MAILING_NOTFOUND","message":"Mailing not found"}', contentType: 'application/json', path: `/mailing/${gone}/clicks` });
    expect(await w.read()).toMatchObject({ more: false, mailings: 2 });
    expect(await mailingOf(gone)).toMatchObject({ code: 'RECORD_GONE', reason: expect.stringContaining('MAILING_NOTFOUND') });
    expect(await mailingOf(fine)).toMatchObject({ code: null });
    expect([await counts(gone), await counts(fine)]).toEqual([[3, 2, 0, 1], [3, 2, 1, 1]]);
  });

  it('is asked for again a day later, also at the last look unless it is a refusal', async () => {
    await setMailplus(w.db, { reportsFrom: '2025-01-01' });
    const [gone, odd] = ['Gone', 'Odd'].map((name) => send({ name, sentAt: '2025-05-01T10:00:00Z' }));
    w.mail.state.addFault({ action: 'status', status: 404, body: '{"errorType":"MAILING_NOTFOUND","message":"Mailing not found"}', contentType: 'application/json', path: `/mailing/${gone}/clicks` });
    w.mail.state.addFault({ action: 'status', status: 200, body: '{"news":"maintenance"}', contentType: 'application/json', path: `/mailing/${odd}/clicks`, count: 1 });
    await w.read();
    expect([await mailingOf(gone ?? ''), await mailingOf(odd ?? '')]).toMatchObject([{ code: 'RECORD_GONE', due_at: null }, { code: 'PLATFORM_ANSWER_INVALID', due_at: expect.any(String) }]);
    w.later(25 * hour);
    await w.read();
    expect(await mailingOf(odd ?? '')).toMatchObject({ code: null, due_at: null });
    expect(await counts(odd ?? '')).toEqual([3, 2, 1, 1]);
  });

  it('ends the pull where the licence has none, says so, and is over when it has', async () => {
    send();
    const fault = w.mail.state.addFault({ action: 'status', status: 403, path: '/mailing' });
    expect(await w.read()).toMatchObject({ rows: 0, more: false, waiting: expect.stringContaining('no reports') });
    const state = () => w.db.selectFrom('report_state').select(['code', 'reason', 'read_at']).executeTakeFirstOrThrow();
    expect(await state()).toMatchObject({ code: 'PLATFORM_NOT_LICENSED', reason: expect.stringContaining('reports=off') });
    w.mail.state.removeFault(fault.id);
    await w.read();
    expect(await state()).toMatchObject({ code: null, read_at: expect.any(String) });
  });

  it('is thrown when it is the connection, and nothing is lost', async () => {
    const id = send();
    const fault = w.mail.state.addFault({ action: 'html500', path: '/mailing/*/opens' });
    await expect(w.read()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    w.mail.state.removeFault(fault.id);
    await w.read();
    expect(await counts(id)).toEqual([3, 2, 1, 1]);
  });

  it('is nothing where they are switched off: no call is made', async () => {
    await setMailplus(w.db, { reports: 'off' });
    send();
    expect(await w.read()).toMatchObject({ waiting: 'reports are switched off' });
    expect(w.calls('GET /mailing')).toBe(0);
  });
});

it('trend reports are kept without the addresses that they go to', async () => {
  const { id } = w.mail.state.reports.addTrendReport({ name: 'Newsletter', reportEmails: ['boss@example.com'] });
  send({ trendReportId: id });
  await w.read();
  expect(await w.db.selectFrom('trend_report').selectAll().executeTakeFirstOrThrow()).toMatchObject({ id, name: 'Newsletter', enabled: true, target: 'B2B', content_type: 'MARKETING', mailing_count: 1 });
});
