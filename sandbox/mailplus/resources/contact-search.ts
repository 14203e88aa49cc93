import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { searchCriteria } from '../http/search-query.ts';
import type { Criterion } from '../http/search-query.ts';
import type { Contact } from '../state/contact.ts';
import { contactView } from './views.ts';

/**
 * Search by properties. `MPSearchQuery` is `property=value`; several are joined by `&` (contract 3.7, the joining is an
 * assumption). All must match, exactly but for capitals. A set property cannot be searched.
 */
export const contactSearchOperations: readonly Operation[] = [
  { method: 'GET', path: 'contact/search', handle: search },
];

function search(call: Call): Reply {
  const request = readPageRequest(call, true);
  const criteria = readCriteria(call);
  const found = candidates(call, criteria).filter((contact) => criteria.every((criterion) => matches(call, contact, criterion)));
  const page = pageOf(call, request, found.length, (from, to) => found.slice(from, to));
  return { status: 200, body: { paging: page.paging, contacts: page.items.map((contact) => contactView(call, contact)) } };
}

function readCriteria(call: Call): Criterion[] {
  const criteria = searchCriteria(call);
  for (const { name } of criteria) {
    const definition = call.account.catalogue.find(name);
    if (name !== 'externalId' && (definition === undefined || definition.type === 'set')) {
      throw new ApiError(400, 'INVALID_PROPERTY', `Property is invalid: ${name}`);
    }
  }
  return criteria;
}

/** Narrows the search by an index where there is one. */
function candidates(call: Call, criteria: readonly Criterion[]): readonly Contact[] {
  const { contacts, catalogue } = call.account;
  const byEmail = criteria.find(({ name }) => catalogue.find(name)?.type === 'email');
  return byEmail === undefined ? contacts.changes.range(0, contacts.changes.size) : contacts.byEmail(byEmail.value);
}

function matches(call: Call, contact: Contact, { name, value }: Criterion): boolean {
  const stored = name === 'externalId' ? contact.externalIds[call.credential.externalIdField] : contact.properties[name];
  return stored !== undefined && String(stored).toLowerCase() === value;
}
