import type { PropertyCatalogue } from './catalogue.ts';
import { normaliseEmail } from './contact.ts';
import type { Contact } from './contact.ts';
import { encryptedIdOf } from './encrypted-id.ts';
import { SortedBlocks } from './sorted-blocks.ts';

/** What of a contact a commit replaces. */
export interface ContactChange {
  readonly properties?: Contact['properties'];
  readonly externalIds?: Contact['externalIds'];
  readonly testGroup?: boolean;
}

/** What a new contact starts with. */
export interface NewContact {
  readonly properties: Contact['properties'];
  readonly externalIds: Contact['externalIds'];
  readonly testGroup: boolean;
  readonly createdMs: number;
  readonly lastChangedMs: number;
}

/**
 * All contacts with their indexes: external id per field, e-mail address, encrypted id, and `lastChanged`.
 * An external id belongs to one contact per field: giving it to another takes it from the first.
 */
export class ContactStore {
  readonly #catalogue: PropertyCatalogue;
  readonly #byId = new Map<number, Contact>();
  readonly #byEncryptedId = new Map<string, Contact>();
  readonly #byExternalId = new Map<string, Map<string, Contact>>();
  readonly #byEmail = new Map<string, Contact[]>();
  readonly #byLastChanged = new SortedBlocks<Contact>((contact) => contact.lastChangedMs, (contact) => contact.id);
  #lastId = 0;

  constructor(catalogue: PropertyCatalogue) {
    this.#catalogue = catalogue;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Contact> {
    return this.#byId.values();
  }

  /** Contacts that are not anonymised, in order of `lastChanged`, then id. */
  get changes(): Pick<SortedBlocks<Contact>, 'size' | 'rankOf' | 'range'> {
    return this.#byLastChanged;
  }

  /** The contact with this number, anonymised or not. */
  byNumber(id: number): Contact | undefined {
    return this.#byId.get(id);
  }

  byExternalId(field: string, externalId: string): Contact | undefined {
    return this.#byExternalId.get(field)?.get(externalId);
  }

  byEncryptedId(encryptedId: string): Contact | undefined {
    return this.#byEncryptedId.get(encryptedId);
  }

  /** The contacts with this address, whatever its capitals; more than one only in accounts without the e-mail rule. */
  byEmail(address: string): readonly Contact[] {
    return this.#byEmail.get(normaliseEmail(address)) ?? [];
  }

  create(from: NewContact): Contact {
    this.#lastId += 1;
    const contact: Contact = {
      ...from, externalIds: {}, id: this.#lastId, encryptedId: encryptedIdOf('contact', this.#lastId),
      inactive: undefined, softBouncesInARow: 0,
      changingUpserts: 0, identicalUpserts: 0, refusedUpserts: 0, permissionFlips: {},
    };
    this.#byId.set(contact.id, contact);
    this.#byEncryptedId.set(contact.encryptedId, contact);
    this.#replaceExternalIds(contact, from.externalIds);
    this.#indexEmail(contact);
    this.#byLastChanged.add(contact);
    return contact;
  }

  /** Applies a change and moves `lastChanged`. */
  commit(contact: Contact, change: ContactChange, atMs: number): void {
    if (change.properties !== undefined) this.#replaceProperties(contact, change.properties);
    if (change.externalIds !== undefined) this.#replaceExternalIds(contact, change.externalIds);
    if (change.testGroup !== undefined) contact.testGroup = change.testGroup;
    this.touch(contact, atMs);
  }

  /** Moves `lastChanged` only. */
  touch(contact: Contact, atMs: number): void {
    this.#byLastChanged.remove(contact);
    contact.lastChangedMs = atMs;
    this.#byLastChanged.add(contact);
  }

  /** Blanks the contact for good: no property, no id and no index leads to it any more. */
  anonymise(contact: Contact): void {
    this.#unindexEmail(contact);
    this.#replaceExternalIds(contact, {});
    this.#byEncryptedId.delete(contact.encryptedId);
    this.#byLastChanged.remove(contact);
    contact.properties = {};
    contact.inactive = 'anonymised';
  }

  #replaceProperties(contact: Contact, properties: Contact['properties']): void {
    const emailStays = this.#catalogue.emailOf(contact.properties) === this.#catalogue.emailOf(properties);
    if (!emailStays) this.#unindexEmail(contact);
    contact.properties = properties;
    if (!emailStays) this.#indexEmail(contact);
  }

  #replaceExternalIds(contact: Contact, externalIds: Contact['externalIds']): void {
    for (const [field, externalId] of Object.entries(contact.externalIds)) {
      if (externalIds[field] !== externalId) this.#byExternalId.get(field)?.delete(externalId);
    }
    for (const [field, externalId] of Object.entries(externalIds)) this.#takeExternalId(contact, field, externalId);
    contact.externalIds = { ...externalIds };
  }

  #takeExternalId(contact: Contact, field: string, externalId: string): void {
    const index = this.#byExternalId.get(field) ?? new Map<string, Contact>();
    this.#byExternalId.set(field, index);
    const holder = index.get(externalId);
    if (holder !== undefined && holder !== contact) delete holder.externalIds[field];
    index.set(externalId, contact);
  }

  #indexEmail(contact: Contact): void {
    const email = this.#catalogue.emailOf(contact.properties);
    if (email === undefined) return;
    const holders = this.#byEmail.get(email);
    if (holders === undefined) this.#byEmail.set(email, [contact]);
    else holders.push(contact);
  }

  #unindexEmail(contact: Contact): void {
    const email = this.#catalogue.emailOf(contact.properties);
    if (email === undefined) return;
    const left = this.byEmail(email).filter((holder) => holder !== contact);
    if (left.length === 0) this.#byEmail.delete(email);
    else this.#byEmail.set(email, left);
  }
}
