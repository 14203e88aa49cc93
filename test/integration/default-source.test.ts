import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { OrchestrationDependencies } from '../../activities/orchestration.ts';
import { createRemapActivities, type RemapProgress } from '../../activities/remap.ts';
import { inAccount } from '../../db/database.ts';
import { bringIntoForce } from '../../db/repositories/default-source/follow.ts';
import { policyInForce } from '../../db/repositories/default-source/in-force.ts';
import { openThingsWorld, type PushedThing, type ThingsWorld } from '../support/things-world.ts';
import { waitFor } from '../support/wait-for.ts';

let world: ThingsWorld;
let step = 0;
const shop = 'shop-1';
const mail = 'mail-1';
const warehouse = 'warehouse-1';

const at = (): string => new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString();
const product = (id: string, sku: string, name: string): PushedThing => ({ id, at: at(), data: { sku, name, priceCents: 450, currency: 'EUR' } });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const ofShop = (count: number) => world.push(shop, 'products', numbers(count).map((i) => product(`P${i}`, `SKU-${i}`, `Mug ${i}`)));
const ofWarehouse = (count: number) => world.push(warehouse, 'products', numbers(count).map((i) => product(`W${i}`, `SKU-${i}`, `Mug ${i}, boxed`)));
const names = async () => (await world.pipeline.deps.db.selectFrom('record').select('canonical').where('data_type', '=', 'products').where('merged_into', 'is', null).orderBy('id').execute())
  .map(({ canonical }) => canonical['name']);
const runs = () => world.pipeline.deps.db.selectFrom('default_source_run').select(['data_type', 'connector_id', 'state', 'looked', 'total', 'changed', 'raised']).orderBy('data_type').execute();
const goAway = (id: string) => world.pipeline.deps.db.updateTable('connector').set({ phase: 'removed' }).where('id', '=', id).execute();

/** Brings into force who has the first word, as whoever adds or removes a connector does. */
async function follow(): Promise<void> {
  for (const dataType of ['products', 'stock'] as const) await inAccount(world.pipeline.deps.db, 'default', (trx) => bringIntoForce(trx, 'default', dataType));
}

/** The activity of the workflow `remap` for one connector. */
async function mergeAnewFor(connectorId: string, overrides: Partial<OrchestrationDependencies> = {}): Promise<RemapProgress> {
  const waker = { wake: () => undefined, close: () => Promise.resolve() };
  const activities = createRemapActivities({ ...world.pipeline.deps, waker, intervals: { pullMs: 60_000, sweepMs: 60_000 }, ...overrides });
  return new MockActivityEnvironment().run(activities.remapContacts, { connectorId }) as Promise<RemapProgress>;
}

