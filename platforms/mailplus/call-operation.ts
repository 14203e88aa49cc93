import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { PlatformContext } from '../platform.ts';
import { unexpectedRefusal, type Refusal } from './answer.ts';
import { nameIn } from './outcomes.ts';
import { operationOf, tryMailplus, type MailplusAnswer, type MailplusCall } from './client.ts';
import { isPaged, type AnswerOf, type InputOf, type Operation, type PagedOperation, type RowOf, type SingleOperation } from './operations/define.ts';
import { explainFault } from './operations/explain.ts';
import { defaultPageSize } from './operations/input.ts';
import { answerSchema, inputSchema, rowSchema } from './operations/schemas.ts';
import { readWirePage, type WirePage } from './schema.ts';
import { mailplusSettings } from './settings.ts';

/** Path parts and query by name, with the body: an input in the form that is sent. */
type Sendable = Readonly<Record<string, unknown>>;

/** One page of typed rows. */
export interface OperationPage<Row> {
  readonly rows: readonly Row[];
  /** Whether Mail+ says that there is more. */
  readonly more: boolean;
  /** Where Mail+ says that the next page begins. */
  readonly statedNext?: number;
}

/** The answer of an operation, or the refusal for the caller to judge. */
export type Tried<Answer> = { readonly answer: Answer; readonly refusal?: undefined } | { readonly refusal: Refusal };

/**
 * Calls an operation and gives its answer, of a paged one a single page. The input is checked first: HubError REQUEST_INVALID names the
 * field, and nothing was sent. Every refusal is thrown, with the code, meaning and advice of `refusal-catalogue.ts`.
 * When an operation that must not be repeated breaks off or ends in a 5xx, that is PLATFORM_OUTCOME_UNKNOWN.
 */
export async function callOperation<Of extends SingleOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<AnswerOf<Of>>;
export async function callOperation<Of extends PagedOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<OperationPage<RowOf<Of>>>;
export async function callOperation(context: PlatformContext, operation: Operation, input: unknown): Promise<unknown> {
  const sendable = checkInput(context, operation, input);
  const { body } = await demand(context, operation, sendable);
  return isPaged(operation) ? readRows(context, operation, body, sendable) : decode(context, operation, body);
}

function readRows(context: PlatformContext, operation: PagedOperation, body: unknown, input: Sendable): OperationPage<unknown> {
  const page = pageOf(operation, body, input);
  const schema = rowSchema(operation, zoneOf(context));
  const rows = page.rows.map((row, index) => {
    const parsed = schema.safeParse(row);
    return parsed.success ? parsed.data : invalidAnswer(operation, [operation.paging.rows, index, ...parsed.error.issues[0]?.path ?? []]);
  });
  return { ...page, rows };
}

/** As `callOperation`, for callers that have a use for a refusal. */
export async function tryOperation<Of extends SingleOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<Tried<AnswerOf<Of>>> {
  const answer = await sendOperation(context, operation, checkInput(context, operation, input));
  return answer.refusal === undefined ? { answer: decode(context, operation, answer.body) as AnswerOf<Of> } : { refusal: answer.refusal };
}

/**
 * As `tryOperation`, for a write that the contract answers with 204 and nothing else: any other 2xx may come from something that stands
 * before Mail+, and so does not tell that it was done. Gives the refusal, if there is one.
 */
export async function tryCommand<Of extends SingleOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): Promise<Refusal | undefined> {
  const { status, refusal } = await sendOperation(context, operation, checkInput(context, operation, input));
  return refusal !== undefined || status === 204 ? refusal : invalidAnswer(operation, []);
}

/** One page as it came, its rows unjudged: for callers that parse row by row. `input` is taken as `checkInput` gives it. */
export async function readRawPage(context: PlatformContext, operation: PagedOperation, input: Sendable): Promise<WirePage> {
  return pageOf(operation, (await demand(context, operation, input)).body, input);
}

/** The input as it is sent, with what was left out and every date with its offset. Throws HubError REQUEST_INVALID with the field. */
export function checkInput(context: PlatformContext, operation: Operation, input: unknown): Sendable {
  const parsed = inputSchema(operation, zoneOf(context)).safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data as Sendable;
  const { field, what } = explainFault(parsed.error.issues);
  const place = field === '' ? 'the input' : field;
  const fix = `Correct «${place}» and send the call again; nothing was sent to Mail+.`;
  throw new HubError('REQUEST_INVALID', `${operation.name}: ${place}: ${what}.`, { operation: operationOf(operation), field, fix });
}

/** Where an answer differs from the contract, in a sentence; `undefined` when it fits. */
export function contractDifference(context: PlatformContext, operation: Operation, input: Sendable, body: unknown): string | undefined {
  try {
    if (isPaged(operation)) readRows(context, operation, body, input);
    else decode(context, operation, body);
    return undefined;
  } catch (error) {
    return error instanceof HubError ? error.message : undefined;
  }
}

