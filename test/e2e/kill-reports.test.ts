import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { taskQueue, workflowTypes } from '../../workflows/ids.ts';
import { addMailplus } from '../support/e2e-connectors.ts';
import { isLate, killAt, tell, untilKilled } from '../support/e2e-kill.ts';
import type { Program } from '../support/e2e-process.ts';
import { openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';
import { waitFor } from '../support/wait-for.ts';

const random = createPrng(testSeed());
const recipients = 32_000;
const opened = 12_000;
/** Mailings of the day before are not looked at again while a test runs. */
const dayMs = 86_400_000;
/** Of every call, so that a kill at a number comes before the end. */
const slowMs = 150;
/** The largest pages that there are. */
const pageSize = 10_000;
const pages = { recipients: 4, opens: 2 };
/** Nothing passes it before there is a report. */
const faultPoint = `report-page:${1 + random.below(pages.recipients - 1)}`;

describe('SIGKILL in the middle of a report', () => {
  let world: E2eWorld;
  let worker: Program;

  beforeAll(async () => {
    world = await openE2eWorld();
    worker = await world.hub.start('worker,gateway', faultPoint);
    await addMailplus(world.hub, world.mail);
    expect((await world.hub.api('PATCH', '/connectors/mailplus-1', { settings: { reports: 'on' } })).status).toBe(200);
  }, 90_000);
  afterAll(async () => world.close());

  it('after some pages: it goes on behind the last one that was stored, and has each line once', async () => {
    await survives('killed after a page', () => untilKilled(worker, faultPoint), { asked: [pages.recipients, pages.opens] });
  }, 60_000);

  it('while a page comes or is stored: that page alone is read again', async () => {
    const target = 1 + random.below(pages.recipients - 2);
    await world.mail.setLatency(slowMs);
    await survives('killed at a number', (mailing) => killAt(worker, async () => (await linesOf(mailing, 'recipients')).lines >= target * pageSize, `${target} pages in the tables`), { atMost: [pages.recipients + 1, pages.opens] });
  }, 60_000);

  /** Pulls the report of a new mailing, restarts the hub once it is killed, and compares what is stored with what was sent. */
  async function survives(name: string, killed: (mailing: string) => Promise<void>, calls: { readonly asked: readonly number[] } | { readonly atMost: readonly number[] }): Promise<void> {
    const { hub, mail } = world;
    const [before, { encryptedId }] = [await callsMade(), await mail.sendMailing({ name, recipients: { generated: { count: recipients } }, opened: { count: opened }, sentAt: new Date(Date.now() - 2 * dayMs).toISOString() })];
    const pull = await hub.client.workflow.start(workflowTypes.pullReports, { workflowId: `reports/${encryptedId}`, taskQueue, args: [{ connectorId: 'mailplus-1' }] });
    await killed(encryptedId);
    const stored = await linesOf(encryptedId, 'recipients');
    expect(stored.lines).toBeGreaterThan(0);
    expect(stored.lines === recipients ? 0 : stored.lines % pageSize).toBe(0);
    worker = await hub.start('worker,gateway');
    const since = (at: number): number => Math.round(at - worker.spawnedAt);
    await waitFor(async () => (await linesOf(encryptedId, 'recipients')).lines > stored.lines || (await pull.describe()).status.name !== 'RUNNING', { timeoutMs: 30_000, message: 'the report to go on' });
    const goingOnMs = since(performance.now());
    expect(await pull.result()).toMatchObject({ mailings: 1 });
    const recovery = { startMs: since(worker.readyAt), goingOnMs, quietMs: since(performance.now()) };
    tell(name, recovery);
    expect(isLate(recovery)).toBe(false);
    expect(await linesOf(encryptedId, 'recipients')).toEqual({ lines: recipients, contacts: recipients, counted: recipients });
    expect(await linesOf(encryptedId, 'opens')).toEqual({ lines: opened, contacts: opened, counted: opened });
    const made = (await callsMade()).map((count, index) => count - (before[index] ?? 0));
    if ('asked' in calls) expect(made).toEqual(calls.asked);
    else for (const [index, count] of made.entries()) expect(count).toBeLessThanOrEqual(calls.atMost[index] ?? 0);
  }

  const callsMade = (): Promise<number[]> => Promise.all(['recipients', 'opens'].map((list) => world.mail.calls(`GET /mailing/{encryptedMailingId}/${list}`)));
  const linesOf = (mailing: string, list: 'recipients' | 'opens') => world.hub.row<{ lines: number; contacts: number; counted: number }>(`
    select count(*)::int lines, count(distinct e.contact_id)::int contacts, coalesce(max(l.lines), 0) counted from report_event e
    join report_mailing m on m.id = e.mailing_id join report_list l on l.mailing_id = e.mailing_id and l.list = e.list where m.external_id = $1 and e.list = $2`, [mailing, list]);
});
