import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import { awaitedCode, byAddress, missingCode, releaseAwaited, releaseGuests } from '../db/repositories/references/named-things.ts';
import { hasReferences, namedStates, type NamedState } from '../db/repositories/references/claimed-things.ts';
import type { Settlement } from '../db/repositories/deliver/settle.ts';
import { nameOfThing, namesThings } from '../domain/model/named-things.ts';
import { recordTypes, type RecordType } from '../domain/model/record-fields.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { takes } from './apply-context.ts';
import type { DeliveryRun } from './delivery-run.ts';

/** What the claimed records name. */
export interface NamedThings {
  /** Ids at the destination, by name. */
  readonly linked: Readonly<Record<string, string>>;
  /** Why the delivery has to wait; undefined when it need not. */
  readonly wait?: Pick<Settlement, 'code' | 'reason'>;
}

/** Looks up what claimed records name, by record id. Things of a type that the destination neither takes nor has are left out. */
export async function namedThingsOf(run: DeliveryRun, claimed: readonly ClaimedDelivery[]): Promise<ReadonlyMap<number, NamedThings>> {
  if (!namesThings(run.scope.dataType)) return new Map();
  const states = await namedStates(run.deps.db, run.scope.connectorId, claimed.map(({ recordId }) => recordId));
  const byRecord = new Map<number, NamedState[]>();
  for (const state of states) byRecord.set(state.recordId, [...(byRecord.get(state.recordId) ?? []), state]);
  return new Map([...byRecord].map(([id, named]) => [id, summary(run, named)]));
}

/** Whether anything may wait for what the run brings to the destination: it takes things that name others, and there are some. */
export async function mayBeAwaited({ connector, deps, scope }: DeliveryRun): Promise<boolean> {
  return recordTypes.some((type) => namesThings(type) && takes(connector, type)) && hasReferences(deps.db, scope.accountId);
}

/** What waited for these records to be at the destination goes on. */
export async function releaseReferrers({ deps, scope, isAwaited }: DeliveryRun, recordIds: readonly number[]): Promise<void> {
  if (recordIds.length === 0 || !isAwaited) return;
  await releaseAwaited(deps.db, scope.connectorId, recordIds);
  if (scope.dataType === 'contacts') await releaseGuests(deps.db, recordIds, scope.connectorId);
}

function summary(run: DeliveryRun, named: readonly NamedState[]): NamedThings {
  const concerned = named.filter(({ dataType }) => isConcerned(run, dataType));
  const awaited = concerned.filter(({ source }) => source !== byAddress);
  const linked = Object.fromEntries(concerned.flatMap((one) => (one.linkedId === null ? [] : [[nameOf(one), one.linkedId]])));
  const missing = awaited.find(({ thingId }) => thingId === null);
  if (missing !== undefined) return { linked, wait: { code: missingCode, reason: `waits for ${nounOf[missing.dataType]} that ${bringerOf(missing)} not sent yet` } };
  const absent = awaited.find(({ linkedId }) => linkedId === null);
  if (absent === undefined) return { linked };
  return { linked, wait: { code: awaitedCode, reason: `waits until ${run.connector.platform.description.title} has ${nounOf[absent.dataType]} that it names` } };
}

/** A guest goes by no id: nobody waits for somebody who may never come. */
const nameOf = (one: NamedState): string => nameOfThing(one.source === byAddress ? { dataType: 'contacts', externalId: '' } : one);

const bringerOf = ({ source }: NamedState): string => (source === '' ? 'the shops have' : `${source} has`);

const nounOf: Readonly<Record<RecordType, string>> = {
  contacts: 'a contact', products: 'a product', organisations: 'an organisation', orders: 'an order', stock: 'a stock', shipments: 'a shipment', checkouts: 'a checkout',
};

/** The destination gets things of the type from the hub, or has its own. */
export function isConcerned({ connector }: Pick<DeliveryRun, 'connector'>, dataType: RecordType): boolean {
  return takes(connector, dataType) || isImported(connector.row.preset as PresetId, dataType, connector.platform.description).allowed;
}
