import { parseIsoInstant } from '../dates.ts';
import { invalidParams } from './api-error.ts';
import type { Call } from './call.ts';
import { queryValue } from './query.ts';

/** `fromMs <= t < toMs`, in epoch milliseconds. */
export interface DateRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads `fromDate` and `toDate`; 400 in the vendor's words when one is missing or cannot be read. */
export function requiredRange(call: Call): DateRange {
  return { fromMs: requiredInstant(call, 'fromDate'), toMs: requiredInstant(call, 'toDate') };
}

/** Reads two optional bounds; `undefined` when neither is given. */
export function optionalRange(call: Call, fromName: string, toName: string): DateRange | undefined {
  const fromMs = optionalInstant(call, fromName);
  const toMs = optionalInstant(call, toName);
  if (fromMs === undefined && toMs === undefined) return undefined;
  return { fromMs: fromMs ?? -Infinity, toMs: toMs ?? Infinity };
}

function requiredInstant(call: Call, name: string): number {
  const instantMs = optionalInstant(call, name);
  if (instantMs === undefined) throw invalidParams(`Invalid ${name} or no ${name} given`);
  return instantMs;
}

function optionalInstant(call: Call, name: string): number | undefined {
  const text = queryValue(call.query, name);
  if (text === undefined) return undefined;
  const instantMs = parseIsoInstant(text);
  if (instantMs === undefined) throw invalidParams(`Invalid ${name} or no ${name} given`);
  return instantMs;
}
