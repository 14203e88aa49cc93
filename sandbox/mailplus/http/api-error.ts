/** Every error type of the vendor's `ErrorResponse` (contract 1.7). */
export type ErrorType =
  | 'INVALID_PARAMS' | 'INVALID_STATE' | 'NAME_ALREADY_IN_USE' | 'ID_NOTUNIQUE' | 'PRODUCT_NOTFOUND' | 'AUTH_NOT_FOUND'
  | 'NOT_AUTHORIZED' | 'FORM_NOT_FOUND' | 'CONTACT_NOT_FOUND' | 'CONTACT_OPTOUT' | 'CONTACT_ALREADY_EXISTS' | 'INVALID_PROPERTY'
  | 'BACKEND_EXCEPTION' | 'RESOURCE_NOT_FOUND' | 'TRIGGER_NOTFOUND' | 'CAMPAIGN_NOTFOUND' | 'ORDER_NOTFOUND'
  | 'MAILING_NOTFOUND' | 'INVALID_MAILING' | 'FORMRESULT_NOT_FOUND';

/** A refusal that the caller sees as `{errorType, message}` with this status, and with `details` beside them. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorType: ErrorType;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, errorType: ErrorType, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errorType = errorType;
    this.details = details;
  }
}

/** 400 for a parameter or body that cannot be used. */
export function invalidParams(message: string): ApiError {
  return new ApiError(400, 'INVALID_PARAMS', message);
}

/** 400 for something that cannot be done as things stand. */
export function invalidState(message: string): ApiError {
  return new ApiError(400, 'INVALID_STATE', message);
}
