import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hubCommand, untilLive } from '../support/e2e-connectors.ts';
import { projectRoot } from '../support/e2e-dist.ts';
import { prepareHub, type E2eHub } from '../support/e2e-hub.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createTestNamespace } from '../support/test-namespace.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';

const page = readFileSync(join(projectRoot, 'docs', 'custom-system.md'), 'utf8');
const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
const [, command = ''] = /^npx hub (connector add custom .*)$/m.exec(page) ?? [];

const directory = temporaryDirectory('custom-system');
let hub: E2eHub;
let close: () => Promise<void>;

beforeAll(async () => {
  const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
  hub = await prepareHub({ databaseUrl: database.url, temporalAddress: temporal.address, namespace: temporal.namespace }, directory);
  close = async () => {
    await hub.close();
    await Promise.all([temporal.close(), database.drop()]);
    removeDirectory(directory);
  };
  await Promise.all([hub.start('worker'), hub.start('gateway')]);
}, 120_000);
afterAll(() => close());

const run = (token: string) => promisify(execFile)(process.execPath, [join(directory, 'send.mjs')], { env: { HUB_URL: hub.gatewayUrl, HUB_SOURCE_TOKEN: token }, timeout: 30_000 });
const recordsOf = (dataType: string) => hub.rows<{ canonical: Record<string, unknown> }>('select canonical from record where data_type = $1 and merged_into is null', [dataType]);

describe('the example of docs/custom-system.md', () => {
  let token = '';

  it('has at most twenty lines, and a command before it that adds the connector', async () => {
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(20);
    ({ sourceToken: token } = await hubCommand<{ sourceToken: string }>(hub, command.split(' ')));
    expect(token).toMatch(/^hub_/);
  }, 120_000);

  it('runs word for word against a running hub: what it sends is there, and the connector is live', async () => {
    writeFileSync(join(directory, 'send.mjs'), example);
    await run(token);
    await untilLive(hub, 'shop-1');
    await hub.untilQuiet();
    expect(await recordsOf('products')).toEqual([{ canonical: { sku: 'KETTLE', name: 'Kettle', priceCents: 1995, currency: 'EUR', url: 'https://shop.example/kettle', imageUrl: 'https://shop.example/kettle.jpg' } }]);
    expect(await recordsOf('contacts')).toEqual([{ canonical: { email: 'ann@example.test', firstName: 'Ann', lastName: 'Hill', language: 'en-GB' } }]);
    expect(await recordsOf('orders')).toMatchObject([{ canonical: { number: '2026-0001', totalCents: 3990, contactExternalId: 'C-1' } }]);
    expect(await hub.rows('select permission, granted from consent_event')).toEqual([{ permission: 'Consent to Receive Email Marketing', granted: true }]);
  }, 120_000);

  it('may run again without harm, and says what is wrong with a wrong token', async () => {
    await run(token);
    await hub.untilQuiet();
    expect([(await recordsOf('contacts')).length, (await recordsOf('orders')).length]).toEqual([1, 1]);
    await expect(run('hub_wrong')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('TOKEN_INVALID') });
    expect(await hub.rows('select id from rejected_record')).toEqual([]);
  }, 120_000);
});
