import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createToken } from '../../config/access-token.ts';
import { insertToken } from '../../db/repositories/tokens.ts';
import { defaultGatewaySettings } from '../../gateway/dependencies.ts';
import type { App } from '../../gateway/http/app.ts';
import { buildGateway } from '../../gateway/server.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a subscription by a form, through Temporal', () => {
  let hub: TestHub;
  let mail: MailplusSandbox;
  let app: App;
  const { token, hash } = createToken();

  beforeAll(async () => {
    mail = await startMailplusSandbox();
    hub = await startTestHub({ platforms: { mailplus } });
    const { secrets, log, now, faultPoint } = hub.deps;
    const settings = mailplus.description.settings.parse({ baseUrl: mail.url, forms: { newsletter: { origins: ['https://www.shop.example'], permissions: ['permissions:2'] } } });
    await hub.db.insertInto('connector').values({
      id: 'mailplus-1', account_id: 'main', platform: 'mailplus', class: 'marketing-automation', preset: 'marketing-automation', name: 'Mail+', is_test: true, phase: 'live', credential_key: 'key of mailplus-1',
      settings: JSON.stringify(settings), credentials: secrets.seal(JSON.stringify({ key: 'sandbox-key', secret: 'sandbox-secret' }), 'connector/mailplus-1'), activated_at: new Date().toISOString(),
    }).execute();
    await insertToken(hub.db, { accountId: 'main', connectorId: 'mailplus-1', name: 'www.shop.example', role: 'form', hash });
    app = await buildGateway({
      db: hub.db, platforms: { mailplus }, secrets, temporal: hub.client, log, now, faultPoint,
      settings: { ...defaultGatewaySettings, temporalAddress: hub.temporal.address, temporalNamespace: hub.temporal.namespace },
    });
  });
  afterAll(async () => {
    await app.close();
    await hub.close();
    await mail.close();
  });

  const subscribe = async (email: string) => app.inject({
    method: 'POST', url: '/forms/mailplus-1/newsletter/subscribe', headers: { authorization: `Bearer ${token}`, origin: 'https://www.shop.example' }, payload: { email, permissions: ['permissions:2'] },
  });
  const isOn = (email: string) => [...mail.state.contacts()].some((contact) => contact.email === email && contact.permissions.includes(2));
  const states = async () => (await hub.db.selectFrom('inbox').select('state').orderBy('id').execute()).map(({ state }) => state);

  it('arrives as soon as it is stored', async () => {
    expect((await subscribe('ann@people.example')).statusCode).toBe(202);
    await waitFor(() => Promise.resolve(isOn('ann@people.example')));
    await waitFor(async () => (await states()).join() === 'applied');
  });

  it('waits on the ladder while Mail+ is away, with all that came after it, in order and once', async () => {
    const fault = mail.state.addFault({ action: 'status', status: 503, body: '', path: '/subscription/subscribe' });
    for (const name of ['bob', 'cat']) expect((await subscribe(`${name}@people.example`)).statusCode).toBe(202);
    await waitFor(async () => (await hub.db.selectFrom('connector').select('health_in').executeTakeFirstOrThrow()).health_in === 'holding');
    expect(await hub.db.selectFrom('call_attempt').select(['operation', 'code']).executeTakeFirstOrThrow()).toEqual({ operation: 'POST /subscription/subscribe', code: 'PLATFORM_ERROR' });
    mail.state.removeFault(fault.id);
    await waitFor(async () => (await states()).join() === 'applied,applied,applied', { timeoutMs: 20_000 });
    expect([isOn('bob@people.example'), isOn('cat@people.example')]).toEqual([true, true]);
    expect(mail.state.counters()['POST /subscription/subscribe']).toMatchObject({ changed: 3, byStatus: { 204: 3 } });
    await waitFor(async () => (await hub.db.selectFrom('connector').select('health_in').executeTakeFirstOrThrow()).health_in === 'ok');
  });

  it('leaves nobody\'s address in a history or a log', async () => {
    const recorded = historyToJSON(await hub.client.workflow.getHandle('sync/mailplus-1').fetchHistory());
    const decoded = recorded.replace(/"data":\s*"([\w+/=]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString('utf8'));
    expect(decoded).toContain('"connectorId":"mailplus-1"');
    expect(decoded + hub.logged.join('\n')).not.toMatch(/people\.example/);
  });
});
