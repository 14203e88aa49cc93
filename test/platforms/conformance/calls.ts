import type { HubError } from '../../../domain/errors.ts';
import type { Fields, Scalar } from '../../../domain/model/fields.ts';
import type { DeliveryItem, DesiredRecord, Projection } from '../../../platforms/platform.ts';
import { person, type Person } from './person.ts';
import type { Subject } from './subject.ts';

/** When the suite's permissions were given or taken. */
export const permissionDate = '2026-01-15T10:00:00.000Z';

/** What an error tells the hub to do. */
export function errorOf({ code, recovery }: HubError): { readonly code: string; readonly recovery: string } {
  return { code, recovery };
}

/** A merged record whose values were all edited at another connector. */
export function desiredRecord(canonical: Fields): DesiredRecord {
  const origin = { connectorId: 'elsewhere-1', externalId: 'E1', at: permissionDate, edited: true };
  return { canonical, consent: {}, provenance: Object.fromEntries(Object.keys(canonical).map((name) => [name, origin])) };
}

/** The canonical fields of a person. */
export function canonicalOf({ firstName, lastName, email, mobile }: Person): Fields {
  return { firstName, lastName, email, mobile };
}

/** Canonical fields in the platform's terms. */
export function projected(subject: Subject, canonical: Fields): Projection {
  const { project } = subject.harness.platform;
  if (project === undefined) throw new Error('the platform takes no records');
  return project(subject.context(), 'contacts', desiredRecord(canonical));
}

/** A change of a contact that is there. */
export function changeItem(externalId: string, changes: Fields, date: string | null = permissionDate): DeliveryItem {
  const isPermission = (key: string): boolean => typeof changes[key] === 'boolean';
  const permissionDates = Object.fromEntries(Object.keys(changes).filter(isPermission).map((key) => [key, date]));
  return { externalId, isNew: false, changes, permissionDates, identity: {} };
}

/** A contact that is to be made, with its permission on. */
export function newItem(subject: Subject, externalId: string, one: Person): DeliveryItem {
  return { ...changeItem(externalId, { ...projected(subject, canonicalOf(one)).fields, [firstPermission(subject)]: true }), isNew: true };
}

/** Key in `held` of the first permission that is linked. */
export function firstPermission({ harness }: Subject): string {
  const [key] = Object.values(harness.permissionKeys);
  if (key === undefined) throw new Error('the harness links no permission');
  return key;
}

/** One item for each of these people of the sandbox: another last name and the permission taken away. */
export function suiteItems(subject: Subject, numbers: readonly number[]): readonly DeliveryItem[] {
  return numbers.map((number) => {
    const { fields } = projected(subject, { lastName: `${person(number).lastName}-Changed` });
    const changes: Record<string, Scalar> = { ...fields, [firstPermission(subject)]: false };
    return changeItem(subject.harness.idOf(number), changes);
  });
}
