import type { Db } from '../../db/database.ts';
import { contactsMeant, recordOf } from '../../db/repositories/deliver/action-contact.ts';
import { findConnector } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';

/** How a contact is named, for descriptions. */
export const contactWords = 'The contact: `record:12` by the number of its record, `id:P7` by its id at this connector, `coins-1:P7` by its id at another one, or the number or the id alone.';

/**
 * The record of the contact that somebody names. Throws NOT_FOUND, and REQUEST_INVALID for an address and for an id that stands for two contacts.
 */
export async function findContact(db: Db, connectorId: string, name: string): Promise<number> {
  if (name.includes('@')) throw new HubError('REQUEST_INVALID', 'A contact is named by an id, not by its address.', { field: 'target', fix: '`hub records find` tells the number of its record.' });
  const [, prefix = '', rest = ''] = /^([^:]+):(.+)$/.exec(name) ?? [];
  const named = await byPrefix(db, connectorId, prefix, rest) ?? await meant(db, connectorId, name);
  if (named === undefined) throw new HubError('NOT_FOUND', 'There is no contact with this id.', { field: 'target', fix: `${contactWords} \`hub records find\` tells the number of a record.` });
  return named;
}

async function byPrefix(db: Db, connectorId: string, prefix: string, rest: string): Promise<number | undefined> {
  if (prefix === '') return undefined;
  if (prefix === 'record') return (await contactsMeant(db, connectorId, rest)).numbered ?? undefined;
  if (prefix === 'id') return (await contactsMeant(db, connectorId, rest)).linked ?? undefined;
  return (await findConnector(db, prefix)) === undefined ? undefined : recordOf(db, prefix, rest);
}

async function meant(db: Db, connectorId: string, name: string): Promise<number | undefined> {
  const { linked, numbered } = await contactsMeant(db, connectorId, name);
  if (linked !== null && numbered !== null && linked !== numbered) {
    throw new HubError('REQUEST_INVALID', `«${name}» is the id of a contact at this connector, and the number of another contact's record.`, { field: 'target', fix: `Say which is meant: id:${name} or record:${name}.` });
  }
  return linked ?? numbered ?? undefined;
}
