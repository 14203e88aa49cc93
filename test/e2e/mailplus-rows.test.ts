import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { addByCommand, addCoins, hubCommand, pullNow, untilLive } from '../support/e2e-connectors.ts';
import { projectRoot } from '../support/e2e-dist.ts';
import { prepareHub, type E2eHub } from '../support/e2e-hub.ts';
import { runProgram } from '../support/e2e-process.ts';
import { startCoins, type OutsideCoins } from '../support/e2e-sandboxes.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createTestNamespace } from '../support/test-namespace.ts';
import { removeDirectory, temporaryDirectory } from '../support/test-servers.ts';
import { waitFor } from '../support/wait-for.ts';

const page = readFileSync(join(projectRoot, 'docs', 'mailplus.md'), 'utf8');
const [, section = ''] = /## What the hub does, row by row\n([\s\S]*?)\n## /.exec(page) ?? [];
/** The rows of the table: their names and their commands. */
const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what ')).map((line) => {
  const [, name = '', , commands = ''] = line.split(/(?<!\\) \| |^\| | \|$/);
  return { name, commands: [...commands.matchAll(/`(hub [^`]+)`/g)].map(([, command = '']) => command) };
});

/** What the commands of a row have to tell. */
const told: Readonly<Record<string, readonly RegExp[]>> = {
  'Contact properties': [/firstName/, /taal/],
  Contacts: [/ok  mailplus-1/, /external ids/],
  Permissions: [/Consent to Receive Email Marketing/],
  'First and last purchase': [/firstPurchaseDate.*\n?[\s\S]*lastPurchaseDate/],
  Language: [/Acme - Acme Europe - Dutch/],
  Bounces: [/open/],
  'Changed contacts and unsubscribes': [/mailplus-1/],
  'Block, anonymise': [/erase/],
  'Static lists': [/Kettles/],
  Audiences: [/Kettles/],
  Subscribe: [/hub_/],
  Search: [/Leeds/],
  'Products and orders': [/Mug/, /1009[\s\S]*delivered/],
  Conversions: [/conversion\.post[\s\S]*done/],
  'Campaigns and automations': [/Welcome/, /done|pending/],
  Forms: [/Feedback/],
  Reports: [/May/],
  Interactions: [/email\.sent[\s\S]*email\.clicked|email\.clicked[\s\S]*email\.sent/],
  'Any operation': [/contact\.get/, /ann@people\.example/],
};

const directory = temporaryDirectory('mailplus-rows');
const credentials = { key: 'rows-key', secret: 'rows-secret-5a7d' };
const places: Record<string, string> = {};
let hub: E2eHub;
let mail: MailplusSandbox;
let coins: OutsideCoins;
let shopToken: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
  mail = await startMailplusSandbox({ credentials: [{ ...credentials, externalIdField: 'externalId' }] });
  coins = await startCoins(directory, 'coins-token-rows');
  hub = await prepareHub({ databaseUrl: database.url, temporalAddress: temporal.address, namespace: temporal.namespace }, directory);
  close = async () => {
    await hub.close();
    await Promise.all([mail.close(), coins.program.stop()]);
    await Promise.all([temporal.close(), database.drop()]);
    removeDirectory(directory);
  };
  await Promise.all([hub.start('worker'), hub.start('gateway')]);
}, 120_000);
afterAll(() => close());

/** What the shop sends. */
async function send(method: 'PUT' | 'POST', path: string, body: object = {}): Promise<void> {
  const answer = await fetch(`${hub.gatewayUrl}/inbound/custom/shop-1${path}`, { method, headers: { authorization: `Bearer ${shopToken}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** A line of the page as the arguments of the program, without `hub`; words may be in quotes. */
const wordsOf = (command: string): string[] => [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, one?: string, two?: string) => one ?? two ?? '')).slice(1);

/** Runs a command of the page as it stands there, with ids in the places of `<…>`. */
async function runFromPage(command: string): Promise<string> {
  const filled = command.replaceAll(/<([a-z]+)>/g, (_, name: string) => places[name] ?? `no place for ${name}`);
  const { code, output } = await runProgram({ program: 'cli/main.js', args: wordsOf(filled), environment: { HUB_HOME: hub.homeDirectory } });
  if (code !== 0) throw new Error(`${filled}: ${output}`);
  return output;
}

