import { HubError } from '../domain/errors.ts';
import { recordTypes, type RecordType } from '../domain/model/record-fields.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { isGateOpen } from '../db/repositories/gates.ts';
import { pendingLanes } from '../db/repositories/deliver/claim.ts';
import { closeIntents } from '../db/repositories/deliver/intent.ts';
import type { SenderScope } from '../db/repositories/deliver/sender.ts';
import { takeSenderLock } from '../db/repositories/deliver/sender-lock.ts';
import { activitySignal, addressKeyOf, loadConnector, type LoadedConnector } from './connector-context.ts';
import { takes } from './apply-context.ts';
import { createClaims } from './claims-ahead.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { loadHolds, lookAgain, runActions } from './deliver-actions.ts';
import { sendRecords } from './deliver-records.ts';
import type { DeliveryRun } from './delivery-run.ts';
import { withHeartbeat } from './heartbeat.ts';
import { createLookAhead } from './look-ahead.ts';

/** What one activity of the delivery workflow did. Counts only. */
export interface DeliverResult {
  readonly sent: number;
  readonly settled: number;
  readonly actions: number;
  /** The time box ended with work left. */
  readonly more: boolean;
  /** Why nothing, or nothing about contacts, is sent although something may be pending; for a person to read. */
  readonly waiting?: string;
}

/** Activities of `deliver`. */
export function createDeliverActivities(deps: ActivityDependencies) {
  /**
   * Sends what is pending for one export connector, in lane order, until nothing is left or the time box ends.
   * One sender at a time; takes over from PostgreSQL after a crash. Throws HubErrors of the platform: nothing is lost or skipped by it.
   */
  async function deliverPending(input: { connectorId: string }): Promise<DeliverResult> {
    return withHeartbeat(async () => {
      const connector = await loadConnector(deps, input.connectorId);
      const waiting = await whyNot(deps, connector);
      if (waiting !== null) return { sent: 0, settled: 0, actions: 0, more: false, waiting };
      const lock = await takeSenderLock(deps.db, deps.databaseUrl, input.connectorId);
      try {
        return await run(deps, connector, lock.epoch, activitySignal(lock.signal));
      } finally {
        await lock.release();
      }
    });
  }
  return { deliverPending };
}

const gateWords = 'waiting for its own first import';

async function whyNot(deps: ActivityDependencies, connector: LoadedConnector): Promise<string | null> {
  const { row } = connector;
  if (row.phase === 'removed') return 'the connector is removed';
  if (row.paused) return 'the connector is paused';
  const exported = [...takenTypes(connector), ...(takes(connector, 'activities') ? ['contacts' as const] : [])];
  if (exported.length === 0) return 'its preset exports nothing';
  for (const dataType of exported) if (await isOpen(deps, connector, dataType)) return null;
  return gateWords;
}

async function isOpen(deps: ActivityDependencies, { row, platform }: LoadedConnector, dataType: RecordType): Promise<boolean> {
  return isGateOpen(deps.db, row.id, dataType, isImported(row.preset as PresetId, dataType, platform.description).allowed);
}

async function run(deps: ActivityDependencies, connector: LoadedConnector, epoch: number, signal: AbortSignal): Promise<DeliverResult> {
  const addressKey = addressKeyOf(connector);
  const scope: SenderScope = { accountId: connector.row.account_id, connectorId: connector.row.id, dataType: 'contacts', epoch, ...(addressKey === undefined ? {} : { addressKey }) };
  const orphans = await closeIntents(deps.db, scope, 'earlier', new Date(deps.now()).toISOString());
  if (orphans > 0) deps.log.warn({ connectorId: scope.connectorId, orphans }, 'Calls without a known outcome are planned afresh');
  const tally = { sent: 0, settled: 0, actions: 0 };
  const delivery: DeliveryRun = { deps, connector, scope, signal, endsAt: deps.now() + deps.settings.timeBoxMs, lookAhead: createLookAhead(deps, connector, signal), holds: new Map(), isAwaited: false, unlicensed: new Map(), pace: { isQuick: false }, claims: createClaims(deps.db), tally };
  await loadHolds(delivery);
  try {
    const isOpenForContacts = await isOpen(deps, connector, 'contacts');
    const more = await sendAll(delivery, isOpenForContacts);
    return { ...tally, more, ...(isOpenForContacts || !takes(connector, 'contacts') ? {} : { waiting: gateWords }) };
  } catch (error) {
    if (error instanceof HubError && error.code === 'MAPPING_CHANGED') return { ...tally, more: true };
    throw error;
  }
}

/** The data types of records that the connector takes, in the order in which they go out: what is named before what names it. */
function takenTypes(connector: LoadedConnector): readonly RecordType[] {
  return recordTypes.filter((type) => takes(connector, type));
}

/** One chunk of the first data type that has something up to a lane. False when none has. */
async function sendFirst(delivery: DeliveryRun, lanes: ReadonlyMap<RecordType, number>, maxLane: 1 | 2): Promise<boolean> {
  for (const dataType of takenTypes(delivery.connector)) {
    if ((lanes.get(dataType) ?? Infinity) > maxLane) continue;
    const { addressKey, ...scope } = delivery.scope;
    const own: SenderScope = { ...scope, dataType, ...(dataType === 'contacts' && addressKey !== undefined && { addressKey }) };
    if (await sendRecords({ ...delivery, scope: own }, maxLane)) return true;
  }
  return false;
}

/** Actions are about contacts: they wait for the first import of those. True when the time box ended with work left. */
async function sendAll(delivery: DeliveryRun, isOpenForActions: boolean): Promise<boolean> {
  const { deps, signal } = delivery;
  for (;;) {
    signal.throwIfAborted();
    const didErase = isOpenForActions && (await runActions(delivery, 'erasures'));
    const lanes = await pendingLanes(deps.db, delivery.scope.connectorId, takenTypes(delivery.connector));
    const didUrgent = didErase || (await sendFirst(delivery, lanes, 1));
    const didActions = didUrgent || !isOpenForActions ? false : await runActions(delivery);
    if (didUrgent || didActions) delivery.claims.forget();
    const didBulk = didUrgent || didActions ? false : await sendFirst(delivery, lanes, 2);
    const idle = !didUrgent && !didActions && !didBulk;
    if (idle && !(isOpenForActions && lookAgain(delivery) && (await runActions(delivery)))) return false;
    if (deps.now() > delivery.endsAt) return true;
  }
}