describe('another source with the first word on products', () => {
  beforeEach(async () => {
    world = await openThingsWorld();
    await world.add(shop, 'e-commerce-with-marketing-automation');
    await world.add(mail, 'marketing-automation');
    await follow();
  });
  afterEach(() => world.close());

  it('a warehouse that is added late takes it over also for what is stored, and only what differs is sent', async () => {
    await ofShop(3);
    await world.add(warehouse, 'fulfilment');
    await ofWarehouse(2);
    await world.pipeline.deliver(mail);
    expect(await names()).toEqual(['Mug 1', 'Mug 2', 'Mug 3']);
    world.brought.length = 0;
    await follow();
    expect(await mergeAnewFor(warehouse)).toEqual({ of: 'default-source', more: false, looked: 3, total: 3, derived: 2, raised: 4 });
    expect(await names()).toEqual(['Mug 1, boxed', 'Mug 2, boxed', 'Mug 3']);
    await world.pipeline.deliver(mail);
    expect(world.brought.map(({ item }) => item.changes)).toEqual([{ name: 'Mug 1, boxed' }, { name: 'Mug 2, boxed' }]);
    expect(await runs()).toEqual([
      { data_type: 'products', connector_id: warehouse, state: 'done', looked: 3, total: 3, changed: 2, raised: 4 },
      { data_type: 'stock', connector_id: warehouse, state: 'done', looked: 0, total: 0, changed: 0, raised: 0 },
    ]);
    const audit = await world.pipeline.deps.db.selectFrom('audit').select(['what', 'details']).where('what', 'like', 'defaultSource.%').orderBy('id').execute();
    expect(audit.filter(({ details }) => details['dataType'] === 'products')).toEqual([
      { what: 'defaultSource.changed', details: { dataType: 'products', from: shop, to: warehouse } },
      { what: 'defaultSource.applied', details: { dataType: 'products', looked: 3, changed: 2, raised: 4 } },
    ]);
  });

  it('each record that says something else has a change with the cause, and a second time there is nothing to do', async () => {
    await ofShop(1);
    await world.add(warehouse, 'fulfilment');
    await ofWarehouse(1);
    await follow();
    await mergeAnewFor(warehouse);
    const changes = await world.pipeline.deps.db.selectFrom('record_change').select(['changes', 'cause']).orderBy('version').execute();
    expect(changes.at(-1)).toEqual({ changes: { name: { from: 'Mug 1', to: 'Mug 1, boxed' } }, cause: { kind: 'default-source', connector: warehouse } });
    await follow();
    expect(await mergeAnewFor(warehouse)).toEqual({ more: false, looked: 0, total: 0, derived: 0, raised: 0 });
  });

  it('when the warehouse goes, the shop has it again', async () => {
    await world.add(warehouse, 'fulfilment');
    await follow();
    await ofShop(1);
    await ofWarehouse(1);
    expect(await names()).toEqual(['Mug 1, boxed']);
    await goAway(warehouse);
    await follow();
    await mergeAnewFor(shop);
    expect(await names()).toEqual(['Mug 1']);
  });

  it('when nobody has it any more, the newest word counts', async () => {
    await world.add('market-1', 'marketplace');
    await ofShop(1);
    await world.push('market-1', 'products', [product('M1', 'SKU-1', 'Mug of the market')]);
    expect(await names()).toEqual(['Mug 1']);
    await goAway(shop);
    await follow();
    await mergeAnewFor(shop);
    expect(await names()).toEqual(['Mug of the market']);
  });

  it('killed in the middle it goes on behind the last step, and what was done is not done again', async () => {
    await ofShop(450);
    await world.add(warehouse, 'fulfilment');
    await ofWarehouse(450);
    await follow();
    let steps = 0;
    const dying = mergeAnewFor(warehouse, { faultPoint: async (name) => {
      steps += name === 'during-merge-anew' ? 1 : 0;
      if (steps === 2) throw new Error('killed');
    } });
    await expect(dying).rejects.toThrow('killed');
    expect((await runs())[0]).toMatchObject({ state: 'running', looked: 200, changed: 200 });
    await mergeAnewFor(warehouse);
    expect((await runs())[0]).toMatchObject({ state: 'done', looked: 450, changed: 450 });
    expect((await names()).filter((name) => String(name).endsWith(', boxed'))).toHaveLength(450);
  });

  it('a change of mind on the way begins anew, with the word that counts by then', async () => {
    await ofShop(250);
    await world.add(warehouse, 'fulfilment');
    await ofWarehouse(250);
    await follow();
    let changed = false;
    const change = async (): Promise<void> => {
      if (changed) return;
      changed = true;
      await goAway(warehouse);
    };
    await mergeAnewFor(warehouse, { faultPoint: change });
    await follow();
    await mergeAnewFor(shop);
    expect((await names()).filter((name) => String(name).endsWith(', boxed'))).toEqual([]);
  });

  it('does not come into force while a page goes by the one before', async () => {
    await world.add(warehouse, 'fulfilment');
    const { db } = world.pipeline.deps;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => { letGo = resolve; });
    let holds = (): void => undefined;
    const holding = new Promise<void>((resolve) => { holds = resolve; });
    const page = inAccount(db, 'default', async (trx) => {
      const first = await policyInForce(trx, { accountId: 'default', dataType: 'products', defaultSource: warehouse });
      holds();
      await held;
      return [first, await policyInForce(trx, { accountId: 'default', dataType: 'products', defaultSource: warehouse })];
    });
    await holding;
    const following = follow();
    await waitFor(async () => (await sql`select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`.execute(db)).rows.length === 1);
    letGo();
    expect(await page).toEqual([{ defaultConnector: shop }, { defaultConnector: shop }]);
    await following;
    expect(await inAccount(db, 'default', (trx) => policyInForce(trx, { accountId: 'default', dataType: 'products', defaultSource: shop }))).toEqual({ defaultConnector: warehouse });
  });

  it('pages beside it make no difference to what comes of it', async () => {
    await ofShop(60);
    await world.add(warehouse, 'fulfilment');
    await Promise.all([ofWarehouse(60), follow().then(() => mergeAnewFor(warehouse)), ofShop(60)]);
    await mergeAnewFor(warehouse);
    expect((await names()).filter((name) => !String(name).endsWith(', boxed'))).toEqual([]);
  });
});
