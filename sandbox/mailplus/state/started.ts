import type { Contact } from './contact.ts';

/** What the API can set off that is not undone by sending it again. */
export const startKinds = [
  'campaign', 'campaignStop', 'automation', 'automationStop', 'subscribe', 'form', 'cartCreated', 'cartConverted',
] as const;

/** One of {@link startKinds}. */
export type StartKind = (typeof startKinds)[number];

/** One thing that the API set off. */
export interface Start {
  readonly sequence: number;
  readonly kind: StartKind;
  /** `undefined` for a form that somebody unknown submitted. */
  readonly contact: Contact | undefined;
  /** Id of what was started: of the campaign, automation or form, or the `mailplusId` of a shopping cart. */
  readonly target: string;
  readonly atMs: number;
  readonly credential: string;
  /** What was sent along. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Everything that the API set off, in order, so that a test can count what happened twice. */
export class StartLog {
  readonly #starts: Start[] = [];

  record(start: Omit<Start, 'sequence'>): Start {
    const recorded = { ...start, sequence: this.#starts.length + 1 };
    this.#starts.push(recorded);
    return recorded;
  }

  all(): readonly Start[] {
    return this.#starts;
  }
}
