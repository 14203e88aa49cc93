import { HubError } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import type { PlatformContext } from '../platform.ts';
import { callOperation } from './call-operation.ts';
import { fieldsOf } from './fields.ts';
import type { WireResult } from './form-results.ts';
import { planOf } from './mapping.ts';
import { contactId } from './normalise.ts';
import { operations } from './operations/index.ts';
import { operationPages } from './pages.ts';
import { canBeSearched } from './search.ts';

/** Contacts with one address that are looked at. */
const mostContacts = 50;

/**
 * Finds whose a result is. A result names nobody (contract §2); but its answers mostly hold the person's address, and a contact has the
 * list of the results that are its own (§3.8), which makes it certain. A contact without an external id has no such list: it is taken when its
 * address is the only one among the answers, and its own alone. Histories are asked for once.
 */
export function whoFilledIn(context: PlatformContext, formId: number): (result: WireResult) => Promise<string | undefined> {
  const histories = new Map<string, Promise<ReadonlySet<number>>>();
  const historyOf = (externalId: string): Promise<ReadonlySet<number>> => {
    const known = histories.get(externalId) ?? formResultsOf(context, externalId, formId);
    histories.set(externalId, known);
    return known;
  };
  return async (result) => {
    const addresses = addressesIn(result);
    for (const address of addresses) {
      const contacts = await contactsWith(context, address);
      for (const { externalId } of contacts) if (externalId !== undefined && (await historyOf(externalId)).has(result.formResultId)) return externalId;
      const [only] = contacts;
      if (only !== undefined && only.externalId === undefined && contacts.length === 1 && addresses.length === 1) return contactId(only);
    }
    return undefined;
  };
}

/** Ids of the results of a form that a contact has; none for a contact that Mail+ does not know. */
export async function formResultsOf(context: PlatformContext, externalId: string, formId: number): Promise<ReadonlySet<number>> {
  const ids = new Set<number>();
  try {
    for await (const { rows } of operationPages(context, operations['contact.forms'], { externalId })) {
      for (const { form, formResultId } of rows) if (form.id === formId) ids.add(formResultId);
    }
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'RECORD_GONE') throw error;
  }
  return ids;
}

function addressesIn({ answers }: WireResult): readonly string[] {
  const found = answers.flatMap(({ answer }) => answer.map((text) => normaliseEmail(text))).flatMap((email) => (email.ok ? [email.value] : []));
  return [...new Set(found)].filter(canBeSearched);
}

async function contactsWith(context: PlatformContext, address: string) {
  const property = planOf(await fieldsOf(context), context).targets.get('email') ?? 'email';
  const { rows } = await callOperation(context, operations['contact.search'], { MPSearchQuery: { [property]: address }, pageSize: mostContacts });
  return rows;
}
