import type { SourceRow } from '../../../domain/model/source-record.ts';
import type { Trx } from '../../database.ts';
import { erasedReason, findSuppressed, showableId } from '../erase/suppressed.ts';
import type { ApplyInput } from './types.ts';
import { insertExcluded } from './write.ts';

/**
 * External ids of those rows of a page that are about a person who was erased, or an order or a checkout of one; they are listed as left out, and nothing of them is applied. To be asked when the
 * page has all its locks: an erasure of the same keys is over then, or comes later and finds what this page brings.
 */
export async function erasedThings(trx: Trx, input: ApplyInput): Promise<ReadonlySet<string>> {
  const { fingerprint, accountId, connectorId, matching } = input;
  if (fingerprint === undefined) return new Set();
  const scope = { accountId, connectorId, matching, fingerprint };
  const erased = await findSuppressed(trx, scope, input.dataType === 'contacts' ? input.rows : input.rows.map(ofTrade));
  const shown = input.rows.filter(({ externalId, deleted }) => erased.has(externalId) && deleted !== true).map(({ externalId }) => showableId(scope, externalId));
  await insertExcluded(trx, input, [...new Set(shown)], erasedReason);
  return erased;
}

/** An order or a checkout is about the contact that it names, and about whoever has its address. */
function ofTrade({ externalId, canonical }: SourceRow): Parameters<typeof findSuppressed>[2][number] {
  const { contactExternalId, email = null } = canonical;
  return { externalId, contactIds: typeof contactExternalId === 'string' ? [contactExternalId] : [], canonical: { email } };
}
