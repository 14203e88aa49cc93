import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { cleanWords } from '../platform-words.ts';

const errorSchema = z.object({ errorType: z.string().regex(/^[A-Z][A-Z_]{1,60}$/), message: z.string().nullish() });

/** What Mail+ says with a 4xx (contract §1.7). */
export interface Refusal {
  readonly status: number;
  /** Mail+'s word for it; absent when the answer carried none. */
  readonly errorType?: string;
  /** Mail+'s sentence without addresses and numbers; empty when it gave none. */
  readonly words: string;
}

/** Reads the refusal out of an answer of any shape. */
export function readRefusal(status: number, body: unknown): Refusal {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return { status, words: '' };
  return { status, errorType: parsed.data.errorType, words: cleanWords(parsed.data.message ?? '') };
}

/** The error for a refusal that no caller has a use for. */
export function unexpectedRefusal(operation: string, refusal: Refusal): HubError {
  const { errorType } = refusal;
  const facts = { operation, status: refusal.status, ...(errorType === undefined ? {} : { platformCode: errorType }) };
  if (errorType === 'AUTH_NOT_FOUND' || errorType === 'NOT_AUTHORIZED') return loginRefused(operation, refusal.status);
  if (errorType === 'BACKEND_EXCEPTION') return new HubError('PLATFORM_ERROR', `${operation}: Mail+ reports an internal error.`, facts);
  return new HubError('PLATFORM_ANSWER_INVALID', `${operation}: Mail+ answered ${refusal.status}${errorType === undefined ? '' : ` ${errorType}`}.`, facts);
}

/** The error for a key that Mail+ does not accept, with what to do at Mail+. */
export function loginRefused(operation: string, status: number): HubError {
  return new HubError(
    'PLATFORM_LOGIN_REFUSED',
    `Mail+ refused key and secret (${status}). In Mail+, have the REST API activated, then make an authentication under Integrations > Configurations and use its key and secret.`,
    { operation, status },
  );
}
