import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { startRawServer, type RawServer } from '../platforms/raw-server.ts';
import { hubCommand, untilLive } from '../support/e2e-connectors.ts';
import { demandJson } from '../support/e2e-control.ts';
import { prepareHub, type E2eHub } from '../support/e2e-hub.ts';
import { killAt, untilKilled } from '../support/e2e-kill.ts';
import type { Program } from '../support/e2e-process.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createTestNamespace } from '../support/test-namespace.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';
import { testSeed } from '../support/test-seed.ts';
import { waitFor } from '../support/wait-for.ts';

interface Entry { readonly id: string; readonly externalId: string; readonly data: { readonly sku: string; readonly name: string } }
type Behave = (response: ServerResponse, store: () => void) => void;

const random = createPrng(testSeed());
const secret = 'a-secret-of-two';
/** More than two calls. */
const size = 250;
const skus = Array.from({ length: size }, (_, number) => `SKU-${number}`);
/** Of each answer, so that a kill finds a call under way. */
const slowMs = 100;

const calm: Behave = (response, store) => {
  store();
  response.writeHead(204).end();
};
const slow: Behave = (response, store) => void setTimeout(() => calm(response, store), slowMs);
const fails: Behave = (response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oh</h1>');
const resets: Behave = (response) => void response.destroy();
const resetsAfterStoring: Behave = (response, store) => {
  store();
  response.destroy();
};
const hangs: Behave = () => undefined;

describe('SIGKILL of the worker while a custom system is called', () => {
  const directory = temporaryDirectory('kill-webhook');
  let hub: E2eHub;
  let worker: Program;
  let receiver: RawServer;
  let token: string;
  let close: () => Promise<void>;
  let round = 0;
  let forged = 0;
  /** What the system does with the next call, the next but one, …; calm behind the last. Until then a ping fails. */
  let behaviours: Behave[] = [];
  let always: Behave = calm;
  /** Calls that came in, by `webhook-id`, with the bodies that came with it. */
  let calls = new Map<string, string[]>();
  /** Entries in the order in which they were stored: once each, as the documentation asks of a receiver. */
  let stored = new Map<string, Entry>();

  beforeAll(async () => {
    receiver = await startRawServer(({ headers, body }, response) => {
      const id = String(headers['webhook-id']);
      const expected = `v1,${createHmac('sha256', secret).update(`${id}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64')}`;
      if (headers['webhook-signature'] !== expected) forged += 1;
      const { type, entries = [] } = JSON.parse(body) as { readonly type: string; readonly entries?: readonly Entry[] };
      if (type === 'ping') return (behaviours.length === 0 ? calm : fails)(response, () => undefined);
      calls.set(id, [...calls.get(id) ?? [], body]);
      return (behaviours.shift() ?? always)(response, () => entries.forEach((entry) => stored.has(entry.id) || stored.set(entry.id, entry)));
    });
    const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
    hub = await prepareHub({ databaseUrl: database.url, temporalAddress: temporal.address, namespace: temporal.namespace }, directory, { HUB_RETRY_LADDER_MS: '250,500,500,500,1000,1000,2000' });
    close = async () => {
      await hub.close();
      await Promise.all([temporal.close(), database.drop(), receiver.close()]);
      removeDirectory(directory);
    };
    [worker] = await Promise.all([hub.start('worker'), hub.start('gateway')]);
    await hubCommand(hub, ['connector', 'add', 'custom', '--id', 'mail-1', '--set', 'class=marketing-automation', '--set', `webhookUrl=${receiver.url}/hub`, '--preset', 'marketing-automation'], { HUB_CREDENTIAL_WEBHOOK_SECRET: secret });
    ({ sourceToken: token } = await hubCommand<{ sourceToken: string }>(hub, ['connector', 'add', 'custom', '--id', 'shop-1', '--set', 'class=sales-channel', '--preset', 'e-commerce-with-marketing-automation']));
    for (const id of ['shop-1', 'mail-1']) {
      for (const type of dataTypes) await hub.api('POST', `/connectors/${id}/import/${type}/complete`, {});
      await untilLive(hub, id);
    }
  }, 60_000);
  afterAll(() => close());
  afterEach(() => {
    [behaviours, always, calls, stored] = [[], calm, new Map(), new Map()];
  });

  /** Every one of these products gets a new name, with the number of the round in it. */
  async function pushRound(which: readonly string[] = skus): Promise<void> {
    round += 1;
    const records = which.map((sku) => ({ externalId: sku, sku, name: `Mug ${round}` }));
    await demandJson('POST', `${hub.gatewayUrl}/inbound/custom/shop-1/products`, records, { authorization: `Bearer ${token}` });
  }

  const roundOf = ({ data }: Entry): number => Number(data.name.slice('Mug '.length));
  const storedOf = (sku: string): number[] => [...stored.values()].filter(({ data }) => data.sku === sku).map(roundOf);
  const untilDelivered = () => hub.untilQuiet(30_000);
  const arrived = (): number => [...calls.values()].reduce((sum, bodies) => sum + bodies.length, 0);

  /** A repeat says the same to the byte, nothing is forged, and nothing is given up. */
  async function expectHonest(): Promise<void> {
    expect([...calls].filter(([, bodies]) => new Set(bodies).size > 1).map(([id]) => id)).toEqual([]);
    expect(forged).toBe(0);
    expect(await hub.rows('select state, code, reason from delivery where connector_id = \'mail-1\' and state <> \'delivered\'')).toEqual([]);
  }

  async function restart(): Promise<void> {
    worker = await hub.start('worker');
    await untilDelivered();
  }

  it('behind a call, before its outcome is stored: every change comes, the call is repeated with the id it had, and no change has two ids', async () => {
    const faultPoint = `call-before-outcome:${1 + random.below(2)}`;
    await worker.stop();
    worker = await hub.start('worker', faultPoint);
    await pushRound();
    await untilKilled(worker, faultPoint);
    await restart();
    expect(skus.filter((sku) => String(storedOf(sku)) !== String([round]))).toEqual([]);
    expect([...calls.values()].filter((bodies) => bodies.length > 1)).toHaveLength(1);
    await expectHonest();
  }, 60_000);

  it('while a call is under way, and things change before it is started again: each thing has its states in order, and the last one', async () => {
    always = slow;
    await pushRound();
    const target = 1 + random.below(2);
    await killAt(worker, async () => arrived() >= target, `${target} calls`);
    await pushRound(skus.filter((_, number) => number % 2 === 0));
    await pushRound(skus.filter((_, number) => number % 3 === 0));
    await restart();
    const last = skus.map((_, number) => (number % 3 === 0 ? round : number % 2 === 0 ? round - 1 : round - 2));
    expect(skus.filter((sku, number) => storedOf(sku).at(-1) !== last[number])).toEqual([]);
    expect(skus.filter((sku) => String(storedOf(sku)) !== String(storedOf(sku).toSorted((a, b) => a - b)))).toEqual([]);
    await expectHonest();
  }, 60_000);

  it('while a call hangs: it is made again as the same, long before it would have run out', async () => {
    behaviours = [calm, hangs];
    await pushRound();
    await killAt(worker, async () => arrived() >= 2, 'the call that hangs');
    await restart();
    expect(skus.filter((sku) => String(storedOf(sku)) !== String([round]))).toEqual([]);
    expect([...calls.values()].map((bodies) => bodies.length).toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
    await expectHonest();
  }, 60_000);

  it('and without one: a system that fails, hangs and breaks off for a while gets everything, once and in order, and what was changed meanwhile as it is then', async () => {
    behaviours = [fails, resets, hangs, resetsAfterStoring];
    await pushRound();
    await waitFor(() => behaviours.length === 2, { timeoutMs: 20_000, message: 'the second failure' });
    await pushRound(skus.slice(0, 10));
    await waitFor(() => behaviours.length === 0, { timeoutMs: 30_000, message: 'the last failure' });
    await untilDelivered();
    expect(skus.filter((sku, number) => storedOf(sku).at(-1) !== (number < 10 ? round : round - 1))).toEqual([]);
    expect(skus.filter((sku) => String(storedOf(sku)) !== String([...new Set(storedOf(sku))].toSorted((a, b) => a - b)))).toEqual([]);
    await expectHonest();
  }, 60_000);
});