/** Sends what `checkInput` or the caller's own construction made sure of. Refusals come back. `witness`: see `MailplusCall`. */
export async function sendOperation(context: PlatformContext, operation: Operation, input: Sendable, witness?: (body: unknown) => void): Promise<MailplusAnswer> {
  const { alsoAnswers, situations } = operation;
  const refusing = [...alsoAnswers, ...Object.keys(situations).map(Number)];
  const answer = await tryMailplus(context, { ...callOf(operation, input), refusing, ...(witness === undefined ? {} : { witness }) }).catch((error: unknown) => {
    throw error instanceof HubError ? inTermsOf(operation, error) : error;
  });
  return answer.refusal !== undefined && alsoAnswers.includes(answer.status) && fits(context, operation, answer.body) ? { status: answer.status, body: answer.body } : answer;
}

/** The call that an input makes: what the path names goes there, `body` is the body, the rest is the query. */
export function callOf(operation: Operation, { body, ...given }: Sendable): MailplusCall {
  const inPath = new Set([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const entries = Object.entries(given).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined);
  return {
    method: operation.method, path: operation.path, ...(body === undefined ? {} : { body }),
    ids: Object.fromEntries(entries.filter(([name]) => inPath.has(name)).map(([name, value]) => [name, String(value)])),
    query: Object.fromEntries(entries.filter(([name]) => !inPath.has(name))),
  };
}

/** As `sendOperation`, for callers that have no use for a refusal. */
async function demand(context: PlatformContext, operation: Operation, input: Sendable): Promise<MailplusAnswer> {
  const answer = await sendOperation(context, operation, input);
  if (answer.refusal !== undefined) throw refusedOperation(operation, answer.refusal, input);
  return answer;
}

/** The error for a refusal that nobody has a use for. An internal error of Mail+ may come after the act, whatever its status. */
export function refusedOperation(operation: Operation, refusal: Refusal, sent: Sendable = {}): HubError {
  const error = namingProperty(unexpectedRefusal(operationOf(operation), refusal, operation.situations), refusal, sent);
  if (error.code !== 'PLATFORM_ERROR') return error;
  return inTermsOf(operation, new HubError(error.code, error.message, { ...error.facts, mayHaveStored: true }));
}

const withProperties = z.object({ contact: z.object({ properties: z.record(z.string(), z.unknown()) }) });

/** Mail+ names a wrong property in its words, which are not shown; the property of the call that they name is. */
function namingProperty(error: HubError, { errorType, words }: Refusal, { body }: Sendable): HubError {
  const sent = withProperties.safeParse(body).data?.contact.properties;
  const name = errorType === 'INVALID_PROPERTY' && sent !== undefined ? nameIn(Object.keys(sent), words) : undefined;
  return name === undefined ? error : new HubError(error.code, `${error.message} It is «${name}».`, { ...error.facts, field: `body.contact.properties.${name}` });
}

/** Reading is repeated whatever broke; what must not be repeated has an unknown outcome as soon as it may have arrived. */
function inTermsOf(operation: Operation, error: HubError): HubError {
  const arrived = error.recovery === 'unknownOutcome' || error.facts['mayHaveStored'] === true;
  if (!arrived || (operation.changes && operation.idempotent)) return error;
  if (!operation.changes) {
    const { mayHaveStored: _stored, ...facts } = error.facts;
    return new HubError(error.recovery === 'unknownOutcome' ? 'PLATFORM_UNREACHABLE' : error.code, error.message, facts, error.cause);
  }
  return new HubError('PLATFORM_OUTCOME_UNKNOWN', `${operation.name}: ${error.message} It must not be sent twice: look in Mail+ whether it was carried out.`, error.facts, error.cause);
}

function decode(context: PlatformContext, operation: SingleOperation, body: unknown): unknown {
  const parsed = answerSchema(operation, zoneOf(context)).safeParse(body);
  return parsed.success ? parsed.data : invalidAnswer(operation, parsed.error.issues[0]?.path ?? []);
}

function fits(context: PlatformContext, operation: Operation, body: unknown): boolean {
  return !isPaged(operation) && answerSchema(operation, zoneOf(context)).safeParse(body).success;
}

function pageOf(operation: PagedOperation, body: unknown, { after, pageSize }: Sendable): WirePage {
  const { paging } = operation;
  const size = paging.kind === 'fixed' ? paging.pageSize : Number(pageSize ?? defaultPageSize);
  return readWirePage(body, paging.rows, { after: Number(after ?? 0), pageSize: size }) ?? invalidAnswer(operation, [paging.rows]);
}

function invalidAnswer(operation: Operation, path: readonly PropertyKey[]): never {
  const facts = { operation: operationOf(operation), ...(operation.changes ? { mayHaveStored: true } : {}) };
  const at = path.length === 0 ? '' : ` at «${path.map(String).join('.')}»`;
  throw new HubError(operation.changes && !operation.idempotent ? 'PLATFORM_OUTCOME_UNKNOWN' : 'PLATFORM_ANSWER_INVALID', `${operation.name} (${operationOf(operation)}): the answer has another shape than the contract${at}.`, facts);
}

const zoneOf = (context: PlatformContext): string => mailplusSettings(context.settings).timeZone;
