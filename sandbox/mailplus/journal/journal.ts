import type { BitState } from '../state/property-values.ts';

/** What one call did to one contact. Names only: no values. */
export interface ContactNote {
  readonly externalId: string;
  /** `created`, `changed`, `identical`, a refusal code, or what the operation says. */
  readonly outcome: string;
  readonly properties: readonly string[];
  readonly bits: readonly BitState[];
}

/** What an operation reports about itself. */
export interface CallNotes {
  changed: boolean;
  readonly contacts: ContactNote[];
}

/** One call as the journal keeps it. `status` is 0 when the connection was cut without an answer. */
export interface JournalEntry {
  readonly sequence: number;
  readonly at: string;
  readonly method: string;
  /** Path without the base. */
  readonly path: string;
  /** The operation that it reached, such as `PUT /contact/{externalId}`; `unknown` for none. */
  readonly operation: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly errorType: string | undefined;
  readonly credential: string | undefined;
  readonly durationMs: number;
  /** Whether anything in the account is different because of it. */
  readonly changed: boolean;
  readonly contacts: readonly ContactNote[];
  /** The fault that was played on it, if any. */
  readonly fault: string | undefined;
}

/** Exact counts of one operation since the start or the last reset. */
export interface OperationCounter {
  calls: number;
  changed: number;
  byStatus: Record<string, number>;
}

/** Remembers the latest calls in bounded memory, and counts all of them. */
export class Journal {
  readonly #maxCalls: number;
  readonly #maxContacts: number;
  #entries: JournalEntry[] = [];
  #first = 0;
  #keptContacts = 0;
  #lastSequence = 0;
  readonly #counters = new Map<string, OperationCounter>();

  constructor(maxCalls: number, maxContacts: number) {
    this.#maxCalls = maxCalls;
    this.#maxContacts = maxContacts;
  }

  record(entry: Omit<JournalEntry, 'sequence'>): void {
    this.#lastSequence += 1;
    this.#entries.push({ ...entry, sequence: this.#lastSequence });
    this.#keptContacts += entry.contacts.length;
    this.#count(entry);
    this.#forget();
  }

  /** The kept calls after a sequence number, oldest first. */
  entries(afterSequence = 0): JournalEntry[] {
    return this.#entries.slice(this.#first).filter((entry) => entry.sequence > afterSequence);
  }

  counters(): Record<string, OperationCounter> {
    return Object.fromEntries(this.#counters);
  }

  clear(): void {
    this.#entries = [];
    this.#first = 0;
    this.#keptContacts = 0;
    this.#counters.clear();
  }

  #count(entry: Omit<JournalEntry, 'sequence'>): void {
    const counter = this.#counters.get(entry.operation) ?? { calls: 0, changed: 0, byStatus: {} };
    this.#counters.set(entry.operation, counter);
    const status = entry.status === 0 ? 'reset' : String(entry.status);
    counter.calls += 1;
    counter.changed += entry.changed ? 1 : 0;
    counter.byStatus[status] = (counter.byStatus[status] ?? 0) + 1;
  }

  #forget(): void {
    while (this.#entries.length - this.#first > this.#maxCalls || this.#keptContacts > this.#maxContacts) {
      this.#keptContacts -= this.#entries[this.#first]?.contacts.length ?? 0;
      this.#first += 1;
    }
    if (this.#first > 1_000 && this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
