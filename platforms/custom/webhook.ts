import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { createHttpClient, type HttpAnswer } from '../http.ts';
import { unusableAnswer } from '../http-failure.ts';
import type { FeedEntry, PlatformContext } from '../platform.ts';
import { signedHeaders } from '../webhook-signature.ts';
import { keyOf } from './entries.ts';

const call = createHttpClient('custom', { maxAnswerBytes: 1024 * 1024 });
const template = 'webhookUrl';
const named = { method: 'POST', template } as const;

/** A record that the system did not take. */
const refusalSchema = z.object({
  id: z.string(), message: z.string().default(''), field: z.string().optional(), code: z.string().optional(), gone: z.boolean().optional(),
});
const answerSchema = z.object({ refused: z.array(refusalSchema).optional() });

/** What a system says of an entry that it did not take (`refusalSchema`). */
export type WebhookRefusal = z.infer<typeof refusalSchema>;

/** Where a connector's system is called; undefined where it reads by itself. */
export function webhookUrlOf({ settings }: Pick<PlatformContext, 'settings'>): string | undefined {
  const url = settings['webhookUrl'];
  return typeof url === 'string' && url !== '' ? url : undefined;
}

/**
 * Sends entries to the system by one signed call, or by several where it says that a body is too large (413). Answers with those that it did not take,
 * by their ids. Repeatable: the same entries have the same `webhook-id` and the same body.
 *
 * @throws HubError for everything that is about the call and not about a record
 */
export async function sendEntries(context: PlatformContext, url: string, entries: readonly FeedEntry[]): Promise<ReadonlyMap<string, WebhookRefusal>> {
  const body = JSON.stringify({ type: 'changes', connectorId: context.connectorId, entries: entries.map(wireEntry) });
  const answer = await post(context, url, keyOf(entries.map(({ key }) => key)), body);
  if (answer.status !== 413) return refusalsIn(answer, new Set(entries.map(({ key }) => key)));
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return new Map([[only.key, { id: only.key, message: 'the system takes no body of this size' }]]);
  const middle = Math.ceil(entries.length / 2);
  const first = await sendEntries(context, url, entries.slice(0, middle));
  return new Map([...first, ...await sendEntries(context, url, entries.slice(middle))]);
}

const wireEntry = ({ key, dataType, kind, externalId, changes, data }: FeedEntry) => ({ id: key, dataType, kind, externalId, changes, data });

/** Calls the system with nothing in it: shows that it is there and takes the signature. Throws as `sendEntries`. */
export async function ping(context: PlatformContext, url: string): Promise<void> {
  await post(context, url, keyOf(['ping', context.connectorId, context.now()]), JSON.stringify({ type: 'ping', connectorId: context.connectorId }));
}

async function post(context: PlatformContext, url: string, id: string, json: string): Promise<HttpAnswer> {
  const secrets = secretsOf(context);
  await context.acquire(1);
  const headers = signedHeaders(secrets, { id, atMs: context.now(), body: json });
  const answer = await call({ ...named, url, headers, json, signal: context.signal, handles: (status, body) => isMisplaced(status) || isRefusedLogin(status) || status === 413 || hasRefusals(status, body) });
  if (isRefusedLogin(answer.status)) throw loginRefused(answer.status);
  if (isMisplaced(answer.status)) throw misplaced(answer.status);
  if (answer.status < 300 && answer.status !== 204 && !isObject(answer.body)) throw unusableAnswer(named, answer.status, `the answer (${answer.status}) is neither 204 nor a JSON object.`);
  return answer;
}

const isObject = (body: unknown): body is object => typeof body === 'object' && body !== null && !Array.isArray(body);

/** One, or while one replaces another both, with a space between. */
function secretsOf({ credentials }: Pick<PlatformContext, 'credentials'>): readonly string[] {
  const secrets = (credentials['webhookSecret'] ?? '').split(/\s+/).filter((secret) => secret !== '');
  if (secrets.length > 0) return secrets;
  throw new HubError('CONFIGURATION_INVALID', 'The setting webhookUrl needs the credential webhookSecret: calls are signed with it.', { field: 'credentials.webhookSecret', fix: 'Set webhookSecret with `hub connector set`, and give the system the same one.' });
}

const isMisplaced = (status: number): boolean => (status >= 300 && status < 400) || [404, 405, 410].includes(status);
const isRefusedLogin = (status: number): boolean => status === 401 || status === 403;
const hasRefusals = (status: number, body: unknown): boolean => (status === 400 || status === 422) && (answerSchema.safeParse(body).data?.refused?.length ?? 0) > 0;

function misplaced(status: number): HubError {
  const what = status < 400 ? 'with a redirect' : status === 410 ? 'that nobody wants these calls any more' : 'that it takes no calls at this address';
  return new HubError('CONFIGURATION_INVALID', `The system answers at the setting webhookUrl ${what} (${status}).`, { operation: 'POST webhookUrl', status, field: 'settings.webhookUrl', fix: 'Correct the setting webhookUrl with `hub connector set`, then `hub failed retry`.' });
}

function loginRefused(status: number): HubError {
  return new HubError('PLATFORM_LOGIN_REFUSED', `The system refused the signature of the call (${status}).`, { operation: 'POST webhookUrl', status, fix: 'Give the system and the credential webhookSecret the same secret (`hub connector set`), and let its clock be right; then `hub failed retry`.' });
}

/** An answer without a word about refusals: all were taken. Of a page of a proxy nobody could tell, hence 204 or an object. */
function refusalsIn({ status, body }: HttpAnswer, sent: ReadonlySet<string>): ReadonlyMap<string, WebhookRefusal> {
  if (!isObject(body) || !('refused' in body)) return new Map();
  const parsed = answerSchema.safeParse(body);
  const refused = parsed.data?.refused ?? [];
  if (!parsed.success) throw unusableAnswer(named, status, 'the answer\'s «refused» is no list of ids with messages.');
  if (refused.some(({ id }) => !sent.has(id))) throw unusableAnswer(named, status, 'the answer refuses an entry that was not sent.');
  return new Map(refused.map((refusal) => [refusal.id, refusal]));
}
