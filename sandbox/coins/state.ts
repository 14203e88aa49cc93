import { Cards, consentsOf } from './cards.ts';
import { Journal } from './journal.ts';
import { Notes } from './notes.ts';
import { wrongValue } from './refusal.ts';
import type { Activity, Consent, ConsentChange, Task, WireProspect } from './wire.ts';

/** What the licence and the set-up of this Coins decide. */
export type CoinsSettings = {
  /** Whether prospects have tasks; without, the task endpoint answers 404. */
  tasksLicensed: boolean;
  /** Whether an activity that names a campaign that Coins never sent is refused (400); else it is only counted. */
  strictCampaigns: boolean;
  /** The permissions that this Coins knows: code to description. */
  consentCodes: Record<string, string>;
};

/** The settings of a fresh sandbox. */
export const DEFAULT_SETTINGS: CoinsSettings = {
  tasksLicensed: true,
  strictCampaigns: false,
  consentCodes: { EMAIL_MKT: 'Consent to Receive Email Marketing', SMS_MKT: 'Consent to Receive SMS Marketing' },
};

/** Everything that this Coins holds. `now` gives milliseconds since 1970. */
export class CoinsState {
  readonly cards = new Cards();
  readonly activities = new Notes<Activity>();
  readonly tasks = new Notes<Task>();
  readonly journal = new Journal();
  /** Ids of the campaigns that Coins has sent to the hub. */
  readonly campaigns = new Set<string>();
  settings: CoinsSettings;
  readonly #now: () => number;
  readonly #initial: CoinsSettings;

  constructor(settings: CoinsSettings, now: () => number) {
    this.settings = settings;
    this.#initial = settings;
    this.#now = now;
  }

  /** The time of this server, ISO 8601 in UTC. */
  timestamp(): string {
    return new Date(this.#now()).toISOString();
  }

  /** Edits a card and stamps it, unless nothing changes. Returns the card and whether it changed. */
  edit(prospectId: string, edit: Partial<WireProspect>): { card: WireProspect; changed: boolean } {
    const before = this.cards.require(prospectId);
    const address = edit.address === undefined ? before.address : { ...asObject(before.address), ...asObject(edit.address) };
    const after = { ...before, ...edit, address, prospectId };
    if (JSON.stringify(after) === JSON.stringify(before)) return { card: before, changed: false };
    const card = { ...after, lastModified: edit.lastModified ?? this.timestamp() };
    this.cards.put([card]);
    return { card, changed: true };
  }

  /** Puts a consent on the card as Coins' own users do it, whatever is there. */
  setConsent(prospectId: string, consent: Pick<Consent, 'code' | 'value' | 'date'>): Consent {
    const description = this.settings.consentCodes[consent.code];
    if (description === undefined) throw wrongValue('code', `there is no permission ${consent.code}`);
    const card = this.cards.require(prospectId);
    const held = { code: consent.code, description, value: consent.value, date: consent.date };
    const before = consentsOf(card);
    const known = before.some(({ code }) => code === consent.code);
    const consents = known ? before.map((other) => (other.code === consent.code ? held : other)) : [...before, held];
    this.cards.put([{ ...card, consents, lastModified: this.timestamp() }]);
    return held;
  }

  /**
   * Takes a consent that the hub sends: one that is older than the one held is ignored, and at equal times the withdrawal
   * stays or comes. Returns what is held afterwards.
   */
  receiveConsent(prospectId: string, change: ConsentChange): Consent {
    const held = consentsOf(this.cards.require(prospectId)).find(({ code }) => code === change.code);
    const { counts, flips } = this.journal;
    const order = held?.date ? Date.parse(change.date) - Date.parse(held.date) : 1;
    if (held && order === 0 && held.value === change.value) {
      counts.permissionsRepeated += 1;
      return held;
    }
    if (held && (order < 0 || (order === 0 && change.value))) {
      counts.permissionsOutdated += 1;
      return held;
    }
    if ((held?.value ?? false) === change.value) counts.permissionsRestated += 1;
    else {
      counts.permissionFlips += 1;
      flips.push({ prospectId, code: change.code, value: change.value, date: change.date, receivedAt: this.timestamp() });
    }
    return this.setConsent(prospectId, change);
  }

  /** Merges cards into one; their activities and tasks move along. */
  merge(from: string, into: string): void {
    this.cards.merge(from, into, this.timestamp());
    this.activities.move(from, into);
    this.tasks.move(from, into);
  }

  /** Everything that is held, as JSON. */
  dump() {
    return {
      settings: this.settings,
      campaigns: [...this.campaigns],
      prospects: this.cards.all(),
      merged: this.cards.merges(),
      activities: this.activities.all(),
      tasks: this.tasks.all(),
    };
  }

  /** Back to a fresh sandbox: no cards, no activities, no counts, the settings of the start. */
  reset(): void {
    this.cards.clear();
    this.activities.clear();
    this.tasks.clear();
    this.campaigns.clear();
    this.journal.reset();
    this.settings = this.#initial;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
