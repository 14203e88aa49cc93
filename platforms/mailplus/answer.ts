import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { cleanWords } from '../platform-words.ts';
import { errorTypes, situations, type RefusalRow, type SituationName } from './refusal-catalogue.ts';

const errorSchema = z.object({
  errorType: z.string().regex(/^[A-Z][A-Z_]{1,60}$/),
  message: z.string().nullish(),
  externalContactIds: z.array(z.union([z.string(), z.number()]).transform(String)).nullish().catch(undefined),
});

/** What Mail+ says with a 4xx (contract §1.7). */
export interface Refusal {
  readonly status: number;
  /** Mail+'s word for it; absent when the answer carried none. */
  readonly errorType?: string;
  /** Mail+'s sentence without addresses and numbers; empty when it gave none. */
  readonly words: string;
  /** External ids that are not known, where Mail+ names them (audiences). They may be personal: for no message and no log. */
  readonly externalContactIds?: readonly string[];
}

/** Reads the refusal out of an answer of any shape. */
export function readRefusal(status: number, body: unknown): Refusal {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return { status, words: '' };
  const { errorType, message, externalContactIds } = parsed.data;
  return { status, errorType, words: cleanWords(message ?? ''), ...(externalContactIds == null ? {} : { externalContactIds }) };
}

/**
 * Whether an answer is a refusal of the call for the caller to judge, and not a failure of login or connection. The error type
 * decides; without one 400 and 404 are refusals, and those statuses that mean one at this operation.
 */
export function isRefusal(status: number, body: unknown, refusing: readonly number[] = []): boolean {
  if (status < 400 || status === 429) return false;
  const { errorType } = readRefusal(status, body);
  const code = rowOf(errorType)?.code;
  if (code === 'PLATFORM_LOGIN_REFUSED' || code === 'PLATFORM_ERROR') return status === 400 || status === 404 || (refusing.includes(status) && errorType !== 'AUTH_NOT_FOUND');
  return code !== undefined || status === 400 || status === 404 || refusing.includes(status);
}

/** What a status means at an operation, where that is its own. */
export type Situations = Readonly<Partial<Record<number, SituationName>>>;

/**
 * The error for a refusal that no caller has a use for: never one that is tried again, unless Mail+ speaks of an internal error.
 * Mail+'s own words are left out, since they may name a person.
 */
export function unexpectedRefusal(operation: string, refusal: Refusal, own: Situations = {}): HubError {
  const { status, errorType } = refusal;
  const row = meaningOf(refusal, own);
  if (row.code === 'PLATFORM_LOGIN_REFUSED') return loginRefused(operation, status);
  const facts = {
    operation, status, fix: row.fix, ...(errorType === undefined ? {} : { platformCode: errorType }), ...(row.code === 'CONFIGURATION_INVALID' ? { field: 'baseUrl' } : {}),
  };
  return new HubError(row.code, `${operation}: Mail+ answered ${status}${errorType === undefined ? '' : ` ${errorType}`}. ${row.means}`, facts);
}

/** The row of the catalogue for a refusal: by its error type, else by what its status means at the operation, else by the status. */
export function meaningOf({ status, errorType }: Refusal, own: Situations = {}): RefusalRow {
  const situation = own[status];
  // A key that is good enough for everything else gets a 403 where the licence ends, and «resource» is any thing: there the operation knows more.
  const knowsMore = situation !== undefined && (status === 403 ? errorType !== 'AUTH_NOT_FOUND' : errorType === 'RESOURCE_NOT_FOUND' && situations[situation].code === 'RECORD_GONE');
  const byType = knowsMore ? undefined : rowOf(errorType);
  if (byType !== undefined) return byType;
  if (situation !== undefined) return situations[situation];
  if (status === 404 && errorType === undefined) return situations['404'];
  return status >= 500 ? situations['5xx'] : situations['400'];
}

/** A difference of clocks from which on it is named as the cause: nobody knows what Mail+ tolerates, and its answer was on its way for a while. */
const clocksDifferMs = 2 * 60_000;

/** The error for a key that Mail+ does not accept, with what to do at Mail+; or at this machine, when its clock is `clockAheadMs` off. */
export function loginRefused(operation: string, status: number, clockAheadMs?: unknown): HubError {
  if (typeof clockAheadMs === 'number' && Math.abs(clockAheadMs) > clocksDifferMs) return clockWrong(operation, status, clockAheadMs);
  return new HubError(
    'PLATFORM_LOGIN_REFUSED',
    `Mail+ refused key and secret (${status}). In Mail+, have the REST API activated, then make an authentication under Integrations > Configurations and use its key and secret. An account with Spotler eCommerce has one already.`,
    { operation, status },
  );
}

function clockWrong(operation: string, status: number, aheadMs: number): HubError {
  const off = `${Math.round(Math.abs(aheadMs) / 60_000)} minutes ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return new HubError(
    'PLATFORM_LOGIN_REFUSED', `Mail+ refused the signature (${status}). The clock of this machine is ${off} Mail+'s, and Mail+ takes signatures of its own time only.`,
    { operation, status, field: 'clock', fix: 'Set the clock of this machine, best by NTP, then `hub failed retry`. Key and secret need no change.' },
  );
}

function rowOf(errorType: string | undefined): RefusalRow | undefined {
  const rows: Readonly<Record<string, RefusalRow>> = errorTypes;
  return errorType !== undefined && Object.hasOwn(rows, errorType) ? rows[errorType] : undefined;
}
