import { HubError } from '../../domain/errors.ts';
import type { AnswerOf } from './operations/define.ts';
import type { operations } from './operations/index.ts';
import { automationResults, errorTypes, type RefusalRow } from './refusal-catalogue.ts';

const rows: Readonly<Record<string, RefusalRow>> = { TRIGGER_NOTFOUND: errorTypes.TRIGGER_NOTFOUND, ...automationResults };

/**
 * Why nothing was started, out of the answer of `automation.trigger`; `undefined` when at least one automation was. Where the
 * automations of the trigger give one reason, it is that one.
 */
export function startProblem({ result, automationResults: each }: AnswerOf<(typeof operations)['automation.trigger']>): HubError | undefined {
  if (result === 'OK') return undefined;
  const [reason, ...others] = [...new Set(each.map((one) => one.result).filter((word) => word !== undefined && word !== 'OK'))];
  const word = reason !== undefined && others.length === 0 ? reason : result;
  const row = (Object.hasOwn(rows, word) ? rows[word] : undefined) ?? automationResults.UNKNOWN;
  const platformCode = /^[A-Z_]{2,40}$/.test(word) ? { platformCode: word } : {};
  return new HubError(row.code, `automation.trigger: no automation was started. ${row.means}`, { fix: row.fix, ...platformCode });
}
