import { HubError } from '../../domain/errors.ts';
import { RefusedError } from '../errors.ts';

/** What a person does after a run that did not come to its end. */
const again = 'Then run the same command again: it reads the file from the beginning, and what the hub has already is there once and no second time.';

/** An error in the middle of a file, with how far the file is stored. Before anything is stored, and for anything else than a refusal, the error itself. */
export function stoppedAt(line: number, error: unknown): unknown {
  if (line === 0) return error;
  const far = `The rows down to line ${line} of the file are stored, those behind it may not be.`;
  if (error instanceof RefusedError) return new RefusedError({ ...error.answer, message: `${error.message} ${far}`, fix: `${error.answer.fix} ${again}` });
  if (error instanceof HubError) return new HubError(error.code, `${error.message} ${far}`, { ...error.facts, fix: `${error.fix} ${again}` }, error);
  return error;
}
