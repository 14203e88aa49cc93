import { HubError } from '../../domain/errors.ts';
import { createHttpClient, type HttpAnswer } from '../http.ts';
import type { PlatformContext } from '../platform.ts';
import { isRefusal, loginRefused, readRefusal, type Refusal } from './answer.ts';
import { encodeStrict, signCall } from './oauth.ts';
import { mailplusCredentialsSchema, mailplusSettings } from './settings.ts';

/** One call to Mail+. */
export interface MailplusCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the base, its variable parts written as `{name}`. */
  readonly path: string;
  /** Values of the variable parts. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Statuses besides 400 and 404 that are a refusal here, also without an error type. */
  readonly refusing?: readonly number[];
  /** Shown the JSON of every answer that is not 2xx, also of those that are thrown. */
  readonly witness?: (body: unknown) => void;
}

/** The answer, or Mail+'s refusal, which the caller judges. `body` is the answer as it came, parsed. */
export interface MailplusAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly refusal?: Refusal;
}

const client = createHttpClient('mailplus');

/**
 * Calls Mail+: takes a token from the bucket, signs, sends. Gives back 2xx and refusals (`isRefusal`); everything else is thrown
 * as `http-failure.ts` says, with 401 and 403 in Mail+'s terms.
 */
export async function tryMailplus(context: PlatformContext, call: MailplusCall): Promise<MailplusAnswer> {
  const url = addressOf(context, call);
  await context.acquire(1);
  const { status, body } = await send(context, call, url);
  return status < 300 ? { status, body } : { status, body, refusal: readRefusal(status, body) };
}

/** The call's name in errors and metrics. */
export function operationOf(call: Pick<MailplusCall, 'method' | 'path'>): string {
  return `${call.method} ${call.path}`;
}

async function send(context: PlatformContext, call: MailplusCall, url: string): Promise<HttpAnswer> {
  const authorization = signCall(mailplusCredentialsSchema.parse(context.credentials), call.method, url);
  try {
    return await client({
      method: call.method, url, template: call.path, headers: { authorization }, signal: context.signal,
      handles: (status, body) => {
        call.witness?.(body);
        return isRefusal(status, body, call.refusing);
      },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
  } catch (error) {
    if (error instanceof HubError && error.code === 'PLATFORM_LOGIN_REFUSED') throw loginRefused(operationOf(call), error.facts.status ?? 401, error.facts['clockAheadMs']);
    throw error;
  }
}

/** The address as it is signed and sent: written the way URL writes it, so that both sides see the same text. */
export function addressOf(context: PlatformContext, call: MailplusCall): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => pathPart(call.ids?.[name]));
  const query = Object.entries(call.query ?? {}).map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(String(value))}`).join('&');
  return new URL(`${mailplusSettings(context.settings).baseUrl}${path}${query === '' ? '' : `?${query}`}`).href;
}

/** An id as a part of a path. `.` and `..` would be read as folders, whatever their encoding. */
function pathPart(id: string | undefined): string {
  if (id === undefined || id === '' || id === '.' || id === '..') throw new HubError('RECORD_INVALID', 'An id cannot be part of a Mail+ address.');
  return encodeStrict(id);
}
