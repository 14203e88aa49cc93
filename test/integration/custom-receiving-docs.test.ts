import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishChanges } from '../../db/repositories/feed/publish.ts';
import { deliver } from '../../platforms/custom/deliver.ts';
import type { DeliveryItem } from '../../platforms/platform.ts';
import { customContext } from '../platforms/custom-context.ts';
import { hub, openCliHome, type CliHome } from '../support/cli-fixture.ts';
import { feedVisible } from '../support/custom-world.ts';
import { projectRoot } from '../support/e2e-dist.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';
import { waitFor } from '../support/wait-for.ts';

const page = readFileSync(join(projectRoot, 'docs', 'custom-system-receiving.md'), 'utf8');
const exampleOf = (name: string): string => new RegExp(`\`\`\`js ${name}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
const directory = temporaryDirectory('custom-receiving');

let home: CliHome;
let receiver: ChildProcess;
let printed = '';
let url = '';

beforeAll(async () => {
  for (const name of ['read', 'receive']) writeFileSync(join(directory, `${name}.mjs`), exampleOf(name));
  receiver = spawn(process.execPath, [join(directory, 'receive.mjs')], { env: { WEBHOOK_SECRET: 'a-word', PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  receiver.stdout?.setEncoding('utf8').on('data', (text: string) => void (printed += text));
  const [, port] = await waitFor(() => /^listening (\d+)$/m.exec(printed), { message: 'the receiver to listen' });
  url = `http://127.0.0.1:${port}`;
  home = await openCliHome();
  await home.gateway.token('admin');
  await home.gateway.db.insertInto('connector').values({ id: 'shop-1', account_id: 'main', platform: 'custom', class: 'sales-channel', preset: 'e-commerce-with-marketing-automation', name: 'shop-1', settings: '{}', credentials: 'x', credential_key: 'x', phase: 'live' }).execute();
});
afterAll(async () => {
  receiver.kill();
  await home.close();
  removeDirectory(directory);
});

const product = (n: number): DeliveryItem => ({ externalId: `P-${n}`, isNew: false, changes: { name: 'Mug' }, whole: { name: 'Mug' }, permissionDates: {}, identity: {}, cause: '1' });

describe('the examples of docs/custom-system-receiving.md', () => {
  it('take a signed call, and the same call again, as stored, and print it once', async () => {
    const context = customContext({ webhookUrl: url, webhookSecret: 'a-word' });
    expect(await deliver(context, 'products', [product(1), product(2)])).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
    expect(await deliver(context, 'products', [product(1), product(2)])).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
    await waitFor(() => printed.includes('P-2'));
    expect(printed.trim().split('\n').slice(1)).toEqual([expect.stringMatching(/^[\w-]{24} products upserted P-1$/), expect.stringMatching(/^[\w-]{24} products upserted P-2$/)]);
  });

  it('take both secrets while one replaces the other, and no other one, nor an old call', async () => {
    expect(await deliver(customContext({ webhookUrl: url, webhookSecret: 'new-word a-word' }), 'products', [product(3)])).toEqual([{ kind: 'stored' }]);
    await expect(deliver(customContext({ webhookUrl: url, webhookSecret: 'new-word' }), 'products', [product(4)])).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
    await expect(deliver(customContext({ webhookUrl: url, webhookSecret: 'a-word', now: () => Date.now() - 3_600_000 }), 'products', [product(4)])).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
  });

  it('refuse one record by its id', async () => {
    const [first, second] = await deliver(customContext({ webhookUrl: url, webhookSecret: 'a-word' }), 'products', [{ ...product(5), externalId: '' }, product(6)]);
    expect([first, second]).toEqual([{ kind: 'refused', code: 'RECORD_REFUSED', message: 'has no id' }, { kind: 'stored' }]);
  });

  it('read the feed to its end, and from where they were the next time', async () => {
    const { gateway } = home;
    const publish = async (...keys: readonly string[]): Promise<void> => {
      await publishChanges(gateway.db, { accountId: 'main', connectorId: 'shop-1' }, keys.map((key) => ({ key, dataType: 'products', kind: 'upserted', externalId: key, changes: ['name', 'sku'], data: {} })));
      await feedVisible(gateway.db, 'shop-1');
    };
    const address = gateway.app.server.address();
    const env = { HUB_URL: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, HUB_SOURCE_TOKEN: await gateway.token('source', { connectorId: 'shop-1' }) };
    const read = async () => (await promisify(execFile)(process.execPath, [join(directory, 'read.mjs'), 'shop-1', join(directory, 'cursor.txt')], { env, timeout: 30_000 })).stdout;
    await publish(...Array.from({ length: 101 }, (_, n) => `P-${n}`));
    expect((await read()).trim().split('\n')).toEqual(Array.from({ length: 101 }, (_, n) => `products upserted P-${n} name,sku`));
    expect(await read()).toBe('');
    await publish('P-last');
    expect(await read()).toBe('products upserted P-last name,sku\n');
  });

  it('show the same on the command line, page by page', async () => {
    const setting = { homeDirectory: home.home };
    const token = await home.gateway.token('operator');
    const first = await hub({ ...setting, token }, 'changes', 'shop-1', '--limit', '101');
    expect([first.code, first.out.includes('P-100'), first.out.includes('P-last')]).toEqual([0, true, false]);
    const [, cursor = ''] = /There is more: --after (\S+)/.exec(first.out) ?? [];
    expect((await hub({ ...setting, token }, 'changes', 'shop-1', '--after', cursor)).out).toMatch(/P-last[\s\S]*What comes behind: --after/);
    expect(await hub({ ...setting, token }, 'changes', 'shop-1', '--limit', 'many')).toMatchObject({ code: 2, err: expect.stringContaining('from 1 to 1000') });
    expect(await hub({ ...setting, token }, 'changes', 'shop-1', '--after', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('REQUEST_INVALID') });
  });
});
