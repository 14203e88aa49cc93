import type { ClientEnvironment } from '../config/client-environment.ts';

/** What a command speaks to: tests put their own in its place. */
export interface CliIo {
  /** One line, or several, to standard output. */
  out(text: string): void;
  /** The same to standard error. */
  err(text: string): void;
  /** Standard output is a terminal: colours and redrawing are welcome. */
  readonly terminal: boolean;
  /** A person can be asked. */
  readonly interactive: boolean;
  /** Asks for a secret without showing it. */
  askSecret(question: string): Promise<string>;
  /** Asks for something that may be seen. */
  ask(question: string): Promise<string>;
  /** Asks for a yes. */
  confirm(question: string): Promise<boolean>;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Rows and columns of the terminal as it is now; undefined when there is none. */
  size(): { readonly rows: number; readonly columns: number } | undefined;
  /** A signal that the person's Ctrl-C aborts, from now on. */
  stopOnInterrupt(): AbortSignal;
  readonly environment: ClientEnvironment;
}
