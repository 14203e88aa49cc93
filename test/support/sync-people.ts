import type { DeliveryItem } from '../../platforms/platform.ts';
import type { Prospect } from '../../sandbox/coins/index.ts';
import { card, consent, emailBit, type HubWorld } from './hub-world.ts';
import type { Beginning, Deed } from './oracle/sync-steps.ts';
import type { Field } from './oracle/told.ts';
import type { Person } from './sync-notes.ts';

const bothFields = ['firstName', 'city'] as const;
let groups = 0;

/** Some people with cards in Coins, perhaps known to Mail+, and what they and Coins' users do; each deed is noted for the oracle. */
export class SyncPeople {
  readonly all: readonly Person[];
  readonly #world: HubWorld;
  readonly #tick: () => number;
  #values = 0;

  /** `clock` moves the time by a step. */
  constructor(world: HubWorld, beginnings: readonly Beginning[], clock: () => number) {
    groups += 1;
    this.#world = world;
    this.#tick = clock;
    this.all = beginnings.map((beginning, i) => this.#meet(beginning, `${groups}.${i}`));
  }

  get #mail() { return this.#world.mail.state; }
  get #coins() { return this.#world.coinsOf('coins-1').state; }

  #meet({ cards, atMail }: Beginning, name: string): Person {
    const person: Person = { email: `person.${name}@example.test`, cards: cards.map((_, i) => `P${name}.${i}`), edits: [], words: [], readings: [], calls: [] };
    if (atMail !== null) this.#seedContact(person, atMail);
    for (const [i, { consent: said }] of cards.entries()) this.#putCard(person, person.cards[i] ?? '', said);
    return person;
  }

  #firstValues(person: Person, place: string): Record<Field, string> {
    const values = { firstName: this.#value(), city: this.#value() };
    const at = this.#tick();
    for (const field of bothFields) person.edits.push({ place, field, value: values[field], at, isFirst: true });
    return values;
  }

  #seedContact(person: Person, isOn: boolean): void {
    const values = this.#firstValues(person, 'mail');
    this.#mail.seedContacts([{ properties: { email: person.email, ...values }, permissions: isOn ? [emailBit] : [], created: Date.now(), lastChanged: Date.now() }]);
    if (isOn) person.words.push({ place: 'mail', isYes: true, at: -Infinity });
  }

  #putCard(person: Person, place: string, said: Beginning['cards'][number]['consent']): void {
    const { firstName, city } = this.#firstValues(person, place);
    const stamp = new Date().toISOString();
    const address = { line1: '', line2: '', town: city, county: '', postcode: '', country: '' };
    const consents = said === null ? [] : consent(said.isYes, said.isDated ? stamp : null);
    this.#coins.cards.put([card({ prospectId: place, email: person.email, forename: firstName, address, consents, lastModified: stamp })]);
    if (said !== null && (said.isDated || said.isYes)) person.words.push({ place, isYes: said.isYes, at: said.isDated ? Date.now() : -Infinity });
  }

  #value(): string {
    this.#values += 1;
    return `V${this.#values}`;
  }

  /** By number, modulo how many there are. */
  person(who: number): Person {
    const person = this.all[who % this.all.length];
    if (person === undefined) throw new Error('A life has people.');
    return person;
  }

  #cardOf(person: Person, index: number): string {
    return person.cards[index % person.cards.length] ?? '';
  }

  /** Each deed has a moment of its own. */
  act(deeds: readonly Deed[]): void {
    for (const deed of deeds) {
      this.#tick();
      if (deed.do === 'edit') this.#edit(deed);
      else if (deed.do === 'say') this.#say(deed);
      else this.#switch(deed);
    }
  }

  /** A field gets a value that nothing had before. */
  #edit({ who, where, card: index, field }: Extract<Deed, { do: 'edit' }>): void {
    const person = this.person(who);
    const value = this.#value();
    const place = where === 'mail' ? 'mail' : this.#cardOf(person, index);
    if (where === 'mail' && this.contactsOf(person).length === 0) return;
    if (where === 'mail') this.#mail.editContact({ contact: { email: person.email }, properties: { [field]: value } });
    else this.#coins.edit(place, field === 'firstName' ? { forename: value } : { address: { town: value } as Prospect['address'] });
    person.edits.push({ place, field, value, at: Date.now(), isFirst: false });
  }

  /** A Coins user notes a consent on a card. */
  #say({ who, card: index, isYes }: Extract<Deed, { do: 'say' }>): void {
    const person = this.person(who);
    const place = this.#cardOf(person, index);
    this.#coins.setConsent(place, { code: 'EMAIL_MKT', value: isYes, date: new Date().toISOString() });
    person.words.push({ place, isYes, at: Date.now() });
  }

  /** The person turns the permission at Mail+ over. */
  #switch({ who }: Extract<Deed, { do: 'switch' }>): void {
    const person = this.person(who);
    const [contact] = this.contactsOf(person);
    if (contact === undefined) return;
    const isYes = !contact.permissions.includes(emailBit);
    this.#mail[isYes ? 'resubscribe' : 'unsubscribe']({ contact: { email: person.email }, bit: emailBit });
    person.words.push({ place: 'mail', isYes, at: Date.now() });
  }

  /** Whether an item is about a person at Mail+. */
  isOf(person: Person, item: DeliveryItem): boolean {
    const known = [...this.#mail.contacts()].find(({ externalIds }) => Object.values(externalIds).includes(item.externalId));
    return (known?.email ?? item.changes['email'] ?? item.identity['email']) === person.email;
  }

  /** The contacts at Mail+ with the person's address. */
  contactsOf(person: Pick<Person, 'email'>) {
    return [...this.#mail.contacts()].filter((contact) => contact.email === person.email);
  }

  /** What the outside systems hold of a person in the end. */
  outcomeOf(person: Person) {
    const [contact] = this.contactsOf(person);
    const valuesAt = (field: Field) => String(contact?.properties[field] ?? '');
    return {
      contacts: this.contactsOf(person).length,
      mail: { firstName: valuesAt('firstName'), city: valuesAt('city'), isOn: contact?.permissions.includes(emailBit) === true },
      cards: person.cards.map((id) => {
        const held = this.#coins.cards.require(id) as Prospect;
        return { id, firstName: held.forename, city: held.address.town, isOn: held.consents.some(({ value }) => value) };
      }),
    };
  }
}
