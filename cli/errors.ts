import { CommanderError } from 'commander';
import type { ErrorAnswer } from '../gateway/http/error-answer.ts';

/** The command was used wrongly (exit code 2): what is wrong, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/** The hub refused or failed (exit code 1), in the words of its error catalogue. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly answer: ErrorAnswer['error'];

  constructor(answer: ErrorAnswer['error']) {
    super(answer.message);
    this.answer = answer;
  }
}

/** A command that did its work and found something wrong (exit code 1); all is printed already. */
export class FoundProblems extends Error {
  override readonly name = 'FoundProblems';
}

/** Any error as the parts that a person needs. */
export function explain(error: unknown): ErrorAnswer['error'] {
  if (error instanceof RefusedError) return error.answer;
  if (error instanceof UsageError) return { code: 'USAGE', message: error.message, cause: error.message, fix: error.fix };
  if (error instanceof CommanderError) return { code: 'USAGE', message: sentenceOf(error), cause: sentenceOf(error), fix: 'Run the command with --help: it shows what is possible.' };
  if (isCoded(error)) return { code: error.code, message: error.message, cause: error.message, fix: error.fix };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, cause: 'The command ended unexpectedly.', fix: 'Run `hub doctor`; report it with the command if that finds nothing.' };
}

/** commander's text without its prefix, as a sentence. */
function sentenceOf({ code, message }: CommanderError): string {
  if (code === 'commander.help' || code === 'commander.helpDisplayed') return 'No command is given.';
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ').trim();
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}

function isCoded(error: unknown): error is Error & { readonly code: string; readonly fix: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'fix' in error && typeof error.fix === 'string';
}
