import type { PropertyDefinition, PropertyType } from '../options.ts';
import type { Contact, SetBits } from './contact.ts';
import { normaliseEmail } from './contact.ts';

/** A set value as the API writes it: every entry of the set, on or off. */
export type SetView = readonly { readonly description: string; readonly bit: number; readonly enabled: boolean }[];

/** The account's property definitions, by name, with one shared array per combination of enabled bits. */
export class PropertyCatalogue {
  readonly #definitions: readonly PropertyDefinition[];
  readonly #hidden = new Set<string>();
  readonly #byName: Map<string, PropertyDefinition>;
  readonly #emailName: string | undefined;
  readonly #mobileName: string | undefined;
  readonly #bits = new Map<string, SetBits>();
  readonly #views = new Map<PropertyDefinition, Map<SetBits, SetView>>();

  constructor(definitions: readonly PropertyDefinition[]) {
    this.#definitions = definitions;
    this.#byName = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#emailName = this.#firstOfType('email');
    this.#mobileName = this.#firstOfType('mobNr');
  }

  /** Those that are visible, in the account's order. */
  get definitions(): readonly PropertyDefinition[] {
    return this.#hidden.size === 0 ? this.#definitions : this.#definitions.filter(({ name }) => !this.#hidden.has(name));
  }

  /** A visible property. */
  find(name: string): PropertyDefinition | undefined {
    return this.#hidden.has(name) ? undefined : this.#byName.get(name);
  }

  /** A user of the account hides a property from the API, or shows it again; contacts keep its values. False when there is none. */
  setVisible(name: string, visible: boolean): boolean {
    if (!this.#byName.has(name)) return false;
    if (visible) this.#hidden.delete(name);
    else this.#hidden.add(name);
    return true;
  }

  /** The shared ascending array of these bits. */
  bits(enabled: Iterable<number>): SetBits {
    const sorted = [...new Set(enabled)].toSorted((left, right) => left - right);
    const key = sorted.join(',');
    const known = this.#bits.get(key);
    if (known !== undefined) return known;
    const shared = Object.freeze(sorted);
    this.#bits.set(key, shared);
    return shared;
  }

  /** Every entry of the set with its state, as reads show it (contract 3.5). */
  setView(definition: PropertyDefinition, bits: SetBits): SetView {
    const views = this.#views.get(definition) ?? new Map<SetBits, SetView>();
    this.#views.set(definition, views);
    const known = views.get(bits);
    if (known !== undefined) return known;
    const view = (definition.entries ?? []).map(({ bit, description }) => ({ description, bit, enabled: bits.includes(bit) }));
    views.set(bits, view);
    return view;
  }

  /** The contact's address in the form that matching uses; `undefined` when it has none. */
  emailOf(properties: Contact['properties']): string | undefined {
    const address = this.#emailName === undefined ? undefined : properties[this.#emailName];
    return typeof address === 'string' ? normaliseEmail(address) : undefined;
  }

  /** Whether the contact has a number for text messages. */
  hasMobileNumber(properties: Contact['properties']): boolean {
    return this.#mobileName !== undefined && properties[this.#mobileName] !== undefined;
  }

  #firstOfType(type: PropertyType): string | undefined {
    return this.#definitions.find((definition) => definition.type === type)?.name;
  }
}
