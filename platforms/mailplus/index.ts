import { HubError } from '../../domain/errors.ts';
import type { ChecksConnection, Delivers, DiscoversFields, Platform, Reads } from '../platform.ts';
import { checkConnection } from './check.ts';
import { deliverContacts } from './deliver.ts';
import { mailplusDescription } from './description.ts';
import { discoverFields } from './fields.ts';
import { projectContact } from './project.ts';
import { readContactsById } from './read-records.ts';
import { readContacts } from './streams.ts';

/** Spotler Mail+ (contract: `docs/mailplus.md`). */
export const mailplus = {
  description: mailplusDescription,
  checkConnection,
  discoverFields,
  readPage: (context, stream, window, pageToken) => {
    if (stream.name === 'contacts') return readContacts(context, stream, window, pageToken);
    throw new HubError('NOT_FOUND', `Mail+ has no stream «${stream.name}».`);
  },
  readRecords: (context, dataType, ids) => {
    if (dataType !== 'contacts') throw new HubError('NOT_IMPORTED', `Mail+ gives no ${dataType} by id.`);
    return readContactsById(context, ids);
  },
  project: (context, _dataType, record) => projectContact(context, record),
  deliver: (context, dataType, items) => {
    if (dataType !== 'contacts') throw new HubError('NOT_FOUND', `Mail+ takes no ${dataType}.`);
    return deliverContacts(context, items);
  },
} satisfies Platform & ChecksConnection & Reads & DiscoversFields & Delivers;
