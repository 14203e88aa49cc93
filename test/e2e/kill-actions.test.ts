import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { addMailplus } from '../support/e2e-connectors.ts';
import { killAt, untilKilled } from '../support/e2e-kill.ts';
import { leaksOf } from '../support/e2e-leaks.ts';
import type { Program } from '../support/e2e-process.ts';
import { openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';

const random = createPrng(testSeed());
const size = 12;
/** Of every call, so that a kill finds calls under way. */
const slowMs = 120;
/** Of the call at which the process is killed: its effect is there, and it is under way for certain. */
const answerAfterMs = 60_000;
const emailOf = (number: number): string => `quillonkill${number}@people.example`;

interface Row extends Record<string, unknown> {
  readonly id: number;
  readonly externalId: string;
  readonly state: string;
  readonly code: string | null;
  readonly reason: string | null;
}

describe('SIGKILL while campaigns are started', () => {
  let world: E2eWorld;
  let worker: Program;

  beforeAll(async () => {
    const contacts = Array.from({ length: size }, (_, number) => ({ externalId: `OLD-${number}`, properties: { email: emailOf(number) }, created: '2023-01-01T00:00:00Z', lastChanged: '2024-01-01T00:00:00Z' }));
    world = await openE2eWorld({ contacts });
    worker = await world.hub.start('worker,gateway');
    await addMailplus(world.hub, world.mail);
    await world.mail.setLatency(slowMs);
  }, 90_000);
  afterAll(async () => world.close());

  it.each(['call-before-outcome'])('at %s: no cause has two effects, and a person is asked about each that may have had one', async (point) => {
    const faultPoint = `${point}:${1 + random.below(size - 1)}`;
    await worker.stop();
    worker = await world.hub.start('worker,gateway', faultPoint);
    await survives(point, () => untilKilled(worker, faultPoint));
  }, 120_000);

  it('at their number', async () => {
    const target = 1 + random.below(size - 1);
    const before = (await world.mail.starts()).total;
    await world.mail.fault({ action: 'slow', when: 'after', method: 'POST', path: '/campaign/trigger/*', skip: target - 1, count: 1, latencyMs: answerAfterMs });
    await survives('at a number', () => killAt(worker, async () => (await world.mail.starts()).total >= before + target, `${target} campaigns started`));
  }, 120_000);

  it('has put nothing personal and no secret into a workflow or a log', async () => {
    expect(await leaksOf(world, Array.from({ length: size }, (_, number) => emailOf(number)), [])).toEqual([]);
  });

  /** Asks for a campaign for everybody, and for the same once more after the kill; answers the questions that are left as Mail+ shows it. */
  async function survives(name: string, killed: () => Promise<void>): Promise<void> {
    const campaign = await world.mail.addCampaign(name);
    await Promise.all([askAll(name, campaign.trigger).catch(() => undefined), killed()]);
    worker = await world.hub.start('worker,gateway');
    await askAll(name, campaign.trigger);
    await world.hub.untilQuiet();
    const settled = await rowsOf(name);
    expect(settled).toHaveLength(size);
    const before = await effectsOf(campaign.id);
    for (const { state, code, reason, id, externalId } of settled) {
      const effects = before.get(externalId) ?? 0;
      if (state === 'done') {
        expect(effects).toBe(1);
        continue;
      }
      expect({ state, code, reason }).toEqual({ state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN', reason: expect.stringContaining(`action:mailplus-1:${id}`) });
      expect(effects).toBeLessThanOrEqual(1);
      const answer = await world.hub.api('POST', `/connectors/mailplus-1/failed/${effects === 1 ? 'skip' : 'retry'}`, { ids: [`action:mailplus-1:${id}`] });
      expect(answer.status).toBe(200);
    }
    expect(settled.some(({ state }) => state === 'parked')).toBe(true);
    await world.hub.untilQuiet();
    const after = await effectsOf(campaign.id);
    expect((await rowsOf(name)).map(({ externalId }) => after.get(externalId))).toEqual(settled.map(() => 1));
  }

  /** Errors: one of the calls is not answered, or not with 202. */
  async function askAll(name: string, trigger: string): Promise<void> {
    for (let number = 0; number < size; number += 1) {
      const { status } = await world.hub.api('POST', '/connectors/mailplus-1/actions', { kind: 'campaign.trigger', target: `id:OLD-${number}`, cause: `${name} ${number}`, payload: { trigger } });
      if (status !== 202) throw new Error(`An action was answered with ${status}.`);
    }
  }

  async function rowsOf(name: string): Promise<readonly Row[]> {
    return world.hub.rows<Row>(`select a.id::int id, l.external_id "externalId", a.state, a.code, a.reason from action a
      join link l on l.record_id = a.record_id and l.connector_id = a.connector_id where a.cause like $1 order by a.id`, [`asked/${name} %`]);
  }

  /** How often each contact was started in a campaign. */
  async function effectsOf(campaign: string): Promise<ReadonlyMap<string, number>> {
    const { perContact } = await world.mail.starts();
    return new Map(perContact.filter(({ target }) => target === campaign).map(({ externalIds, count }) => [Object.values(externalIds)[0] ?? '', count]));
  }
});
