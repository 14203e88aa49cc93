import { sql } from 'kysely';
import type { MergePolicy } from '../../../domain/merge/merge-record.ts';
import type { DataType } from '../../../domain/presets/data-types.ts';
import type { Trx } from '../../database.ts';

/** Records of which account and data type; `defaultSource` is whose word should count first, absent where the data type has nobody of that kind. */
interface OrderScope {
  readonly accountId: string;
  readonly dataType: DataType;
  readonly defaultSource?: string | null;
}

/**
 * By whose word records are merged first, and keeps it so until the end of the transaction; to be called before any row is locked. Where the account has
 * no records of the type yet, `defaultSource` comes into force. Who should have the first word may be another by now: then everything is merged anew
 * once that is in force (`follow.ts`).
 */
export async function policyInForce(trx: Trx, { accountId, dataType, defaultSource }: OrderScope): Promise<MergePolicy> {
  if (defaultSource === undefined) return {};
  await lockDefaultSource(trx, accountId, dataType, 'shared');
  const known = await find(trx, accountId, dataType);
  if (known !== undefined) return policyOf(known.connector_id);
  await trx.insertInto('default_source').values({ account_id: accountId, data_type: dataType, connector_id: defaultSource }).onConflict((c) => c.doNothing()).execute();
  return policyOf((await find(trx, accountId, dataType))?.connector_id ?? null);
}

/** Who merges shares this lock, who changes the order takes it alone. In turn, so that an uninterrupted stream of pages lets the change through. */
export async function lockDefaultSource(trx: Trx, accountId: string, dataType: DataType, how: 'shared' | 'alone'): Promise<void> {
  const key = sql`hashtextextended(${`default-source/${accountId}/${dataType}`}, 0)`;
  await (how === 'alone' ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`).execute(trx);
}

const find = (trx: Trx, accountId: string, dataType: DataType) =>
  trx.selectFrom('default_source').select('connector_id').where('account_id', '=', accountId).where('data_type', '=', dataType).executeTakeFirst();

const policyOf = (connectorId: string | null): MergePolicy => (connectorId === null ? {} : { defaultConnector: connectorId });
