import { inspect } from 'node:util';
import { HubError } from '../../../domain/errors.ts';
import { personalWords } from './person.ts';

/** Everything that the suite saw go wrong: errors of calls, reasons of rejected rows, words of outcomes, log lines. */
export class Witness {
  readonly errors: HubError[] = [];
  readonly logged: string[] = [];
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  /** The error that a call ends in. Fails when the call succeeds, or throws anything but a HubError. */
  async failure(call: () => unknown): Promise<HubError> {
    const error = await this.anyFailure(call);
    if (error instanceof HubError) return error;
    throw new Error(`A call has to end in a HubError, not in: ${inspect(error)}`, { cause: error });
  }

  /** As `failure`, for whatever is thrown (an aborted call gives the signal's reason). */
  async anyFailure(call: () => unknown): Promise<unknown> {
    try {
      await call();
    } catch (error) {
      if (error instanceof HubError) this.errors.push(error);
      return error;
    }
    throw new Error('The call was expected to fail, and did not.');
  }

  log(facts: object, message: string): void {
    this.logged.push(`${message} ${inspect(facts, { depth: 8 })}`);
  }

  /** What was said that must never be said; empty when all is well. Causes stay in the process: only secrets count there. */
  leaks(): readonly string[] {
    const said = this.errors.map((error) => `${error.code}: ${error.message} ${JSON.stringify(error.facts)}`);
    const kept = this.errors.map((error) => inspect(error, { depth: 10, showHidden: true }));
    return [
      ...[...said, ...this.logged].filter((text) => this.#isPersonal(text) || this.#isSecret(text)),
      ...kept.filter((text) => this.#isSecret(text)).map((text) => `in a cause: ${text.slice(0, 500)}`),
    ];
  }

  #isPersonal(text: string): boolean {
    return personalWords.some((word) => text.toLowerCase().includes(word));
  }

  #isSecret(text: string): boolean {
    return this.#secrets.some((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
  }
}
