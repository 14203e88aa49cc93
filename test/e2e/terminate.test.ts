import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { addByCommand, hubCommand, pullNow, untilLive } from '../support/e2e-connectors.ts';
import { readIn } from '../support/e2e-kill.ts';
import { leaksOf, namesOf } from '../support/e2e-leaks.ts';
import { listSender, type ListSender } from '../support/e2e-lists.ts';
import { addressOf, cardsOf, wrongAbout } from '../support/e2e-people.ts';
import { openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';
import { waitFor } from '../support/wait-for.ts';
import { withServer, type LocalServer } from '../support/with-server.ts';

const random = createPrng(testSeed());
const size = 130;
const imported = 120;
const slowMs = 100;

describe('a hub whose workflows are terminated by an operator, with Coins and Mail+ at other base URLs', () => {
  let world: E2eWorld;
  let proxy: LocalServer;
  let proxied = 0;
  let lists: ListSender;
  let token: string;

  beforeAll(async () => {
    const contacts = cardsOf('m', imported).map(({ email }, index) => ({ externalId: `OLD-${index}`, properties: { email }, created: '2023-01-01T00:00:00Z', lastChanged: new Date(Date.UTC(2023, index % 36, 2)).toISOString() }));
    world = await openE2eWorld({ contacts, variables: { HUB_LIST_SYNC_PARK_AFTER_MS: '2000' } });
    proxy = await coinsBehind('/erp/house-sales');
    const { hub, mail, coins } = world;
    await hub.start('worker,gateway');
    await mail.setLatency(slowMs);
    await addByCommand(hub, 'mailplus', mail, { baseUrl: mail.url.replace('127.0.0.1', 'localhost').replace('/integrationservice', '/integrationservice-1.1.0'), pullIntervalMs: 3_600_000 });
    await terminateFirstImport();
    token = await addByCommand(hub, 'coins', coins, { baseUrl: `${proxy.url}/erp/house-sales/`, pullIntervalMs: 3_600_000 });
    await untilLive(hub, 'coins-1');
    lists = listSender(world, token);
  }, 90_000);

  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  it('starts the first import again where it was', async () => {
    expect(await readIn(world.hub)).toBe(imported);
    expect((await world.mail.effects()).totals).toMatchObject({ changingUpserts: 0, identicalUpserts: 0 });
  });

  it('delivers everything once when the delivery is terminated in the middle', async () => {
    const target = 1 + random.below(size);
    const before = (await world.mail.effects()).totals.contactsCreated;
    await lists.surviving(size, async () => {
      await waitFor(async () => (await world.mail.effects()).totals.contactsCreated >= before + target, { message: `${target} contacts in Mail+` });
      await terminate('deliver/mailplus-1');
    });
  }, 120_000);

  it('applies everything once when the sync is terminated in the middle', async () => {
    const { hub } = world;
    const applied = async (): Promise<number> => (await hub.row<{ count: number }>('select count(*)::int count from inbox where state = \'applied\'')).count;
    const before = await applied();
    await lists.surviving(size, async () => {
      await waitFor(async () => (await applied()) > before, { message: 'a page to be applied' });
      await terminate('sync/coins-1');
    });
  }, 120_000);

  it('brings terminated lifecycles back, which take commands as before', async () => {
    const { hub } = world;
    await terminate('connector/coins-1', 'connector/mailplus-1');
    await waitFor(async () => (await statusOf('connector/mailplus-1')) === 'RUNNING', { message: 'the lifecycle of Mail+ to run' });
    const paused = await hubCommand<{ message: string }>(hub, ['pause', 'mailplus-1']);
    expect(paused.message).toContain('is paused');
    const cards = cardsOf('paused', 10);
    await world.coins.put(cards);
    await lists.send(cards.map(({ prospectId }) => prospectId));
    await waitFor(async () => (await hub.pending())['inbox'] === undefined, { message: 'the inbox to be empty' });
    expect((await world.mail.contacts()).filter(({ email }) => email === addressOf('paused0'))).toEqual([]);
    await hubCommand(hub, ['resume', 'mailplus-1']);
    await hub.untilQuiet();
    expect(wrongAbout('paused', 10, await world.mail.contacts())).toEqual([]);
  }, 120_000);

  it('parks a list whose last page never comes, names what is missing, and completes it when it comes', async () => {
    const { hub, coins, mail } = world;
    const cards = cardsOf('park', 50);
    await coins.put(cards);
    const order = { hubUrl: hub.gatewayUrl, connectorId: 'coins-1', token, listId: 'PARK', name: 'Never whole', prospectIds: cards.map(({ prospectId }) => prospectId), pageSize: 20 };
    const syncId = await coins.startListSync({ ...order, missingPages: [3] });
    await coins.listSyncDone(syncId);
    const parked = await waitFor(async () => {
      await sweep();
      const { items } = await hubCommand<{ items: readonly { readonly kind: string; readonly message: string }[] }>(hub, ['failed', 'list']);
      return items.find(({ kind }) => kind === 'list');
    }, { message: 'the list to be parked', timeoutMs: 20_000 });
    expect(parked.message).toContain('missing pages: 3 of 3');
    await hub.untilQuiet();
    expect(wrongAbout('park', 40, await mail.contacts())).toEqual([]);
    expect((await mail.lists()).filter(({ name }) => name.startsWith('Never whole'))).toEqual([]);
    await coins.sendPages(syncId, [3]);
    await hub.untilQuiet();
    const [list, ...others] = (await mail.lists()).filter(({ name }) => name.startsWith('Never whole'));
    expect([list?.members.length, others.length]).toEqual([50, 0]);
    expect(wrongAbout('park', 50, await mail.contacts())).toEqual([]);
  }, 120_000);

  it('speaks to Coins only where it is told to, and follows when that changes', async () => {
    const { hub, coins, mail } = world;
    await mail.edit({ email: addressOf('park0') }, { firstName: 'Quenby' });
    await pullNow(hub, 'mailplus-1', 'contacts');
    await waitFor(async () => (await coins.card('park0')).prospect.forename === 'Quenby', { message: 'the edit in Coins' });
    await hub.untilQuiet();
    expect((await coins.journal()).counts.requests).toBe(proxied);
    const before = proxied;
    await hubCommand(hub, ['connector', 'set', 'coins-1', '--set', `baseUrl=${coins.url}`]);
    await mail.edit({ email: addressOf('park1') }, { firstName: 'Rowena' });
    await pullNow(hub, 'mailplus-1', 'contacts');
    await waitFor(async () => (await coins.card('park1')).prospect.forename === 'Rowena', { message: 'the edit in Coins at its new address' });
    expect(proxied).toBe(before);
  }, 120_000);

  it('has put nothing personal and no secret into a workflow or a log', async () => {
    expect(await leaksOf(world, namesOf(cardsOf('any', 1)), [token])).toEqual([]);
  });

  async function terminateFirstImport(): Promise<void> {
    const { hub } = world;
    const target = 1 + random.below(imported / 2);
    await waitFor(async () => (await readIn(hub)) >= target, { message: `${target} contacts read in` });
    await terminate('backfill/mailplus-1/all');
    await untilLive(hub, 'mailplus-1');
  }

  /** As an operator does it in the user interface; then a sweep comes by. */
  async function terminate(...workflowIds: readonly string[]): Promise<void> {
    for (const id of workflowIds) await world.hub.client.workflow.getHandle(id).terminate('by an operator');
    await sweep();
  }

  async function sweep(): Promise<void> {
    await world.hub.client.workflow.execute('sweep', { workflowId: 'sweep/by-hand', taskQueue: 'hub' });
  }

  async function statusOf(workflowId: string): Promise<string> {
    return (await world.hub.client.workflow.getHandle(workflowId).describe()).status.name;
  }

  /** A Coins below a path of its own, as behind a gateway of the customer's. */
  function coinsBehind(prefix: string): Promise<LocalServer> {
    const target = new URL(world.coins.url);
    return withServer((incoming, outgoing) => {
      proxied += 1;
      if (incoming.url?.startsWith(`${prefix}/api/`) !== true) return void outgoing.writeHead(404).end();
      const onward = request({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url.slice(prefix.length), headers: { ...incoming.headers, host: target.host } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.once('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }
});
