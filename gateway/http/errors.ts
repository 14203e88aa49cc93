import type { Log } from '../../activities/dependencies.ts';
import { HubError } from '../../domain/errors.ts';
import type { App } from './app.ts';
import { answerFor } from './error-answer.ts';
import { logFailure } from './request-log.ts';
import { toHubError } from './to-hub-error.ts';

/** One answer for every failure: code, message, cause and fix of the catalogue. */
export function answerErrors(app: App, log: Log): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = toHubError(thrown);
    logFailure(log, error, request.routeOptions.url);
    const { status, body } = answerFor(error);
    if (error.code === 'REQUEST_TOO_LARGE') void reply.header('connection', 'close');
    return reply.status(status).type('application/json').send(body);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const { status, body } = answerFor(new HubError('NOT_FOUND', `There is no ${request.method} route at this address; /docs lists them.`));
    return reply.status(status).send(body);
  });
}
