import type { Contact } from './contact.ts';
import { uuidOf } from './encrypted-id.ts';

/** What an automation of the newer module is made of. */
export interface AutomationSetup {
  readonly name: string;
  readonly active: boolean;
  /** Codes of its external triggers; automations may share one. A name in place of a uuid is not allowed. */
  readonly triggerCodes: readonly string[] | undefined;
  /** How often one contact may start it; without limit when absent. */
  readonly participationLimit: number | undefined;
}

/** An automation of the account. */
export interface Automation {
  readonly automationId: string;
  readonly name: string;
  active: boolean;
  readonly triggerCodes: readonly string[];
  readonly participationLimit: number | undefined;
}

/** One run of an automation for one contact. */
export interface AutomationRun {
  readonly automationContactId: string;
  readonly automation: Automation;
  readonly contact: Contact;
  running: boolean;
}

/** The account's automations and their runs. */
export class Automations {
  readonly #automations: Automation[] = [];
  readonly #runs: AutomationRun[] = [];
  readonly #ofContact = new Map<Contact, AutomationRun[]>();
  #lastTrigger = 0;

  add(setup: AutomationSetup): Automation {
    const automation = {
      ...setup, automationId: uuidOf('automation', this.#automations.length + 1),
      triggerCodes: setup.triggerCodes ?? [this.#nextTriggerCode()],
    };
    this.#automations.push(automation);
    return automation;
  }

  all(): readonly Automation[] {
    return this.#automations;
  }

  find(automationId: string): Automation | undefined {
    return this.#automations.find((automation) => automation.automationId === automationId);
  }

  /** Those that this code starts. */
  ofTrigger(triggerCode: string): Automation[] {
    return this.#automations.filter(({ triggerCodes }) => triggerCodes.includes(triggerCode.toLowerCase()));
  }

  start(automation: Automation, contact: Contact): AutomationRun {
    const run = { automationContactId: uuidOf('automationContact', this.#runs.length + 1), automation, contact, running: true };
    this.#runs.push(run);
    this.#ofContact.set(contact, [...this.runsOf(contact), run]);
    return run;
  }

  runs(): readonly AutomationRun[] {
    return this.#runs;
  }

  runsOf(contact: Contact): readonly AutomationRun[] {
    return this.#ofContact.get(contact) ?? [];
  }

  #nextTriggerCode(): string {
    this.#lastTrigger += 1;
    return uuidOf('automationTrigger', this.#lastTrigger);
  }
}