describe('what the page says that the hub does with Mail+', () => {
  it('is set up: a Mail+, a Coins and a shop, added with the command line tool', async () => {
    await addByCommand(hub, 'mailplus', { url: mail.url, credentials } as Parameters<typeof addByCommand>[2], { baseUrl: mail.url, selections: 'both', reports: 'on', reportsIntervalMinutes: 60, pullIntervalMs: 3_600_000 });
    await untilLive(hub, 'mailplus-1');
    const { sourceToken } = await hubCommand<{ sourceToken: string }>(hub, ['connector', 'add', 'custom', '--preset', 'e-commerce-with-marketing-automation', '--id', 'shop-1', '--set', 'class=sales-channel', '--set', 'languageFrom=structure']);
    shopToken = sourceToken;
    await addCoins(hub, coins);
    await send('POST', '/contacts/complete');
    await untilLive(hub, 'shop-1');
  }, 120_000);

  it('brings a shop into Mail+: contacts, product, cart, order and a selection', async () => {
    const given = { consents: [{ permission: 'Consent to Receive Email Marketing', granted: true, at: '2026-01-02T00:00:00Z' }], createdTime: new Date().toISOString(), address: { city: 'Leeds' } };
    await send('PUT', '/contacts/C-9', { email: 'ann@people.example', shopStructure: ['Acme', 'Acme Europe', 'Dutch'], ...given });
    await send('PUT', '/contacts/C-8', { email: 'bob@people.example', ...given });
    await send('PUT', '/products/P-9', { sku: 'MUG', name: 'Mug', url: 'https://shop.example/mug', imageUrl: 'https://shop.example/mug.jpg', priceCents: 1295, currency: 'EUR' });
    await hub.untilQuiet();
    const mailing = mail.state.sendMailing({
      name: 'May', recipients: { emails: ['ann@people.example', 'bob@people.example'] }, opened: { emails: ['ann@people.example'] }, clicked: { emails: ['ann@people.example'] },
      bounced: { emails: ['bob@people.example'], type: 'HARD' }, links: [{ id: 1, name: 'shop', url: 'https://shop.example' }],
    });
    const mpid = mail.state.reports.mpid(mailing.encryptedId, { contact: { email: 'ann@people.example' } });
    const lines = [{ productExternalId: 'P-9', quantity: 1, unitPriceCents: 1295 }];
    const cart = { startedAt: new Date().toISOString(), currency: 'EUR', totalCents: 1295, contactExternalId: 'C-9', lines };
    await send('PUT', '/checkouts/K-9', { ...cart, status: 'open', mpid });
    await send('PUT', '/orders/O-9', { number: '1009', status: 'paid', placedAt: new Date().toISOString(), currency: 'EUR', totalCents: 1295, contactExternalId: 'C-9', lines, checkoutId: 'K-9' });
    await send('PUT', '/lists/L-1', { name: 'Kettles', members: ['C-9', 'C-8'] });
    await hub.untilQuiet();
    expect(mail.state.shop.orders()).toHaveLength(1);
    expect(mail.state.starts.started().map(({ kind }) => kind)).toEqual(['cartCreated', 'cartConverted']);
    places['mailing'] = mailing.encryptedId;
  }, 120_000);

  it('brings back what Mail+ tells: interactions, bounces, results of forms, reports', async () => {
    const form = mail.state.forms.addForm({ name: 'Feedback', fields: [{ name: 'remarks' }] });
    const campaign = mail.state.starts.addCampaign({ name: 'Welcome', repeat: 'always' });
    const automation = mail.state.starts.addAutomation({ name: 'Care' });
    await pullNow(hub, 'mailplus-1', 'activities');
    await hub.client.schedule.getHandle('reports/mailplus-1').trigger('BUFFER_ONE');
    await waitFor(async () => (await hub.row<{ count: number }>("select count(*)::int count from report_event where list = 'clicks'")).count === 1, { timeoutMs: 30_000, message: 'the click in the reports' });
    await hub.untilQuiet();
    const { id } = await hub.row<{ id: string }>("select id::text id from record where email = 'ann@people.example'");
    const erased = await hub.row<{ id: string }>("select id::text id from record where email = 'bob@people.example'");
    const [audience] = mail.state.groups.audiences();
    Object.assign(places, { record: id, erased: erased.id, form: String(form.id), answer: 'remarks=Fine', campaign: campaign.encryptedId, automation: automation.automationId, audience: audience?.externalId ?? '' });
  }, 120_000);

  it('has a row for every purpose, and a command in each', () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(told));
    expect(rows.filter(({ commands }) => commands.length === 0)).toEqual([]);
  });

  it.each(rows)('$name', async ({ name, commands }) => {
    let output = '';
    for (const command of commands) output += await runFromPage(command);
    for (const words of told[name] ?? []) expect(output).toMatch(words);
  }, 120_000);

  it('has made no call that the contract does not allow', async () => {
    await hub.untilQuiet();
    const isQuestion = ({ method, status }: { readonly method: string; readonly status: number }): boolean => method === 'GET' && status === 404;
    const refused = mail.state.journal().filter((call) => call.operation === 'unknown' || ((call.status >= 400 || call.status === 0) && !isQuestion(call)));
    expect(refused.map(({ operation, status, errorType }) => ({ operation, status, errorType }))).toEqual([]);
    expect(mail.state.starts.counts().repeated).toEqual([]);
  });
});
