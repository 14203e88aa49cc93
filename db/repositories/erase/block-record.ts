import { sql } from 'kysely';
import { decideAll, everyPermission, hubAsSource, isBlocked } from '../../../domain/consent/ledger.ts';
import { HubError } from '../../../domain/errors.ts';
import type { MergedRecord } from '../../../domain/model/record.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import type { ErasureStep } from '../../tables/erasure.ts';
import { loadConsentEvents, lockAllOf, lockRecords } from '../apply/load.ts';
import { linksAt, raiseDeliveries, type Raise } from '../apply/raise.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { writeAudit } from '../audit.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { requireSurvivor, type ErasureDone, type ErasureScope } from './erase-record.ts';
import { findReceipt, insertReceipt } from './receipts.ts';

/**
 * Blocks the contact of a record: a statement in its ledger withdraws all permissions until `unblockRecord` takes it out, the withdrawals are raised at every destination, and each
 * thing at one that can is inactivated. The statement goes along when records are merged or come apart. A second time changes nothing. Throws NOT_FOUND, RECORD_ERASED.
 */
export async function blockRecord(db: Db, scope: ErasureScope, recordId: number): Promise<ErasureDone> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    const record = await lockLiving(trx, scope, recordId);
    if (isBlocked(record.consent)) return repeated(trx, record.id, 'block');
    const receiptId = await insertReceipt(trx, { accountId: scope.accountId, recordId: record.id, kind: 'block', who: scope.who });
    await sql`
      insert into consent_event (account_id, record_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence)
      select ${scope.accountId}, ${record.id}, ${everyPermission}, false, e.at, e.at, ${hubAsSource}, ${String(receiptId)}, false, ${`blocked by an operator, receipt ${receiptId}`}
      from erasure e where e.id = ${receiptId}`.execute(trx);
    return conclude(trx, scope, record, { receiptId, kind: 'block', steps: await raiseInactivation(trx, scope, receiptId, record.id) });
  }));
}

/**
 * Takes a block out: permissions are as they were said to be besides, and so told to every destination. What was inactivated stays so where a platform has no way back;
 * what is not inactivated yet is not any more. Throws NOT_FOUND, RECORD_ERASED, REQUEST_INVALID for one that is not blocked.
 */
export async function unblockRecord(db: Db, scope: ErasureScope, recordId: number): Promise<ErasureDone> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    const record = await lockLiving(trx, scope, recordId);
    if (!isBlocked(record.consent)) throw new HubError('REQUEST_INVALID', `Record ${record.id} is not blocked.`, { fix: '`hub records find` shows who is.' });
    await sql`delete from consent_event where record_id = ${record.id} and permission = ${everyPermission} and connector_id = ${hubAsSource}`.execute(trx);
    await sql`
      update action set state = 'skipped', reason = 'the contact was unblocked', settled_at = clock_timestamp()
      where kind = 'contact.inactivate' and state = 'pending' and account_id = ${scope.accountId} and payload->>'recordId' = ${String(record.id)} and cause like 'block/%'`.execute(trx);
    const receiptId = await insertReceipt(trx, { accountId: scope.accountId, recordId: record.id, kind: 'unblock', who: scope.who });
    return conclude(trx, scope, record, { receiptId, kind: 'unblock', steps: await stepsToActivate(trx, scope, record.id) });
  }));
}

async function repeated(trx: Trx, recordId: number, kind: 'block'): Promise<ErasureDone> {
  const receipt = await findReceipt(trx, { recordId, kind });
  return { receiptId: receipt?.id ?? 0, recordId, repeated: true, raisedFor: [] };
}

async function lockLiving(trx: Trx, { accountId }: ErasureScope, recordId: number): Promise<MergedRecord> {
  const { id, erasedAt } = await requireSurvivor(trx, accountId, recordId);
  if (erasedAt !== null) throw new HubError('RECORD_ERASED', `Record ${id} was erased.`);
  const record = (await lockRecords(trx, [id])).get(id);
  if (record === undefined) throw new StaleLook('the record was merged meanwhile');
  await lockAllOf(trx, [id]);
  return record;
}

