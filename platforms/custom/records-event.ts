import { createHash } from 'node:crypto';
import { catalogue } from '../../domain/error-catalogue.ts';
import { HubError, type ErrorCode } from '../../domain/errors.ts';
import { orderedJson } from '../../domain/model/record-fields.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import type { DataType } from '../../domain/presets/data-types.ts';
import type { InboundEvent, InboundRequest, StatedVersion } from '../platform.ts';
import type { ReadRecord } from './record.ts';

/** Kind of an inbox row with records of one data type. */
export const recordsKind = 'records';

/** What the inbox keeps of records: as they came, each with its id. */
export interface StoredRecords {
  readonly dataType: DataType;
  readonly records: readonly unknown[];
}

/** A record of a request that was read. */
export interface Taken {
  readonly index: number;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly read: ReadRecord;
}

/** A record of a request that was not taken. */
export interface Refused {
  readonly index: number;
  readonly row: RejectedRow;
}

/** What became of the records of one request. */
export interface Sorted {
  readonly dataType: DataType;
  readonly taken: readonly Taken[];
  readonly refused: readonly Refused[];
  /** The request is about one record: it is answered by its status. */
  readonly isSingle: boolean;
}

const sameTime = 'came before with the same time and another content';
const sameTimeFix = 'Send each version with the time at which it was changed, or without `sourceTime`: then the time of receipt counts.';

/** The version that a record states; `undefined` where the system gives no time. */
function versionOf(dataType: DataType, { raw, read }: Taken): StatedVersion | undefined {
  if (read.at === null) return undefined;
  const { externalId: _id, sourceTime: _time, ...said } = raw;
  return { dataType, externalId: read.externalId, at: read.at, digest: createHash('sha256').update(orderedJson(said)).digest('hex') };
}

const keyOf = ({ externalId, at }: StatedVersion): string => `${at} ${externalId}`;

function conflict(dataType: DataType, { index, raw, read }: Taken): Refused {
  const path = dataType === 'activities' ? 'at' : 'sourceTime';
  return { index, row: { dataType, externalId: read.externalId, path, code: 'IDEMPOTENCY_CONFLICT', reason: `${path}: the record ${sameTime}`, payload: raw } };
}

/** Moves records that contradict another of the same request to the refused ones: the first one counts. */
function withoutContradictions(sorted: Sorted): Sorted {
  const digests = new Map<string, string>();
  const contradicting = sorted.taken.filter((taken) => {
    const version = versionOf(sorted.dataType, taken);
    if (version === undefined) return false;
    const known = digests.get(keyOf(version));
    if (known === undefined) digests.set(keyOf(version), version.digest);
    return known !== undefined && known !== version.digest;
  });
  return without(sorted, new Set(contradicting));
}

function without({ taken, refused, ...rest }: Sorted, gone: ReadonlySet<Taken>): Sorted {
  return { ...rest, taken: taken.filter((one) => !gone.has(one)), refused: [...refused, ...[...gone].map((one) => conflict(rest.dataType, one))].toSorted((a, b) => a.index - b.index) };
}

function answerOf({ taken, refused, isSingle }: Sorted): InboundEvent['answer'] {
  const [first] = refused;
  if (isSingle && first !== undefined) {
    const { code, reason, path } = first.row;
    const { httpStatus, cause } = catalogue[code as ErrorCode];
    return { status: httpStatus, body: { error: { code, message: reason, cause, fix: fixOf(code), ...(path !== '' && { field: path }) } } };
  }
  const rejected = refused.map(({ index, row: { externalId, path, code, reason } }) => ({ index, externalId, path, code, reason, fix: fixOf(code) }));
  return { status: 202, body: { accepted: taken.length, rejected } };
}

const fixOf = (code: string): string => (code === 'IDEMPOTENCY_CONFLICT' ? sameTimeFix : catalogue[code as ErrorCode].fix);

function event(request: InboundRequest, sorted: Sorted): InboundEvent {
  const payload: StoredRecords = { dataType: sorted.dataType, records: sorted.taken.map(({ raw }) => raw) };
  const key = request.headers['idempotency-key'] ?? request.id;
  return { kind: recordsKind, key, payload, rejected: sorted.refused.map(({ row }) => row), answer: answerOf(sorted), brings: [sorted.dataType] };
}

/**
 * The event of a request with records. A version that came before with the same time and another content is refused: a single one
 * with IDEMPOTENCY_CONFLICT, in a batch by itself. The same version again is stored again, which changes nothing.
 */
export function recordsEvent(request: InboundRequest, given: Sorted): InboundEvent {
  const sorted = withoutContradictions(given);
  const stated = sorted.taken.flatMap((taken) => {
    const version = versionOf(sorted.dataType, taken);
    return version === undefined ? [] : [{ taken, version }];
  });
  return {
    ...event(request, sorted),
    stated: {
      versions: stated.map(({ version }) => version),
      without: (conflicting) => {
        const keys = new Set(conflicting.map(keyOf));
        const gone = stated.filter(({ version }) => keys.has(keyOf(version))).map(({ taken }) => taken);
        const [first] = gone;
        if (sorted.isSingle && first !== undefined) throw new HubError('IDEMPOTENCY_CONFLICT', `«${first.read.externalId}» ${sameTime}.`, { field: conflict(sorted.dataType, first).row.path, fix: sameTimeFix });
        return event(request, without(sorted, new Set(gone)));
      },
    },
  };
}
