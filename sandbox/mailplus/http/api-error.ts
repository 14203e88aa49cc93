/** Error types of the vendor's `ErrorResponse` that the sandbox uses (contract 1.7). */
export type ErrorType =
  | 'INVALID_PARAMS' | 'INVALID_STATE' | 'NAME_ALREADY_IN_USE' | 'ID_NOTUNIQUE' | 'AUTH_NOT_FOUND' | 'NOT_AUTHORIZED'
  | 'CONTACT_NOT_FOUND' | 'CONTACT_OPTOUT' | 'CONTACT_ALREADY_EXISTS' | 'INVALID_PROPERTY' | 'BACKEND_EXCEPTION'
  | 'RESOURCE_NOT_FOUND' | 'MAILING_NOTFOUND';

/** A refusal that the caller sees as `{errorType, message}` with this status. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorType: ErrorType;

  constructor(status: number, errorType: ErrorType, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errorType = errorType;
  }
}

/** 404 for a contact that this credential cannot reach. */
export function contactNotFound(): ApiError {
  return new ApiError(404, 'CONTACT_NOT_FOUND', 'Contact not found');
}

/** 400 for a parameter or body that cannot be used. */
export function invalidParams(message: string): ApiError {
  return new ApiError(400, 'INVALID_PARAMS', message);
}