interface Conclusion { readonly receiptId: number; readonly kind: 'block' | 'unblock'; readonly steps: readonly ErasureStep[] }

/** The record with its consent as the ledger has it by now, deliveries, receipt, audit. */
async function conclude(trx: Trx, scope: ErasureScope, before: MergedRecord, { receiptId, kind, steps }: Conclusion): Promise<ErasureDone> {
  const { accountId, who } = scope;
  const recordId = before.id;
  const after = { ...before, consent: decideAll((await loadConsentEvents(trx, [recordId])).get(recordId) ?? []), version: before.version + 1 };
  await updateRecords(trx, [{ id: recordId, before, after }]);
  await insertChanges(trx, { accountId, receivedAt: new Date().toISOString(), cause: { kind, receipt: receiptId } }, [{ record: after, fields: {} }]);
  const raised = await raiseAll(trx, scope, after, kind === 'block' ? 0 : 1);
  await insertReceipt(trx, { accountId, recordId, kind, who, id: receiptId, steps });
  await writeAudit(trx, { accountId, who, what: `record.${kind}ed`, details: { recordId, receiptId } });
  return { receiptId, recordId, repeated: false, raisedFor: [...new Set([...raised, ...steps.flatMap(({ cause, connectorId }) => (cause === undefined ? [] : [connectorId]))])] };
}

async function raiseAll(trx: Trx, { accountId, destinations }: ErasureScope, record: MergedRecord, lane: Raise['lane']): Promise<string[]> {
  const raisedFor: string[] = [];
  for (const { exports } of destinations.values()) {
    if (exports === undefined) continue;
    const links = await linksAt(trx, exports.connectorId, 'contacts', [record.id]);
    const raises = links.length > 0 ? links.map(({ externalId }) => ({ recordId: record.id, target: externalId, lane })) : exports.createsContacts && !record.deleted ? [{ recordId: record.id, target: '', lane }] : [];
    await raiseDeliveries(trx, { accountId, dataType: 'contacts' }, exports, raises);
    if (raises.length > 0) raisedFor.push(exports.connectorId);
  }
  return raisedFor;
}

async function raiseInactivation(trx: Trx, scope: ErasureScope, receiptId: number, recordId: number): Promise<readonly ErasureStep[]> {
  const steps: ErasureStep[] = [];
  for (const { connectorId, externalId } of await linksOfRecord(trx, recordId)) {
    if (scope.destinations.get(connectorId)?.kinds.has('contact.inactivate') !== true) continue;
    const cause = `block/${receiptId}/${steps.length + 1}`;
    await sql`
      insert into action (account_id, connector_id, kind, target, cause, payload)
      values (${scope.accountId}, ${connectorId}, 'contact.inactivate', ${externalId}, ${cause}, ${JSON.stringify({ recordId })})`.execute(trx);
    steps.push({ connectorId, kind: 'inactivate', cause, things: 1 });
  }
  return steps;
}

/** What was inactivated for the block stays so. */
async function stepsToActivate(trx: Trx, scope: ErasureScope, recordId: number): Promise<readonly ErasureStep[]> {
  const receipt = await findReceipt(trx, { recordId, kind: 'block' });
  const done = (receipt?.steps ?? []).filter(({ kind, state }) => kind === 'inactivate' && state !== 'skipped');
  return done.map(({ connectorId, things }) => ({
    connectorId, kind: 'by-hand', things,
    note: `The hub has no way to activate a contact in ${scope.destinations.get(connectorId)?.title ?? 'this system'} again: do it there by hand, then \`hub failed retry --connector ${connectorId} --code RECORD_OPTED_OUT\`.`,
  }));
}

async function linksOfRecord(trx: Trx, recordId: number) {
  return trx.selectFrom('link').select(['connector_id as connectorId', 'external_id as externalId']).where('record_id', '=', recordId).where('gone_at', 'is', null)
    .orderBy('connector_id').orderBy('external_id').execute();
}
