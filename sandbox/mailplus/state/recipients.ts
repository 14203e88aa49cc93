import type { Contact } from './contact.ts';
import type { ContactStore } from './contact-store.ts';
import { encryptedIdOf } from './encrypted-id.ts';

const firstGenerated = 0x8000_0000;
const perPrefix = 1_000_000;
const maxPrefixes = 2_000;

/** `ContactIdentifier` of the vendor. */
export interface ContactIdentifier {
  readonly externalId?: string;
  readonly encryptedId: string;
}

/**
 * Numbers for recipients of mailings: contacts go by their own number, generated recipients by numbers from 2^31.
 * A generated one is no contact: it has ids and turns up in reports, and takes no memory.
 */
export class Recipients {
  readonly #contacts: ContactStore;
  readonly #prefixes: string[] = [];
  readonly #field: string;

  constructor(contacts: ContactStore, field: string) {
    this.#contacts = contacts;
    this.#field = field;
  }

  /** Number of the first generated recipient with this prefix; the next 999,999 follow it. `undefined` when there are too many prefixes. */
  generated(prefix: string): number | undefined {
    if (!this.#prefixes.includes(prefix) && this.#prefixes.length >= maxPrefixes) return undefined;
    if (!this.#prefixes.includes(prefix)) this.#prefixes.push(prefix);
    return firstGenerated + this.#prefixes.indexOf(prefix) * perPrefix;
  }

  contactOf(who: number): Contact | undefined {
    return who < firstGenerated ? this.#contacts.byNumber(who) : undefined;
  }

  /** The recipient as a credential with this field sees it. An anonymised contact has an encrypted id only. */
  identifierOf(who: number, field: string): ContactIdentifier {
    const contact = this.contactOf(who);
    const externalId = contact === undefined ? this.#generatedId(who, field) : contact.externalIds[field];
    const encryptedId = contact?.encryptedId ?? encryptedIdOf('recipient', who - firstGenerated);
    return { ...(externalId !== undefined && { externalId }), encryptedId };
  }

  /** The recipient with this external id. */
  find(field: string, externalId: string): number | undefined {
    const contact = this.#contacts.byExternalId(field, externalId);
    if (contact !== undefined || field !== this.#field) return contact?.id;
    const match = /^(.*?)([1-9]\d*)$/.exec(externalId);
    const place = this.#prefixes.indexOf(match?.[1] ?? '');
    const number = Number(match?.[2] ?? '0');
    return place < 0 || number < 1 || number > perPrefix ? undefined : firstGenerated + place * perPrefix + number - 1;
  }

  #generatedId(who: number, field: string): string | undefined {
    const place = Math.floor((who - firstGenerated) / perPrefix);
    return field === this.#field ? `${this.#prefixes[place] ?? ''}${((who - firstGenerated) % perPrefix) + 1}` : undefined;
  }
}
