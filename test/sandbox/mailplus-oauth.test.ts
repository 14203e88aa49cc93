import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hmacSha1Signature } from '../../sandbox/mailplus/oauth/signature.ts';
import { call } from './mailplus-caller.ts';

const vectorParameters = [
  ['oauth_consumer_key', 'example-key'], ['oauth_nonce', '0123456789abcdef'], ['oauth_signature_method', 'HMAC-SHA1'],
  ['oauth_timestamp', '1700000000'], ['oauth_version', '1.0'],
] as const;

describe('the published signature examples', () => {
  it('gives the signature of a GET with a query', () => {
    const signature = hmacSha1Signature({
      method: 'GET',
      url: 'https://restapi.mailplus.nl/integrationservice/contact/search',
      parameters: [['pageSize', '1'], ['MPSearchQuery', 'email=john@example.com'], ...vectorParameters],
    }, 'example-secret');
    expect(signature).toBe('tAEUZ3i/rY0ePtWzSrCwUuTJh/A=');
  });

  it('gives the signature of a POST, whose body is not signed', () => {
    const signature = hmacSha1Signature({
      method: 'POST', url: 'https://restapi.mailplus.nl/integrationservice/contact', parameters: vectorParameters,
    }, 'example-secret');
    expect(signature).toBe('wjLjpjPdPs85dGesS8smSVqKfc8=');
  });
});

describe('OAuth at the sandbox Mail+', () => {
  let sandbox: MailplusSandbox;
  beforeAll(async () => {
    sandbox = await startMailplusSandbox();
  });
  afterAll(() => sandbox.close());

  const properties = '/contact/properties/list';
  const search = { query: { pageSize: '5', MPSearchQuery: "email=o'neill (a)+b*c@example.com" } };

  it('accepts the parameters in the header and in the query, and an un-encoded signature in either', async () => {
    for (const placement of ['header', 'query'] as const) {
      for (const rawSignature of [false, true]) {
        for (let round = 0; round < 8; round += 1) {
          const answer = await call(sandbox, 'GET', '/contact/search', { ...search, placement, rawSignature });
          expect([placement, rawSignature, answer.status]).toEqual([placement, rawSignature, 200]);
        }
      }
    }
  });

  it('tolerates an empty token and a realm, and refuses a token', async () => {
    expect((await call(sandbox, 'GET', properties, { extraOauth: { oauth_token: '' } })).status).toBe(200);
    expect((await call(sandbox, 'GET', properties, { extraOauth: { oauth_token: 'abc' } })).body)
      .toMatchObject({ errorType: 'NOT_AUTHORIZED' });
  });

  it('answers 401 AUTH_NOT_FOUND for an unknown key and for no parameters at all', async () => {
    const unknown = await call(sandbox, 'GET', properties, { key: 'stranger' });
    expect([unknown.status, unknown.body]).toEqual([401, { errorType: 'AUTH_NOT_FOUND', message: 'Unknown oauth_consumer_key' }]);
    const bare = await fetch(`${sandbox.url}${properties}`, { headers: { accept: 'application/json' } });
    expect([bare.status, await bare.json()]).toEqual([401, { errorType: 'AUTH_NOT_FOUND', message: 'No OAuth parameters found' }]);
  });

  it('answers 401 NOT_AUTHORIZED for a wrong secret and for a query that was not signed', async () => {
    const wrongSecret = await call(sandbox, 'GET', properties, { secret: 'guess' });
    expect([wrongSecret.status, wrongSecret.body]).toEqual([401, { errorType: 'NOT_AUTHORIZED', message: 'Signature does not match' }]);
    const added = await call(sandbox, 'GET', '/contact/search', { query: { pageSize: '5' }, unsignedQuery: 'MPSearchQuery=city%3DBreda' });
    expect(added.body).toMatchObject({ errorType: 'NOT_AUTHORIZED' });
  });

  it.each([-301, 301])('refuses a timestamp %d seconds away', async (seconds) => {
    const timestampSeconds = Math.floor(Date.now() / 1000) + seconds;
    expect((await call(sandbox, 'GET', properties, { timestampSeconds })).body).toMatchObject({ errorType: 'NOT_AUTHORIZED' });
  });

  it('refuses a nonce that was used before with the same timestamp', async () => {
    const once = { nonce: 'only-once', timestampSeconds: Math.floor(Date.now() / 1000) };
    expect((await call(sandbox, 'GET', properties, once)).status).toBe(200);
    const again = await call(sandbox, 'GET', properties, once);
    expect([again.status, again.body]).toEqual([401, { errorType: 'NOT_AUTHORIZED', message: 'The nonce was used before' }]);
  });

  it('can be told to accept replays and old timestamps', async () => {
    const lenient = await startMailplusSandbox({ refuseReplays: false, skewToleranceMs: 3_600_000 });
    const old = { nonce: 'again', timestampSeconds: Math.floor(Date.now() / 1000) - 3_000 };
    const statuses = [await call(lenient, 'GET', properties, old), await call(lenient, 'GET', properties, old)].map(({ status }) => status);
    await lenient.close();
    expect(statuses).toEqual([200, 200]);
  });
});
