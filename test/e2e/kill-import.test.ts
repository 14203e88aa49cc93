import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrng } from '../../sandbox/dataset/prng.ts';
import { hubCommand } from '../support/e2e-connectors.ts';
import { prepareHub, type E2eHub } from '../support/e2e-hub.ts';
import { killAt, untilKilled } from '../support/e2e-kill.ts';
import { runProgram, startProgram, type Program } from '../support/e2e-process.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createTestNamespace } from '../support/test-namespace.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';
import { testSeed } from '../support/test-seed.ts';

const random = createPrng(testSeed());
const size = 6_000;
const requests = 6;
/** Rows of which the hub says what is wrong, and rows that are no table rows at all; both in the middle of what is fine. */
const isRefused = (number: number): boolean => number % 700 === 350;
const isBroken = (number: number): boolean => number % 900 === 450;
const numbers = Array.from({ length: size }, (_, index) => index + 1);
const bad = numbers.filter((number) => isRefused(number) || isBroken(number));
const good = size - bad.length;
/** The first line has the names. */
const lineOf = (number: number): number => number + 1;

describe('SIGKILL while a table is imported', () => {
  const directory = temporaryDirectory('kill-import');
  let hub: E2eHub;
  let gateway: Program;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
    hub = await prepareHub({ databaseUrl: database.url, temporalAddress: temporal.address, namespace: temporal.namespace }, directory);
    close = async () => {
      await hub.close();
      await Promise.all([temporal.close(), database.drop()]);
      removeDirectory(directory);
    };
    [, gateway] = await Promise.all([hub.start('worker'), hub.start('gateway')]);
    await hubCommand(hub, ['connector', 'add', 'custom', '--id', 'shop-1', '--set', 'class=sales-channel', '--preset', 'e-commerce-with-marketing-automation']);
    for (const type of ['contacts', 'orders', 'checkouts']) await hub.api('POST', `/connectors/shop-1/import/${type}/complete`, {});
  }, 60_000);
  afterAll(() => close());

  const fileOf = (name: string): string => join(directory, `${name}.csv`);
  const environment = () => ({ HUB_HOME: hub.homeDirectory });
  const commandFor = (name: string, ...more: readonly string[]): string[] => ['import', fileOf(name), '--connector', 'shop-1', '--type', 'products', ...more];
  const importFile = (name: string, ...more: readonly string[]) => runProgram({ program: 'cli/main.js', args: commandFor(name, ...more), environment: environment() });
  /** Requests with rows that the hub has taken. */
  const stored = async (): Promise<number> => (await hub.row<{ count: number }>('select count(*)::int count from inbox where key like \'import-%\'')).count;

  function writeTable(name: string): void {
    const rows = numbers.map((number) => (isBroken(number) ? `${name}-${number},"S,Mug,1,EUR` : `${name}-${number},${name}-S${number},Mug ${number},${isRefused(number) ? '4.50' : number},EUR`));
    writeFileSync(fileOf(name), ['externalId,sku,name,priceCents,currency', ...rows, ''].join('\n'));
  }

  /** Every good row is there once and as it came first, and every bad one is in the file of rejected rows and, where it is a row, in the hub's list. */
  async function expectWhole(name: string): Promise<void> {
    await hub.untilQuiet();
    const like = [`${name}-%`];
    expect(await hub.row(`select count(*)::int stored, count(distinct external_id)::int ids, count(distinct record_id)::int records, count(*) filter (where r.canonical->>'name' is distinct from 'Mug ' || split_part(external_id, '-', 2))::int wrong
      from source_record join record r on r.id = record_id where external_id like $1`, like)).toEqual({ stored: good, ids: good, records: good, wrong: 0 });
    expect(await hub.row('select count(*)::int changes from record_change c join source_record s on s.record_id = c.record_id where s.external_id like $1', like)).toEqual({ changes: 0 });
    const listed = await hub.rows<{ externalId: string }>('select external_id "externalId" from rejected_record where state = \'open\' and external_id like $1', like);
    expect(listed.map(({ externalId }) => externalId).toSorted()).toEqual(numbers.filter(isRefused).filter((number) => !isBroken(number)).map((number) => `${name}-${number}`).toSorted());
    const rejected = parse(readFileSync(`${fileOf(name)}.rejected.csv`, 'utf8'), { columns: true }) as readonly { readonly line: string }[];
    expect(rejected.map(({ line }) => Number(line))).toEqual(bad.map(lineOf));
  }

  it('of the command: the same command once more finishes the file, and nothing is there twice', async () => {
    writeTable('CLI');
    const target = 2 + random.below(requests / 2);
    const first = await startProgram({ program: 'cli/main.js', args: commandFor('CLI', '--complete'), environment: environment(), logFile: join(directory, 'cli.log'), readyWhen: /^/ });
    await killAt(first, async () => (await stored()) >= target, `${target} requests stored`);
    expect(await first.ended).toBe('SIGKILL');
    expect(await stored()).toBeLessThan(requests);
    const again = await importFile('CLI', '--complete');
    expect(again).toEqual({ code: 1, output: expect.stringContaining(`${good} rows were taken, and these are all. ${bad.length} rows were rejected: see ${fileOf('CLI')}.rejected.csv`) });
    await expectWhole('CLI');
    expect(await hub.rows('select state, is_first from backfill_run where data_type = \'products\'')).toEqual([{ state: 'done', is_first: true }]);
  }, 60_000);

  it('of the gateway, after a request was stored and before it was answered: the command waits for the next one, and sends that request again as the same', async () => {
    writeTable('GATEWAY');
    await gateway.stop();
    const faultPoint = `accepted-before-signal:${2 + random.below(requests / 2)}`;
    gateway = await hub.start('gateway', faultPoint);
    const before = await stored();
    const running = importFile('GATEWAY');
    await untilKilled(gateway, faultPoint);
    gateway = await hub.start('gateway');
    expect(await running).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`cannot be reached\\. It is tried again for 60 s\\.[^]*The hub is there again: it goes on\\.[^]*${good} rows were taken\\. ${bad.length} rows were rejected`)) });
    expect(await stored() - before).toBe(requests);
    await expectWhole('GATEWAY');
  }, 60_000);

  it('of the gateway, which does not come back in time: the command says down to which line the file is stored and what to do, and that helps', async () => {
    writeTable('GONE');
    await gateway.stop();
    const pass = 2 + random.below(requests / 2);
    gateway = await hub.start('gateway', `accepted-before-signal:${pass}`);
    const { code, output } = await importFile('GONE', '--wait', '1');
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`GATEWAY_UNREACHABLE: The hub at \\S+ cannot be reached\\. The rows down to line ${lineOf((pass - 1) * (size / requests))} of the file are stored`));
    expect(output).toContain('Then run the same command again: it reads the file from the beginning');
    gateway = await hub.start('gateway');
    expect((await importFile('GONE')).output).toContain(`${good} rows were taken. ${bad.length} rows were rejected`);
    await expectWhole('GONE');
  }, 60_000);
});
