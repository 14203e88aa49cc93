import { HubError } from '../../../domain/errors.ts';
import { tracesOf, type PersonKey } from '../../../domain/erasure/traces.ts';
import type { ErasureStep } from '../../tables/erasure.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import type { ExportTarget } from '../apply/types.ts';
import { writeAudit } from '../audit.ts';
import { lockKeys } from '../apply/keys.ts';
import { lockAllOf, lockRecords } from '../apply/load.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { deleteOwnRows } from './delete-rows.ts';
import { raiseAnonymisation, stepsByHand } from './destinations.ts';
import { readPerson, survivorOf, type Person } from './person.ts';
import { findReceipt, insertReceipt } from './receipts.ts';
import { scrubTraces } from './scrub.ts';
import { suppressPerson } from './suppress.ts';
import { deleteTrades } from './trades.ts';

/** A connector as far as it matters to an erasure. */
export interface ErasureDestination {
  readonly title: string;
  /** Kinds of actions that the platform has, and the hub may still ask it for. */
  readonly kinds: ReadonlySet<string>;
  /** How contacts go there; absent where none do. */
  readonly exports?: Pick<ExportTarget, 'connectorId' | 'createsContacts' | 'gateOpen' | 'targets'>;
}

/** Who erases or blocks, and what with. */
export interface ErasureScope {
  readonly accountId: string;
  readonly who: string;
  readonly matching: 'email' | 'phone';
  /** All connectors of the account, removed ones too, by id. */
  readonly destinations: ReadonlyMap<string, ErasureDestination>;
  readonly fingerprint: (plain: string) => string;
  readonly seal: (plain: string, context: string) => string;
}

/** What was done. */
export interface ErasureDone {
  readonly receiptId: number;
  readonly recordId: number;
  /** It had been done before: nothing was changed now. */
  readonly repeated: boolean;
  /** Connectors that have something to do now: to be woken. */
  readonly raisedFor: readonly string[];
}

/**
 * Erases the person of a record, in one transaction under the locks of all match keys (design §9): the keys are suppressed, the record, what was merged into it, and all that
 * the hub stored about it is deleted or blanked, and each thing elsewhere gets one action or is listed as left to be done by hand. A second time
 * changes nothing and names the first receipt. Throws NOT_FOUND.
 */
export async function eraseRecord(db: Db, scope: ErasureScope, recordId: number): Promise<ErasureDone> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    const found = await requireSurvivor(trx, scope.accountId, recordId);
    if (found.erasedAt !== null) return repeated(trx, found.id);
    const person = await lockPerson(trx, scope.accountId, found.id);
    return eraseLocked(trx, scope, found.id, person);
  }));
}

/** The living record that an id stands for. Throws NOT_FOUND. */
export async function requireSurvivor(trx: Trx, accountId: string, recordId: number): Promise<NonNullable<Awaited<ReturnType<typeof survivorOf>>>> {
  const found = await survivorOf(trx, accountId, recordId);
  if (found === undefined) throw new HubError('NOT_FOUND', `There is no record ${recordId}.`, { fix: 'Take the number from `hub records find`.' });
  return found;
}

async function repeated(trx: Trx, recordId: number): Promise<ErasureDone> {
  const receipt = await findReceipt(trx, { recordId, kind: 'erase' });
  return { receiptId: receipt?.id ?? 0, recordId, repeated: true, raisedFor: [] };
}

/** Keys, records, source records, deliveries, links: the order of locks of design §4. Keys that nobody has are made for the lock, and go again. */
async function lockPerson(trx: Trx, accountId: string, recordId: number): Promise<Person & { readonly ownKeys: readonly PersonKey[]; readonly reserved: readonly PersonKey[] }> {
  const seen = await readPerson(trx, recordId);
  const own: PersonKey[] = [];
  const reserved: PersonKey[] = [];
  for (const kind of ['email', 'phone'] as const) {
    const values = seen.keys.filter((key) => key.kind === kind).map(({ value }) => value);
    const locked = await lockKeys(trx, { accountId, dataType: 'contacts', kind }, values);
    reserved.push(...[...locked.reserved.keys()].map((value) => ({ kind, value })));
    own.push(...values.filter((value) => isOwn(seen, locked.owners.get(value) ?? null)).map((value) => ({ kind, value })));
  }
  const records = await lockRecords(trx, seen.recordIds);
  if (!records.has(recordId)) throw new StaleLook('the record was merged meanwhile');
  await lockAllOf(trx, seen.recordIds);
  const now = await readPerson(trx, recordId);
  const names = new Set(seen.keys.map(({ kind, value }) => `${kind} ${value}`));
  if (now.recordIds.length !== seen.recordIds.length || now.keys.some(({ kind, value }) => !names.has(`${kind} ${value}`))) throw new StaleLook('the contact changed meanwhile');
  return { ...now, ownKeys: own, reserved };
}

/** A key that another contact has is no key of this person alone. */
const isOwn = ({ recordIds }: Person, owner: number | null): boolean => owner === null || recordIds.includes(owner);

async function eraseLocked(trx: Trx, scope: ErasureScope, recordId: number, person: Awaited<ReturnType<typeof lockPerson>>): Promise<ErasureDone> {
  const { accountId, who } = scope;
  const keys = await suppressPerson(trx, scope, recordId, person);
  const receiptId = await insertReceipt(trx, { accountId, recordId, kind: 'erase', who });
  const actions = await raiseAnonymisation(trx, scope, receiptId, recordId, person);
  const steps: ErasureStep[] = [...actions, ...stepsByHand(scope, receiptId, person)];
  const freed = keys.flatMap(({ kind, value }) => (kind === 'email' ? [value] : []));
  const deleted = { ...(await deleteOwnRows(trx, accountId, recordId, person)), ...(await deleteTrades(trx, accountId, person, keys)) };
  const traces = tracesOf(keys);
  const scrubbed = traces === undefined ? {} : await scrubTraces(trx, accountId, traces);
  const raised = await releaseSharedEmails(trx, accountId, freed);
  await insertReceipt(trx, { accountId, recordId, kind: 'erase', who, id: receiptId, counts: { ...deleted, ...scrubbed, 'suppressed keys': keys.length }, steps });
  await writeAudit(trx, { accountId, who, what: 'record.erased', details: { recordId, receiptId } });
  return { receiptId, recordId, repeated: false, raisedFor: [...new Set([...actions.map((step) => step.connectorId), ...raised])] };
}
