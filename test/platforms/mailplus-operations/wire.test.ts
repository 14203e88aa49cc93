import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { startRawMailplus, wireCases, type RawMailplus } from './call.ts';
import { expectedSignature, oauthParameters } from './signature.ts';
import type { WireAnswer } from './wire-case.ts';

const noContent: WireAnswer = { base: 'both', status: 204, body: undefined, gives: undefined };

let mailplus: RawMailplus;
beforeAll(async () => {
  mailplus = await startRawMailplus();
});
afterAll(() => mailplus.server.close());
beforeEach(() => void mailplus.server.seen.splice(0));

const answering = ({ status = 200, body }: WireAnswer): void => {
  mailplus.answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
};

it('has a case for every operation, and none for any other', () => {
  expect(Object.keys(wireCases).sort()).toEqual(Object.keys(operations).sort());
});

describe.each(Object.entries(wireCases))('%s on the wire', (name, one) => {
  it('sends one signed call with method, encoded path, query and body', async () => {
    answering(one.answers?.[0] ?? noContent);
    await mailplus.call(name);
    const { server } = mailplus;
    expect(server.seen).toHaveLength(1);
    const [seen] = server.seen;
    expect([seen?.method, seen?.url]).toEqual([one.method, one.url]);
    expect(seen?.body === '' ? undefined : JSON.parse(seen?.body ?? '')).toEqual(one.body);
    expect([seen?.headers.accept, seen?.headers['content-type']]).toEqual(['application/json', one.body === undefined ? undefined : 'application/json']);
    const header = oauthParameters(seen?.headers.authorization ?? '');
    expect(header).toMatchObject({ oauth_consumer_key: 'sandbox-key', oauth_signature_method: 'HMAC-SHA1', oauth_version: '1.0' });
    expect(header['oauth_signature']).toBe(expectedSignature(one.method, `${server.url}${one.url}`, header, 'sandbox-secret'));
  });

  it.each((one.answers ?? [noContent]).map((given, index) => [given.base, given.status ?? 200, index, given] as const))('reads what base %s answers with %i (%i)', async (_base, _status, _index, given) => {
    answering(given);
    expect(await mailplus.call(name)).toEqual(given.gives);
  });
});
