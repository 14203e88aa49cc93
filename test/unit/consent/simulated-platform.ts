import type { Fields, Scalar } from '../../../domain/model/fields.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

/** An instant by its minute, so that histories read easily. */
export const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** `bit`: shows only the present state. `bare`: that, and not even when the contact changed. `dated`: keeps the dates that it is given, and a newer one of its own. `stamping`: dates every write by its own clock. */
export type PlatformKind = 'bit' | 'bare' | 'dated' | 'stamping';

/** One contact at an outside system that stores what it is sent. Shares no code with the product. */
export class SimulatedPlatform {
  readonly id: string;
  readonly kind: PlatformKind;
  exists: boolean;
  name: Scalar = null;
  isOn: boolean;
  date: string | null = null;
  changedAt: string;

  get showsDates(): boolean {
    return this.kind === 'dated' || this.kind === 'stamping';
  }

  constructor(id: string, kind: PlatformKind, initial: { exists: boolean; isOn: boolean; minute: number }) {
    this.id = id;
    this.kind = kind;
    this.exists = initial.exists;
    this.isOn = initial.exists && initial.isOn;
    if (this.showsDates && this.isOn) this.date = at(initial.minute);
    this.changedAt = at(initial.minute);
  }

  /** A call of the hub that arrives. */
  store(changes: Fields, dates: Readonly<Record<string, string | null>>, minute: number): void {
    const before = JSON.stringify([this.exists, this.name, this.isOn, this.date]);
    this.exists = true;
    if (changes['name'] !== undefined) this.name = changes['name'];
    if (typeof changes['p'] === 'boolean') this.#storePermission(changes['p'], dates['p'] ?? null, minute);
    if (JSON.stringify([this.exists, this.name, this.isOn, this.date]) !== before) this.changedAt = at(minute);
  }

  #storePermission(isOn: boolean, date: string | null, minute: number): void {
    if (this.kind === 'dated' && this.date !== null && date !== null && this.date > date) return;
    if (this.kind === 'dated') this.date = date;
    if (this.kind === 'stamping' && (isOn !== this.isOn || this.date === null)) this.date = at(minute);
    this.isOn = isOn;
  }

  /** The person turns the switch on a page of the platform. */
  turn(minute: number): void {
    this.isOn = !this.isOn;
    if (this.showsDates) this.date = at(minute);
    this.changedAt = at(minute);
  }

  /** Somebody changes something else. */
  rename(name: string, minute: number): void {
    this.name = name;
    this.changedAt = at(minute);
  }

  /** What a read that is made now shows. */
  read(): SourceRow {
    const consents = !this.showsDates ? [] : [{ permission: 'mail', granted: this.isOn, at: this.date, evidence: 'card', heldKey: 'p' }];
    return {
      dataType: 'contacts', externalId: '1', sourceTime: this.kind === 'bare' ? null : this.changedAt, payload: null, canonical: this.name === null ? {} : { name: this.name },
      held: { name: this.name, p: this.isOn }, heldKeyOf: { name: 'name' }, consents, ...(this.showsDates ? {} : { observedPermissions: { mail: 'p' } }),
    };
  }
}
