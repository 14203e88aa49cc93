import type { jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Document = ReturnType<typeof jsonSchemaTransformObject>;
interface Answer {
  description?: string;
}

const meanings: Readonly<Record<string, string>> = {
  200: 'Done.', 201: 'Made.', 202: 'Taken; it goes on in the background.', '2XX': 'Stored.', 503: 'Not ready.',
  '4XX': 'Refused, nothing was changed: `error.code` says why, `error.fix` what to do.',
  '5XX': 'Failed: `error.code` says whether it is the hub, Temporal, PostgreSQL or the platform.',
};

const unnamed = 'Default Response';

/** Gives every answer a description in place of the generator's own, and names the two refusals that each route with a token may give. */
export function describeAnswers(document: Document): Document {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path as object) as { responses?: Record<string, Answer>; security?: readonly object[] }[]);
  for (const { responses, security } of operations) {
    if (responses === undefined) continue;
    const refused = responses['4XX'];
    for (const [status, answer] of Object.entries(responses)) if (answer.description === undefined || answer.description === unnamed) answer.description = meanings[status] ?? 'The answer.';
    if (refused === undefined || security === undefined || security.length === 0) continue;
    responses['401'] = { ...refused, description: 'There is no valid token (`TOKEN_INVALID`).' };
    responses['403'] = { ...refused, description: 'The token is valid, but not for this (`TOKEN_NOT_ALLOWED`).' };
  }
  return document;
}
