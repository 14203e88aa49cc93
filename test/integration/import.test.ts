import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareLocalAccess } from '../../gateway/local-access.ts';
import { hub } from '../support/cli-fixture.ts';
import { openCustomGateway, type CustomGateway } from '../support/custom-gateway.ts';

let world: CustomGateway;
let home: string;
const shop = 'shop-1';

beforeAll(async () => {
  world = await openCustomGateway();
  home = await mkdtemp(join(tmpdir(), 'hub-import-'));
  await prepareLocalAccess(world.gateway.db, home, await world.gateway.app.listen({ port: 0, host: '127.0.0.1' }));
  await world.add(shop, 'e-commerce-with-marketing-automation', { class: 'sales-channel' });
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true });
});

async function importText(content: string, ...options: readonly string[]) {
  const file = join(home, 'table.csv');
  await writeFile(file, content);
  await rm(`${file}.rejected.csv`, { force: true });
  const result = await hub({ homeDirectory: home }, 'import', file, '--connector', shop, ...options);
  return { ...result, rejected: await readFile(`${file}.rejected.csv`, 'utf8').catch(() => undefined) };
}

describe('hub import', () => {
  it('takes a table of contacts: names of columns, parts, consents, and what the hub has no field for', async () => {
    const table = 'id;E-mail;firstName;lastName;consent.Consent to Receive Email Marketing;consentAt.Consent to Receive Email Marketing;shoeSize\n'
      + 'C1;Ann@people.example;Ann;"Lee; the first";yes;2026-01-02T00:00:00Z;38\nC2;bob@people.example;Bob;;no;2026-01-03T00:00:00Z;\n';
    const done = await importText(table, '--type', 'contacts', '--delimiter', ';', '--id-column', 'id', '--map', 'E-mail=email');
    expect(done).toMatchObject({ code: 0, rejected: undefined, out: expect.stringMatching(/2 rows were taken\. None was rejected\.[\s\S]*kept under extra with these names: shoeSize\./) });
    await world.drain(shop);
    expect(await world.records('contacts')).toEqual([
      [expect.objectContaining({ email: 'ann@people.example', firstName: 'Ann', lastName: 'Lee; the first', 'extra.shoeSize': '38' }), false], [expect.objectContaining({ email: 'bob@people.example', firstName: 'Bob' }), false],
    ]);
    const said = await world.gateway.db.selectFrom('consent_event').select(['external_id', 'granted']).orderBy('external_id').execute();
    expect(said).toEqual([{ external_id: 'C1', granted: true }, { external_id: 'C2', granted: false }]);
  });

  it('takes numbers, yes and no, lists and JSON in cells', async () => {
    const table = 'externalId,sku,name,priceCents,visible,categories,currency\nP1,S1,Mug,450,yes,Home|Kitchen,EUR\nP2,S2,Cup,,no,"[""Home""]",EUR\n';
    expect(await importText(table, '--type', 'products')).toMatchObject({ code: 0 });
    const orders = 'externalId,number,status,placedAt,currency,totalCents,email,lines,shippingAddress.city\nO1,1001,paid,2026-05-01T00:00:00Z,EUR,900,ann@people.example,"[{""productExternalId"":""P1"",""quantity"":2,""unitPriceCents"":450}]",Leeds\n';
    expect(await importText(orders, '--type', 'orders')).toMatchObject({ code: 0 });
    await world.drain(shop);
    expect((await world.records('products'))[0]?.[0]).toMatchObject({ priceCents: 450, visible: true, categories: '["Home","Kitchen"]' });
    expect((await world.records('orders'))[0]?.[0]).toMatchObject({ totalCents: 900, shippingAddress: '{"city":"Leeds"}', lines: expect.stringContaining('"quantity":2') });
  });

  it('puts rows that are not taken into a file, with line, reason and fix, and takes the others; that file can be corrected and imported', async () => {
    const table = 'externalId,sku,name,priceCents,currency\nP7,S7,Jug,4.50,EUR\nP8,S8,"Jar,300,EUR\nP9,S9,Pan,900,EUR\n,S10,Lid,100,EUR\n';
    const done = await importText(table, '--type', 'products');
    expect(done).toMatchObject({ code: 1, out: expect.stringContaining('1 row was taken. 3 rows were rejected') });
    const lines = (done.rejected ?? '').trim().split('\n');
    expect(lines[0]).toBe('externalId,sku,name,priceCents,currency,line,reason,fix');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain('P7,S7,Jug,4.50,EUR,2,');
    expect(lines[1]).toContain('priceCents');
    expect(lines[2]).toContain(',3,a quote is opened and never closed');
    expect(lines[3]).toContain(',5,it has no id,');
    await world.drain(shop);
    expect((await world.records('products')).map(([canonical]) => canonical['name'])).toEqual(['Mug', 'Cup', 'Pan']);
    const corrected = (done.rejected ?? '').split('\n').filter((line) => line.startsWith('externalId') || line.startsWith('P7')).join('\n').replace('4.50', '450');
    expect(await importText(corrected, '--type', 'products', '--map', 'line=', 'reason=', 'fix=')).toMatchObject({ code: 0 });
  });

  it('takes no file of which no column is a field, names the fields, and says when there is no row', async () => {
    await world.drain(shop);
    const before = (await world.records('products')).length;
    expect(await importText('externalId,Naam,Prijs\nP50,Mok,450\n', '--type', 'products')).toMatchObject({ code: 1, err: expect.stringMatching(/None of the columns beside the id is a field of products: Naam, Prijs\. The fields are: .*priceCents[\s\S]*--map/) });
    await world.drain(shop);
    expect((await world.records('products')).length).toBe(before);
    const mapped = await importText('externalId,Naam,Prijs\nP50,Mok,450\n', '--type', 'products', '--map', 'Naam=name', 'Prijs=');
    expect(mapped).toMatchObject({ code: 0, out: expect.not.stringContaining('extra') });
    expect(await importText('externalId,name\n', '--type', 'products')).toMatchObject({ code: 0, out: expect.stringContaining('a first line and no rows: nothing was sent') });
  });

  it('says that these were all', async () => {
    expect(await importText('externalId,email\nC9,zoe@people.example\n', '--type', 'contacts', '--complete')).toMatchObject({ code: 0, out: expect.stringContaining('these are all') });
    await world.drain(shop);
    const runs = await world.gateway.db.selectFrom('backfill_run').select(['data_type', 'state', 'is_first']).execute();
    expect(runs).toEqual([{ data_type: 'contacts', state: 'done', is_first: true }]);
  });

  it.each([
    ['the wrong delimiter', 'externalId;email\nC1;a@people.example\n', ['--type', 'contacts'], "Repeat with --delimiter ';'."],
    ['an empty file', '', ['--type', 'contacts'], 'empty'],
    ['a type that its preset does not import', 'externalId,freeQuantity\nS1,2\n', ['--type', 'stock'], 'does not import stock'],
    ['a file that is not there', 'x', ['--type', 'contacts', '--delimiter', 'tabs'], 'no delimiter'],
  ])('refuses %s with what to do', async (_what, content, options, words) => {
    const result = await importText(content, ...options);
    expect(result.code).toBeGreaterThan(0);
    expect(result.err + result.out).toContain(words);
  });

  it('says how far the file is stored when something behind that is no text, and what to do', async () => {
    const good = Array.from({ length: 1_500 }, (_, number) => `T${number},S-T${number},Mug,450,EUR\n`).join('');
    const file = join(home, 'broken.csv');
    await writeFile(file, Buffer.concat([Buffer.from(`externalId,sku,name,priceCents,currency\n${good}`), Buffer.from('x'.repeat(80_000)), Buffer.from([0x0a, 0xff, 0xfe, 0x0a])]));
    const { code, err } = await hub({ homeDirectory: home }, 'import', file, '--connector', shop, '--type', 'products');
    expect([code, err]).toEqual([1, expect.stringMatching(/FILE_INVALID: Behind line \d+ the file has bytes that are no utf-8 text\. The rows down to line 1001 of the file are stored, those behind it may not be\.[^]*Then run the same command again/)]);
    await world.drain(shop);
  });

  it('tells of a file of rejected rows that an earlier run left, and does not put rejected rows into the file that is read', async () => {
    const [file, left] = [join(home, 'again.csv'), join(home, 'again.csv.rejected.csv')];
    await writeFile(file, 'externalId,sku,name,priceCents,currency\nA1,S-A1,Jug,4.50,EUR\n');
    const run = (...options: readonly string[]) => hub({ homeDirectory: home }, 'import', file, '--connector', shop, '--type', 'products', ...options);
    expect(await run()).toMatchObject({ code: 1, out: expect.stringContaining('1 row was rejected') });
    await writeFile(file, 'externalId,sku,name,priceCents,currency\nA1,S-A1,Jug,450,EUR\n');
    expect(await run()).toMatchObject({ code: 0, out: expect.stringContaining(`None was rejected: ${left} is of an earlier run, and can go.`) });
    await rm(left);
    expect(await run()).toMatchObject({ code: 0, out: expect.stringContaining('None was rejected. ') });
    expect(await run('--rejected', file)).toMatchObject({ code: 2, err: expect.stringContaining('can not go into the file that is read') });
    expect(await run('--wait', 'long')).toMatchObject({ code: 2, err: expect.stringContaining('no number of seconds') });
    await world.drain(shop);
  });

  it('refuses a connector that is read by the hub, and one that is not there', async () => {
    const file = join(home, 'table.csv');
    await writeFile(file, 'externalId,email\nC1,a@people.example\n');
    expect(await hub({ homeDirectory: home }, 'import', file, '--connector', 'nobody', '--type', 'contacts')).toMatchObject({ code: 1, err: expect.stringContaining('There is no connector «nobody»') });
  });
});
