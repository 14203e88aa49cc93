import type { HubError } from '../../domain/errors.ts';
import type { ActionOutcome, ActionRefusalCode } from '../platform.ts';
import type { Refusal } from './answer.ts';
import { refusedOperation } from './call-operation.ts';
import type { Operation } from './operations/define.ts';

const codes: ReadonlySet<string> = new Set<ActionRefusalCode>(['RECORD_REFUSED', 'RECORD_OPTED_OUT', 'RECORD_GONE', 'PLATFORM_REFUSED', 'PLATFORM_LIMIT_REACHED', 'PLATFORM_NOT_LICENSED']);

/** The outcome of an action that Mail+ does not take, with its words. Throws what is no matter of this action: a refused login, a wrong address, an internal error. */
export function refusalOutcome(operation: Operation, refusal: Refusal): ActionOutcome {
  return refusedOutcome(refusedOperation(operation, refusal), refusal.words);
}

/** The outcome for an error that is a matter of this action alone; throws any other. `words` are Mail+'s own, cleaned. */
export function refusedOutcome(error: HubError, words = ''): ActionOutcome {
  if (!isRefusalCode(error.code)) throw error;
  const { platformCode } = error.facts;
  const said = words === '' ? '' : ` Mail+ says: «${words}».`;
  return { kind: 'refused', code: error.code, message: `${error.message}${said} ${error.fix}`, ...(platformCode === undefined ? {} : { platformCode }) };
}

function isRefusalCode(code: string): code is ActionRefusalCode {
  return codes.has(code);
}
