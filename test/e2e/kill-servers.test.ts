import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import type { ServerControl } from '../../embedded/restartable.ts';
import { isLate, outsideProgress, recover, tell, type Recovery } from '../support/e2e-kill.ts';
import { leaksOf, namesOf } from '../support/e2e-leaks.ts';
import { listSender, type ListSender } from '../support/e2e-lists.ts';
import { cardsOf } from '../support/e2e-people.ts';
import type { Program } from '../support/e2e-process.ts';
import { startServerPair, type ServerPair } from '../support/e2e-server-pair.ts';
import { connectBoth, openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';
import { waitFor } from '../support/wait-for.ts';

const random = createPrng(testSeed());
const size = 130;
const slowMs = 120;

describe('SIGKILL of the servers', () => {
  let pair: ServerPair;
  let world: E2eWorld;
  let hub: Program;
  let token: string;
  let lists: ListSender;
  const recoveries: (Recovery & { readonly what: string })[] = [];

  beforeAll(async () => {
    pair = await startServerPair();
    world = await openE2eWorld({ place: pair.place });
    hub = await world.hub.start('worker,gateway');
    ({ token } = await connectBoth(world));
    lists = listSender(world, token);
    await world.mail.setLatency(slowMs);
  }, 90_000);

  afterAll(async () => {
    await world.close();
    await pair.close();
  });

  it('PostgreSQL, after a contact is stored in Mail+', async () => {
    await afterContact('PostgreSQL', pair.postgres);
  }, 120_000);

  it('PostgreSQL, while pages of a list come in', async () => {
    await whileAccepting('PostgreSQL', pair.postgres);
  }, 120_000);

  it('Temporal, after a contact is stored in Mail+', async () => {
    await afterContact('Temporal', pair.temporal);
  }, 120_000);

  it('Temporal, while pages of a list come in', async () => {
    await whileAccepting('Temporal', pair.temporal);
  }, 120_000);

  it('leaves the process of the hub running, which goes on within ten seconds of each restart', () => {
    expect(hub.hasEnded()).toBe(false);
    expect(recoveries.filter(isLate)).toEqual([]);
  });

  it('has put nothing personal and no secret into a workflow or a log', async () => {
    expect(await leaksOf(world, namesOf(cardsOf('any', 1)), [token])).toEqual([]);
  });

  async function afterContact(name: string, server: ServerControl): Promise<void> {
    const target = 1 + random.below(size);
    const before = (await world.mail.effects()).totals.contactsCreated;
    await lists.surviving(size, () => killAndRestart(`of ${name} after ${target} contacts`, server, async () => (await world.mail.effects()).totals.contactsCreated >= before + target));
  }

  async function whileAccepting(name: string, server: ServerControl): Promise<void> {
    const target = 1 + random.below(3);
    const accepted = async (): Promise<number> => (await world.hub.row<{ count: number }>('select count(*)::int count from inbox')).count;
    const before = await accepted();
    await lists.surviving(size, () => killAndRestart(`of ${name} after ${target} pages`, server, async () => (await accepted()) >= before + target));
  }

  async function killAndRestart(what: string, server: ServerControl, reached: () => Promise<boolean>): Promise<void> {
    await waitFor(reached, { timeoutMs: 15_000, message: `the moment to kill, ${what}` });
    await server.kill();
    const recovery = await recover(world.hub, () => outsideProgress(world), async () => {
      const beganAt = performance.now();
      await server.restart();
      return { beganAt, answeredAt: performance.now() };
    });
    recoveries.push({ what, ...recovery });
    tell(what, recovery);
  }
});
