import { catalogue, type ErrorCode } from '../../../domain/error-catalogue.ts';

/** Codes for which one record is to blame: a call with one of them is told with the record's delivery, not again as a failed call. */
export const recordCodes: readonly ErrorCode[] = (Object.keys(catalogue) as ErrorCode[]).filter((code) => catalogue[code].recovery === 'rejected');
