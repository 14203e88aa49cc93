import { sql } from 'kysely';
import { everyPermission } from '../../../domain/consent/ledger.ts';
import { personKeys, type PersonKey } from '../../../domain/erasure/traces.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { Db, Trx } from '../../database.ts';
import { alternatePrefix } from '../apply/adopt-links.ts';
import { nameOf } from '../apply/members.ts';

/** Said of a row that names a person who was erased. */
export const erasedReason = 'the person was erased: nothing of them is taken in again';

/** Who is asked about. */
export interface SuppressionScope {
  readonly accountId: string;
  readonly connectorId: string;
  /** By what the account matches contacts. */
  readonly matching: 'email' | 'phone';
  /** Keyed hash. */
  readonly fingerprint: (plain: string) => string;
}

type Kind = PersonKey['kind'] | 'thing';

/** The hash under which a key is suppressed. */
export function suppressionHash({ accountId, fingerprint }: Pick<SuppressionScope, 'accountId' | 'fingerprint'>, kind: Kind, value: string): string {
  return fingerprint(`suppressed/${accountId}/${kind}/${value}`);
}

/** A row as far as it tells whom it is about. */
interface Named {
  readonly externalId: string;
  readonly alternateId?: string;
  readonly canonical?: Fields;
  /** Ids at the connector of the contacts that it is about; its own unless told. */
  readonly contactIds?: readonly string[];
}

/**
 * External ids of those rows that are about an erased person: the same thing at the same connector, the same e-mail address, or the same phone number
 * where that decides: the account matches by phone, or the row has no address. One small query while nobody was erased in the account.
 */
export async function findSuppressed(trx: Db | Trx, scope: SuppressionScope, rows: readonly Named[]): Promise<ReadonlySet<string>> {
  if (rows.length === 0 || !(await hasSuppressed(trx, scope.accountId))) return new Set();
  const hashes = new Map<string, Set<string>>();
  for (const row of rows) for (const hash of hashesOf(scope, row)) hashes.set(hash, (hashes.get(hash) ?? new Set()).add(row.externalId));
  const { rows: found } = await sql<{ value: string }>`select value from suppressed_key where account_id = ${scope.accountId} and value = any(${[...hashes.keys()]}::text[])`.execute(trx);
  return new Set(found.flatMap(({ value }) => [...(hashes.get(value) ?? [])]));
}

/** Whether somebody with this normalised address was erased in the account, or is blocked. */
export async function isBarredAddress(trx: Trx, scope: Pick<SuppressionScope, 'accountId' | 'fingerprint'>, email: string): Promise<boolean> {
  const { rows } = await sql<{ barred: boolean }>`
    select exists (select 1 from suppressed_key where account_id = ${scope.accountId} and kind = 'email' and value = ${suppressionHash(scope, 'email', email)})
      or exists (select 1 from record r join consent_event e on e.record_id = r.id
        where r.account_id = ${scope.accountId} and r.email = ${email} and r.merged_into is null and e.permission = ${everyPermission}) as barred`.execute(trx);
  return rows[0]?.barred ?? false;
}

async function hasSuppressed(trx: Db | Trx, accountId: string): Promise<boolean> {
  return (await trx.selectFrom('suppressed_key').select('kind').where('account_id', '=', accountId).limit(1).executeTakeFirst()) !== undefined;
}

function hashesOf(scope: SuppressionScope, { externalId, alternateId, canonical = {}, contactIds = [externalId] }: Named): string[] {
  const ids = [...contactIds, ...(alternateId === undefined ? [] : [`${alternatePrefix}${alternateId}`])];
  const keys = personKeys(canonical);
  const deciding = keys.filter(({ kind }) => kind === 'email' || scope.matching === 'phone' || keys.every((other) => other.kind === 'phone'));
  return [...ids.map((id) => suppressionHash(scope, 'thing', nameOf(scope.connectorId, id))), ...deciding.map(({ kind, value }) => suppressionHash(scope, kind, value))];
}

/** An id that is no personal data by itself; of others the beginning of its hash is shown. */
export function showableId({ fingerprint }: Pick<SuppressionScope, 'fingerprint'>, externalId: string): string {
  return externalId.includes('@') ? `erased-${fingerprint(`shown/${externalId}`).slice(0, 12)}` : externalId;
}
