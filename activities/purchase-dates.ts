import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import { splitSettings } from '../db/repositories/connector-settings.ts';
import { hasPurchases, purchaseFacts } from '../db/repositories/purchases/purchase-facts.ts';
import type { Fields } from '../domain/model/fields.ts';
import { purchaseDates, type OwnDate, type ShopOrders } from '../domain/purchases/purchase-dates.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { describedBy } from '../platforms/described.ts';
import type { PlatformSettings } from '../platforms/platform.ts';
import { keepsPurchaseDates } from './apply-context.ts';
import type { DeliveryRun } from './delivery-run.ts';

/**
 * Claimed contacts with the purchase dates that a marketing destination is to have, from what shops, orders and the destination itself say of them.
 * Contacts without orders are as they were; so is everything at other destinations.
 */
export async function withPurchaseDates(run: DeliveryRun, claimed: readonly ClaimedDelivery[]): Promise<readonly ClaimedDelivery[]> {
  if (run.scope.dataType !== 'contacts' || !keepsPurchaseDates(run.connector)) return claimed;
  if (claimed.length === 0 || !(await hasPurchases(run.deps.db, run.scope.accountId))) return claimed;
  const facts = await purchaseFacts(run.deps.db, await shopsOf(run), claimed.map(({ recordId }) => recordId));
  return claimed.map((delivery) => {
    const shops = facts.get(delivery.recordId);
    return shops === undefined ? delivery : { ...delivery, record: { ...delivery.record, canonical: dated(run, delivery, shops) } };
  });
}

/** Connectors that bring orders. */
async function shopsOf({ deps, scope }: DeliveryRun): Promise<readonly string[]> {
  const rows = await deps.db.selectFrom('connector').select(['id', 'platform', 'preset', 'settings']).where('account_id', '=', scope.accountId).orderBy('id').execute();
  return rows.filter(({ platform, preset, settings }) => {
    const known = deps.platforms[platform];
    return known !== undefined && isImported(preset as PresetId, 'orders', describedBy(known, splitSettings(settings).platform as PlatformSettings).description).allowed;
  }).map(({ id }) => id);
}

function dated({ connector }: DeliveryRun, { record, link }: ClaimedDelivery, shops: readonly ShopOrders[]): Fields {
  const { canonical, provenance } = record;
  const heldAt = (field: string): string | undefined => {
    const value = link?.memory.held[connector.mapping?.out[field] ?? field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const own = (field: string): OwnDate | undefined => {
    const [at, origin] = [canonical[field], provenance[field]];
    return typeof at === 'string' && at !== '' && origin !== undefined ? { at, connectorId: origin.connectorId } : undefined;
  };
  const [first, last, heldFirst, heldLast] = [own('firstPurchaseAt'), own('lastPurchaseAt'), heldAt('firstPurchaseAt'), heldAt('lastPurchaseAt')];
  const dates = purchaseDates({
    shops, destinations: connector.samePlatform, ...(first && { first }), ...(last && { last }), ...(heldFirst !== undefined && { heldFirst }), ...(heldLast !== undefined && { heldLast }),
  });
  return { ...canonical, ...(dates.first !== undefined && { firstPurchaseAt: dates.first }), ...(dates.last !== undefined && { lastPurchaseAt: dates.last }) };
}
