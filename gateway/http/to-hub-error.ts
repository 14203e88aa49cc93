import { isDatabaseUnavailable } from '../../db/unavailable.ts';
import { HubError } from '../../domain/errors.ts';
import { toTemporalError } from '../temporal/temporal-error.ts';

const byFastifyCode: Readonly<Record<string, () => HubError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new HubError('REQUEST_TOO_LARGE'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => badBody('The body is no valid JSON.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => badBody('The body is empty, JSON is needed.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new HubError('REQUEST_INVALID', 'The body must be sent as application/json.', { field: 'Content-Type' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new HubError('REQUEST_INVALID', 'The body is shorter or longer than Content-Length says.', { field: 'Content-Length' }),
};

function badBody(message: string): HubError {
  return new HubError('REQUEST_INVALID', message, { field: 'body' });
}

/** Any error as one of the catalogue. Unknown ones become INTERNAL, whose answer tells nothing of them. */
export function toHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  const known = byFastifyCode[codeOf(error)];
  if (known !== undefined) return known();
  if (isDatabaseUnavailable(error)) return new HubError('DATABASE_UNAVAILABLE', undefined, {}, error);
  return toTemporalError(error) ?? fromStatus(error) ?? new HubError('INTERNAL', undefined, {}, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Errors of the JSON parser and of the HTTP server carry a status below 500: the request is wrong. Their text may repeat the body, so it is left out. */
function fromStatus(error: unknown): HubError | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? badBody('The request cannot be read.') : undefined;
}
