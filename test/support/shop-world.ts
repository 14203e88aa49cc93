import { mailplus } from '../../platforms/mailplus/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { openThingsWorld, type PushedThing, type ThingsWorld } from './things-world.ts';

/** Shops that push, and a sandbox Mail+ that is connected as `mailplus-1`. */
export interface ShopWorld extends ThingsWorld {
  readonly sandbox: MailplusSandbox;
  /** The states of deliveries to Mail+ of one data type, in the order of their records. */
  deliveries(dataType: string): Promise<readonly { readonly state: string; readonly code: string | null; readonly reason: string | null }[]>;
  /** The contact with this address in Mail+, its properties as read back. */
  properties(email: string): Readonly<Record<string, unknown>> | undefined;
}

/** When the connectors of the world were activated. */
export const activatedAt = '2026-01-01T00:00:00Z';

/** Opens a world with the shop `shop-1` and Mail+; `close` it. */
export async function openShopWorld(settings: object = {}): Promise<ShopWorld> {
  const sandbox = await startMailplusSandbox();
  const things = await openThingsWorld({}, { mailplus });
  const { db } = things.pipeline.deps;
  await things.add('shop-1', 'e-commerce-with-marketing-automation');
  await things.pipeline.addConnector({
    id: 'mailplus-1', platform: 'mailplus', preset: 'marketing-automation', settings: { baseUrl: sandbox.url, ...settings },
    credentials: { key: 'sandbox-key', secret: 'sandbox-secret' }, permissions: { 'Consent to Receive Email Marketing': 'permissions:2' },
  });
  await db.updateTable('connector').set({ activated_at: activatedAt, phase: 'live' }).where('id', '=', 'mailplus-1').execute();
  await things.pipeline.finishFirstImport('mailplus-1');
  return {
    ...things, sandbox,
    deliveries: (dataType) => db.selectFrom('delivery').select(['state', 'code', 'reason']).where('connector_id', '=', 'mailplus-1').where('data_type', '=', dataType).orderBy('record_id').execute(),
    properties: (email) => [...sandbox.state.contacts()].find((contact) => contact.email === email)?.properties,
    async close() {
      await things.close();
      await sandbox.close();
    },
  };
}

let step = 0;
/** A moment later than any that was given before. */
export const nextMoment = (): string => new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString();

/** A product as a shop pushes it. */
export const product = (id: string, data: object = {}): PushedThing => ({
  id, at: nextMoment(), data: { sku: `SKU-${id}`, name: `Mug ${id}`, url: `https://shop.example/${id}`, imageUrl: `https://shop.example/${id}.jpg`, priceCents: 450, currency: 'EUR', ...data },
});

/** A customer as a shop pushes them. */
export const customer = (id: string, more: Partial<PushedThing> = {}): PushedThing => ({ id, at: nextMoment(), ...more, data: { email: `${id.toLowerCase()}@people.example`, ...more.data } });

/** An order of one product P1 by C1, unless told. */
export const order = (id: string, data: object = {}): PushedThing => ({
  id, at: nextMoment(), data: {
    number: id, status: 'paid', placedAt: '2026-05-01T10:00:00.000Z', currency: 'EUR', totalCents: 900, contactExternalId: 'C1', lines: [{ productExternalId: 'P1', quantity: 2, unitPriceCents: 450 }], ...data,
  },
});
