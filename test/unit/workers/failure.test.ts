import { describe, expect, it } from '@jest/globals';
import { asHubError, loggable, plainFailure, toFailure, verdictOf } from '../../../activities/failure.ts';
import { catalogue, type ErrorCode } from '../../../domain/error-catalogue.ts';
import { HubError } from '../../../domain/errors.ts';

const codes = Object.keys(catalogue) as ErrorCode[];

describe('errors as failures', () => {
  it('have a verdict for every code: only what comes from a platform is on the ladder', () => {
    const onLadder = codes.filter((code) => verdictOf(new HubError(code)) === 'ladder');
    expect(onLadder).toEqual(['PLATFORM_UNREACHABLE', 'PLATFORM_TIMEOUT', 'PLATFORM_ERROR', 'PLATFORM_RATE_LIMITED', 'PLATFORM_RESET', 'PLATFORM_OUTCOME_UNKNOWN', 'PLATFORM_ANSWER_INVALID']);
    expect(['DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE', 'SENDER_BUSY', 'MAPPING_CHANGED'].map((code) => verdictOf(new HubError(code as ErrorCode)))).toEqual(['again', 'again', 'again', 'again']);
    expect(verdictOf(new HubError('PLATFORM_LOGIN_REFUSED'))).toBe('operator');
  });

  it('are never repeated when what was asked is wrong, and a second later when our own servers are away', () => {
    expect(plainFailure(new HubError('CONNECTOR_UNKNOWN'), 1)).toMatchObject({ type: 'CONNECTOR_UNKNOWN', nonRetryable: true });
    expect(plainFailure(new HubError('DATABASE_UNAVAILABLE'), 50)).toMatchObject({ nonRetryable: false, nextRetryDelay: 1_000 });
    expect([1, 5, 500].map((attempt) => plainFailure(new HubError('INTERNAL'), attempt).nextRetryDelay)).toEqual([1_000, 5_000, 60_000]);
  });

  it('carry our code, our sentence and what to do; nothing of the cause', () => {
    const cause = new Error('duplicate key (email)=(anna@people.example)');
    const failure = toFailure(new HubError('PLATFORM_ERROR', 'POST /contact: 500.', {}, cause), { nextRetryDelayMs: 7 });
    expect(failure).toMatchObject({ message: 'POST /contact: 500.', type: 'PLATFORM_ERROR', nextRetryDelay: 7, details: [{ fix: catalogue.PLATFORM_ERROR.fix }] });
    expect(failure.cause).toBeUndefined();
    expect(`${failure.stack}`).toBe('ApplicationFailure: POST /contact: 500.');
  });

  it('that are none of ours keep their class only', () => {
    const error = Object.assign(new TypeError('Cannot read anna@people.example'), { code: 'E1' });
    const hubError = asHubError(error);
    expect(hubError).toMatchObject({ code: 'INTERNAL', message: 'The hub made a mistake (TypeError).' });
    expect(JSON.stringify(loggable(error))).not.toContain('people.example');
    expect(loggable(error)).toMatchObject({ name: 'TypeError', code: 'E1', frames: expect.stringContaining('failure.test') });
    expect(asHubError('text')).toMatchObject({ code: 'INTERNAL' });
    expect(asHubError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});
