/** A server of the default machine could not be started. `message` says what happened, `fix` what a person can do about it. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
  readonly fix: string;

  constructor(message: string, fix: string, cause?: unknown) {
    super(`${message} ${fix}`, cause === undefined ? undefined : { cause });
    this.fix = fix;
  }
}

/** Takes one line for a person: what is being started, where it is, what was found. Never a secret. */
export type Log = (line: string) => void;
