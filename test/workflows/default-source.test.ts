import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import { custom } from '../../platforms/custom/index.ts';
import { taskQueue, workflowTypes } from '../../workflows/ids.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { rowOf } from '../support/things-world.ts';
import { waitFor } from '../support/wait-for.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub({ platforms: { custom } });
  await hub.start('shop-1', { platform: 'custom', preset: 'e-commerce-with-marketing-automation', settings: { class: 'sales-channel' }, credentials: {} });
  await waitFor(async () => (await hub.phaseOf('shop-1')) !== 'onboarding');
});
afterAll(() => hub.close());

/** A product as a page of a system brings it, through the real transaction. */
async function bring(connectorId: string, id: string, name: string, at: string): Promise<void> {
  const context = await loadApplyContext(hub.deps, await loadConnector(hub.deps, connectorId), 'products');
  const rows = [rowOf('products', { id, at, data: { sku: 'MUG', name } })];
  await applyPage(hub.db, { ...context, rows, readAt: at, receivedAt: at, isPushed: true, mayCreate: true, urgency: 'live', cause: { kind: 'test' } });
}

const nameIs = (name: string) => waitFor(async () => {
  const { canonical } = await hub.db.selectFrom('record').select('canonical').where('data_type', '=', 'products').executeTakeFirstOrThrow();
  return canonical['name'] === name;
}, { message: `the name ${name}` });
const states = async () => (await hub.db.selectFrom('default_source_run').select('state').execute()).map(({ state }) => state);

describe('who has the first word on products', () => {
  it('is a warehouse as soon as it is active, also for what is stored, and the shop again when it was removed', async () => {
    await bring('shop-1', 'P1', 'Mug', '2026-05-01T00:00:00.000Z');
    await hub.addConnector('store-1', { platform: 'custom', preset: 'fulfilment', settings: { class: 'e-fulfilment' }, credentials: {} });
    await bring('store-1', 'W1', 'Mug, boxed', '2026-05-02T00:00:00.000Z');
    await nameIs('Mug');
    await hub.client.workflow.signalWithStart(workflowTypes.connectorLifecycle, { workflowId: 'connector/store-1', taskQueue, args: [{ connectorId: 'store-1' }], signal: 'wake' });
    await nameIs('Mug, boxed');
    await expect(hub.lifecycle('store-1').executeUpdate('remove', { args: ['test'] })).resolves.toEqual({ message: expect.not.stringContaining('Without it') });
    await nameIs('Mug');
    await hub.lifecycle('store-1').result();
  });

  it('is found and carried out by the sweep when nobody told', async () => {
    await waitFor(async () => (await states()).every((state) => state === 'done'));
    await hub.db.updateTable('connector').set({ phase: 'removed' }).where('id', '=', 'shop-1').execute();
    await hub.addConnector('shop-2', { platform: 'custom', preset: 'e-commerce-with-marketing-automation', settings: { class: 'sales-channel' }, credentials: {}, phase: 'live' });
    await bring('shop-2', 'Q1', 'Mug of another shop', '2026-05-03T00:00:00.000Z');
    await nameIs('Mug');
    const { remaps } = await hub.client.workflow.execute(workflowTypes.sweep, { workflowId: 'sweep/test', taskQueue }) as { remaps: number };
    expect(remaps).toBe(1);
    await nameIs('Mug of another shop');
    await waitFor(async () => (await states()).every((state) => state === 'done'));
    expect(await hub.client.workflow.execute(workflowTypes.sweep, { workflowId: 'sweep/test', taskQueue })).toMatchObject({ remaps: 0 });
  });
});
