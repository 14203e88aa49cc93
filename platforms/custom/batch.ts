import { HubError } from '../../domain/errors.ts';
import type { InboundRequest } from '../platform.ts';
import { mayHoldUnstorableText, parseStorableJson, storable } from '../storable-json.ts';

/** Most records that one request may carry. */
export const mostRecords = 1_000;

/** One record of a request as it came, or `undefined` for a line that is no JSON; `place` says where it stands. */
export interface GivenRecord {
  readonly place: string;
  readonly value: unknown;
}

const newline = 0x0a;

/** A refusal of the whole request. */
export function invalid(field: string, message: string): HubError {
  return new HubError('REQUEST_INVALID', message, { field });
}

function contentType({ headers }: InboundRequest): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** What a JSON request says, in text that can be stored. Throws REQUEST_INVALID for another kind of body. */
export function jsonBody(request: InboundRequest): unknown {
  if (contentType(request) !== 'application/json') throw invalid('Content-Type', 'The body must be sent as application/json.');
  return mayHoldUnstorableText(request.rawBody) ? storable(request.body) : request.body;
}

/** The records of a batch in their order: a JSON list, `{"records": […]}`, or NDJSON. Throws REQUEST_INVALID and REQUEST_TOO_LARGE. */
export function recordsIn(request: InboundRequest): readonly GivenRecord[] {
  const given = contentType(request) === 'application/x-ndjson' ? linesOf(request.rawBody) : listOf(jsonBody(request));
  if (given.length === 0) throw invalid('records', 'There is no record in the batch.');
  return given;
}

function listOf(body: unknown): GivenRecord[] {
  const list: unknown = typeof body === 'object' && body !== null && 'records' in body ? body.records : body;
  if (!Array.isArray(list)) throw invalid('records', 'A batch is a list of records, or an object with such a list as «records».');
  if (list.length > mostRecords) throw tooMany();
  return list.map((value, index) => ({ place: `records[${index}]`, value }));
}

/** Line by line, so that no more than one line is held as text. Empty lines do not count. */
function linesOf(raw: Buffer): GivenRecord[] {
  const given: GivenRecord[] = [];
  for (let start = 0, line = 1; start < raw.length; line += 1) {
    const found = raw.indexOf(newline, start);
    const end = found === -1 ? raw.length : found;
    const text = raw.toString('utf8', start, end).trim();
    start = end + 1;
    if (text === '') continue;
    if (given.length === mostRecords) throw tooMany();
    given.push({ place: `line ${line}`, value: parsed(text) });
  }
  return given;
}

function parsed(text: string): unknown {
  try {
    return parseStorableJson(text);
  } catch {
    return undefined;
  }
}

function tooMany(): HubError {
  return new HubError('REQUEST_TOO_LARGE', `A batch has at most ${mostRecords} records.`, { field: 'records', fix: 'Send the others in a batch of their own.' });
}
