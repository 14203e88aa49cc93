import { HubError } from '../../domain/errors.ts';
import { isDataType, dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import type { InboundEvent, InboundRequest, PlatformContext } from '../platform.ts';
import { invalid, jsonBody, recordsIn, type GivenRecord } from './batch.ts';
import { idSchema } from './input-schemas.ts';
import { receiveList, receiveListRemoval } from './lists.ts';
import { permissionNamed, readRecord, rejectRecord, type ReadRecord, type Reading } from './record.ts';
import { recordsEvent, type Refused, type Sorted, type Taken } from './records-event.ts';
import { settingsOf, type CustomSettings } from './settings.ts';

/** Kind of an inbox row that says that all of a type was sent. */
export const completeKind = 'complete';

/** What the inbox keeps of such a word. */
export interface StoredCompletion {
  readonly dataType: DataType;
}

/** Why a record that was read is not taken, with the path; undefined for one that is. */
function objection({ row }: ReadRecord, raw: Readonly<Record<string, unknown>>, settings: CustomSettings): { readonly code: 'NO_MATCH_KEY' | 'RECORD_INVALID'; readonly path: string; readonly reason: string } | undefined {
  if (row?.dataType !== 'contacts' || row.deleted === true) return undefined;
  const consents = Array.isArray(raw['consents']) ? (raw['consents'] as readonly { readonly permission: string }[]) : [];
  const index = consents.findIndex(({ permission }) => permissionNamed(permission, settings) === undefined);
  if (index !== -1) {
    const path = `consents[${index}].permission`;
    return { code: 'RECORD_INVALID', path, reason: `${path} must be one of the connector's setting «permissions»: ${settings.permissions.join(', ')}` };
  }
  const isFound = ['email', 'mobile', 'phone'].some((name) => typeof row.canonical[name] === 'string');
  return isFound ? undefined : { code: 'NO_MATCH_KEY', path: 'email', reason: 'no e-mail address and no phone number that can be read' };
}

function take(reading: Reading, index: number, raw: unknown): Taken | Refused {
  const result = readRecord(reading, raw);
  if ('rejected' in result) return { index, row: result.rejected };
  const record = raw as Readonly<Record<string, unknown>>;
  const against = objection(result.read, record, reading.settings);
  return against === undefined ? { index, raw: record, read: result.read } : { index, row: rejectRecord(reading, raw, against.code, against.path, against.reason) };
}

function sort(given: readonly GivenRecord[], dataType: DataType, settings: CustomSettings, isSingle: boolean): Sorted {
  const results = given.map(({ value, place }, index) => take({ dataType, settings, place }, index, value));
  return { dataType, isSingle, taken: results.filter((one) => 'read' in one), refused: results.filter((one) => 'row' in one) };
}

function receiveOne(context: PlatformContext, request: InboundRequest, dataType: DataType, externalId: string): InboundEvent {
  const isRemoval = request.method === 'DELETE';
  if (isRemoval && dataType === 'activities') throw invalid('dataType', 'An activity is something that happened: it is not removed.');
  const body = isRemoval && request.rawBody.length === 0 ? {} : jsonBody(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('body', 'The body is one record: a JSON object with its fields.');
  if ('externalId' in body && body.externalId !== externalId) throw invalid('externalId', 'externalId in the body differs from the id in the address; leave it out.');
  return recordsEvent(request, sort([{ place: 'the record', value: { ...body, externalId, ...(isRemoval && { deleted: true }) } }], dataType, settingsOf(context), true));
}

function receiveCompletion(request: InboundRequest, dataType: DataType): InboundEvent {
  const payload: StoredCompletion = { dataType };
  return { kind: completeKind, key: request.headers['idempotency-key'] ?? request.id, payload, rejected: [], answer: { status: 202, body: { dataType, complete: true } }, brings: [dataType] };
}

function idIn(segment: string): string {
  try {
    const id = idSchema.safeParse(decodeURIComponent(segment));
    if (id.success) return id.data;
  } catch {
    // The escape in the path is broken: the same answer as for an id that is none.
  }
  throw invalid('externalId', 'The last part of the address is no id: 1 to 200 characters without spaces and without @, escaped where needed.');
}

function typeIn(segment: string): DataType {
  if (isDataType(segment)) return segment;
  throw new HubError('NOT_FOUND', `There is no data type of this name. There are: ${dataTypes.join(', ')}, and lists.`, { field: 'dataType' });
}

const methodsFor = (allowed: string, what: string): HubError => invalid('method', `${what} with ${allowed}.`);

/**
 * Takes what a custom system sends, `docs/custom-system.md`: `PUT` and `DELETE /<dataType>/<externalId>`, `POST /<dataType>` for a
 * batch, `POST /<dataType>/complete`, `PUT` and `DELETE /lists/<externalId>`. Pure.
 *
 * A record that can not be read is rejected by itself and kept with the reason; the others of the batch are taken.
 *
 * @throws HubError REQUEST_INVALID naming what is wrong with the request, REQUEST_TOO_LARGE, NOT_FOUND for any other address
 */
export function receive(context: PlatformContext, request: InboundRequest): InboundEvent {
  const [first = '', second, ...more] = request.path.split('/').slice(1);
  if (more.length > 0) throw new HubError('NOT_FOUND', 'The address has more parts than a data type and an id; a slash in an id is escaped as %2F.');
  const { method } = request;
  if (first === 'lists') {
    if (second === undefined || (method !== 'PUT' && method !== 'DELETE')) throw methodsFor('PUT and DELETE at /lists/<id>', 'A list is sent and removed');
    return method === 'PUT' ? receiveList(request, idIn(second)) : receiveListRemoval(request, idIn(second));
  }
  const dataType = typeIn(first);
  if (second === undefined) {
    if (method !== 'POST') throw methodsFor('POST', 'A batch is sent');
    return recordsEvent(request, sort(recordsIn(request), dataType, settingsOf(context), false));
  }
  if (method === 'POST' && second === 'complete') return receiveCompletion(request, dataType);
  if (method !== 'PUT' && method !== 'DELETE') throw methodsFor('PUT and DELETE', 'A single record is sent and removed');
  return receiveOne(context, request, dataType, idIn(second));
}
