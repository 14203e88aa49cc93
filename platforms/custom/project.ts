import type { Fields, Scalar } from '../../domain/model/fields.ts';
import { namingFields, nameOfThing } from '../../domain/model/named-things.ts';
import { orderedJson, type RecordType } from '../../domain/model/record-fields.ts';
import type { DesiredRecord, Projection } from '../platform.ts';

/** Key under which a system is known to have been told that a thing is gone. */
export const deletedKey = 'deleted';

/** Why a changed address is not told. */
const userNameReason = 'the e-mail address is the user name there (setting emailIsUserName)';

type Linked = NonNullable<DesiredRecord['linked']>;

/**
 * What a system is to hold of a record: its canonical fields as they are, with the names of other things in the system's own ids. A thing that the
 * system does not have is `null` there: an id of another system could be taken for one of its own. A user name is told with a new contact only. Of a record
 * that is gone only that. Pure.
 */
export function projectRecord(dataType: RecordType, { canonical, deleted, linked = {} }: DesiredRecord, emailIsUserName = false): Projection {
  if (deleted === true) return { fields: { [deletedKey]: true }, withheld: [] };
  return { fields: { ...translateNames(dataType, canonical, linked), [deletedKey]: null }, withheld: [], ...(emailIsUserName && dataType === 'contacts' && { onlyWhenNew: { email: userNameReason } }) };
}

function translateNames(dataType: RecordType, canonical: Fields, linked: Linked): Fields {
  if (dataType === 'contacts') return canonical;
  const names: Readonly<Record<string, RecordType>> = { ...namingFields[dataType], ...(dataType === 'checkouts' ? { orderExternalId: 'orders' } : {}) };
  const fields: Record<string, Scalar> = { ...canonical };
  for (const [field, type] of Object.entries(names)) {
    const id = fields[field];
    if (typeof id === 'string') fields[field] = idThere(linked, type, id);
  }
  const { lines } = fields;
  if (typeof lines === 'string') fields['lines'] = translateLines(lines, linked);
  return fields;
}

function translateLines(text: string, linked: Linked): string {
  const lines = JSON.parse(text) as readonly { readonly productExternalId: string }[];
  return orderedJson(lines.map((line) => ({ ...line, productExternalId: idThere(linked, 'products', line.productExternalId) })));
}

const idThere = (linked: Linked, dataType: RecordType, externalId: string): string | null => linked[nameOfThing({ dataType, externalId })] ?? null;
