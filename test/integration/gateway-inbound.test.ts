import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openOwnerDatabase } from '../../db/database.ts';
import { listSyncPage, prospectCard, startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;
let admin: string;
let source: string;

beforeAll(async () => {
  gateway = await startGateway();
  admin = await gateway.token('admin');
  source = await addCoins('coins-1', admin);
});
afterAll(async () => gateway.stop());

async function addCoins(id: string, token: string): Promise<string> {
  const payload = { platform: 'coins', id, settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 'topsecret-coins' }, override: true };
  const answer = await gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: gateway.bearer(token), payload });
  return String(answer.json().sourceToken);
}

async function send(page: object, options: { readonly token?: string; readonly key?: string; readonly connectorId?: string } = {}) {
  const syncId = 'syncId' in page ? String(page.syncId) : 'none';
  return gateway.app.inject({
    method: 'POST',
    url: `/inbound/coins/${options.connectorId ?? 'coins-1'}/list-syncs`,
    headers: { ...gateway.bearer(options.token ?? source), 'idempotency-key': options.key ?? syncId },
    payload: page,
  });
}

async function inboxCount(): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`select count(*) count from inbox`.execute(gateway.db);
  return row?.count ?? 0;
}

describe('a page of a list sync', () => {
  it('is stored with its rejected cards before it is answered, and wakes the connector', async () => {
    const answer = await send(listSyncPage('LS-1', 1, 2, [prospectCard('P1'), prospectCard('P2', { email: '', mobile: '' })]));
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ syncId: 'LS-1', accepted: 1, rejected: [{ prospectId: 'P2', reason: 'no email and no phone' }] });
    const rejected = await gateway.db.selectFrom('rejected_record').selectAll().execute();
    expect(rejected).toMatchObject([{ connector_id: 'coins-1', external_id: 'P2', code: 'NO_MATCH_KEY', state: 'open', inbox_id: expect.any(Number) }]);
    expect(gateway.woken).toContain('sync coins-1');
  });

  it('that comes twice is answered as before and stored once, and with another body refused', async () => {
    const page = listSyncPage('LS-2', 1, 1, [prospectCard('P3')]);
    const first = await send(page);
    const before = await inboxCount();
    const again = await send(page);
    expect([again.statusCode, again.body]).toEqual([first.statusCode, first.body]);
    const other = await send(listSyncPage('LS-2', 1, 1, [prospectCard('P4')]));
    expect([other.statusCode, other.json().error.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    expect(await inboxCount()).toBe(before);
  });

  it('that comes ten times at once is stored once', async () => {
    const page = listSyncPage('LS-3', 1, 1, [prospectCard('P5')]);
    const before = await inboxCount();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(page)));
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(await inboxCount()).toBe(before + 1);
  });

  it('of 1,000 prospects is taken', async () => {
    const cards = Array.from({ length: 1_000 }, (_, index) => prospectCard(`K${index}`));
    const answer = await send(listSyncPage('LS-4', 1, 1, cards));
    expect(answer.json()).toMatchObject({ accepted: 1_000, rejected: [] });
  });

  it('is kept by a paused connector', async () => {
    await sql`update connector set paused = true where id = 'coins-1'`.execute(gateway.db);
    expect((await send(listSyncPage('LS-5', 1, 1, []))).statusCode).toBe(202);
    await sql`update connector set paused = false where id = 'coins-1'`.execute(gateway.db);
  });

  it('with characters that PostgreSQL does not store loses only these', async () => {
    const answer = await send(listSyncPage('LS-6', 1, 1, [prospectCard('P6', { surname: 'A\u0000b\ud800c', email: '' , mobile: '' })]));
    expect(answer.statusCode).toBe(202);
  });

  it('and the removal of a list, with a slash in its id, are both taken', async () => {
    const answer = await gateway.app.inject({ method: 'DELETE', url: '/inbound/coins/coins-1/lists/L%2F55', headers: gateway.bearer(source) });
    expect([answer.statusCode, answer.json()]).toEqual([202, { listId: 'L/55' }]);
  });
});

describe('requests that are wrong', () => {
  it('are refused with a code, and leave nothing behind', async () => {
    const before = await inboxCount();
    const other = await addCoins('coins-2', admin);
    const headers = { ...gateway.bearer(source), 'content-type': 'application/json' };
    const good = listSyncPage('LS-9', 1, 1, []);
    const url = '/inbound/coins/coins-1/list-syncs';
    const attempts: readonly [string, Promise<{ statusCode: number; json: () => { error: { code: string; field?: string } } }>, number, string, string?][] = [
      ['no token', gateway.app.inject({ method: 'POST', url, payload: good }), 401, 'TOKEN_INVALID'],
      ['a wrong token', send(good, { token: 'hub_wrong' }), 401, 'TOKEN_INVALID'],
      ['a person\'s token', send(good, { token: admin }), 403, 'TOKEN_NOT_ALLOWED'],
      ['the token of another connector', send(good, { token: other }), 403, 'TOKEN_NOT_ALLOWED'],
      ['an unknown connector', send(good, { connectorId: 'nosuch' }), 404, 'CONNECTOR_UNKNOWN'],
      ['another platform', gateway.app.inject({ method: 'POST', url: '/inbound/mailplus/coins-1/list-syncs', headers, payload: good }), 404, 'CONNECTOR_UNKNOWN'],
      ['an unknown path', gateway.app.inject({ method: 'POST', url: '/inbound/coins/coins-1/nosuch', headers, payload: good }), 404, 'NOT_FOUND'],
      ['broken JSON', gateway.app.inject({ method: 'POST', url, headers, payload: '{"syncId":' }), 400, 'REQUEST_INVALID', 'body'],
      ['a polluting key', gateway.app.inject({ method: 'POST', url, headers, payload: '{"__proto__":{"a":1}}' }), 400, 'REQUEST_INVALID', 'body'],
      ['no body', gateway.app.inject({ method: 'POST', url, headers }), 400, 'REQUEST_INVALID', 'body'],
      ['XML', gateway.app.inject({ method: 'POST', url, headers: { ...headers, 'content-type': 'text/xml' }, payload: '<a/>' }), 400, 'REQUEST_INVALID', 'Content-Type'],
      ['a wrong type', send({ ...good, page: 'one' }), 400, 'REQUEST_INVALID', 'page'],
      ['another key than its own', send(good, { key: 'LS-8' }), 400, 'REQUEST_INVALID', 'Idempotency-Key'],
    ];
    for (const [name, attempt, status, code, field] of attempts) {
      const answer = await attempt;
      expect({ name, status: answer.statusCode, ...answer.json().error }).toMatchObject({ name, status, code, ...(field === undefined ? {} : { field }) });
    }
    expect(await inboxCount()).toBe(before);
  });

  it('from a removed connector or a revoked token are refused', async () => {
    const token = await addCoins('coins-3', admin);
    await sql`update connector set phase = 'removed' where id = 'coins-3'`.execute(gateway.db);
    const removed = await send(listSyncPage('LS-1', 1, 1, []), { token, connectorId: 'coins-3' });
    expect([removed.statusCode, removed.json().error.code]).toEqual([409, 'CONNECTOR_STATE']);
    await sql`update api_token set revoked_at = now() where connector_id = 'coins-3'`.execute(gateway.db);
    expect((await send(listSyncPage('LS-1', 1, 1, []), { token, connectorId: 'coins-3' })).statusCode).toBe(401);
  });

  it('from another account do not even learn that the connector exists', async () => {
    const theirs = await addCoins('their-coins', await gateway.token('admin', { accountId: 'other' }));
    const answer = await send(listSyncPage('LS-1', 1, 1, []), { token: theirs });
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'CONNECTOR_UNKNOWN']);
  });

  it('of 50 MB over a real socket are refused at once', async () => {
    await gateway.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = gateway.app.server.address() as AddressInfo;
    const started = Date.now();
    const answer = await postMegabytes(port, 50);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'REQUEST_TOO_LARGE' } });
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});

/** Announces a body of so many megabytes and sends until the answer comes. */
async function postMegabytes(port: number, megabytes: number): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${source}`, 'content-type': 'application/json', 'content-length': megabytes * 1024 * 1024 };
    const call = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/inbound/coins/coins-1/list-syncs', headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
        resolve({ status: response.statusCode, body });
        call.destroy();
      });
    });
    call.on('error', reject);
    call.write(Buffer.alloc(64 * 1024, ' '));
  });
}

describe('nothing is answered 2xx before it is committed', () => {
  it('a commit that fails is answered 5xx, and the page can be sent again', async () => {
    await asOwner(`create function fail_commit() returns trigger language plpgsql as $$ begin raise exception 'commit fails here'; end $$;
      create constraint trigger fail_commit after insert on inbox deferrable initially deferred for each row execute function fail_commit()`);
    const wakes = gateway.woken.length;
    const page = listSyncPage('LS-20', 1, 1, [prospectCard('P20')]);
    const failed = await send(page);
    expect([failed.statusCode, failed.json().error.code]).toEqual([500, 'INTERNAL']);
    expect(failed.body).not.toContain('commit fails here');
    expect(gateway.woken).toHaveLength(wakes);
    await asOwner('drop trigger fail_commit on inbox');
    expect((await send(page)).statusCode).toBe(202);
  });

  it('a process that ends between commit and wake has kept the page, and a repetition wakes', async () => {
    let reached = 0;
    const ending = await startGateway({
      deps: {
        faultPoint: async (name) => {
          reached += name === 'accepted-before-signal' ? 1 : 0;
          throw new Error('the process ends here');
        },
      },
    });
    try {
      const token = await ending.token('admin');
      const added = await ending.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: ending.bearer(token), payload: { platform: 'coins', settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 'x' } } });
      const answer = await ending.app.inject({ method: 'POST', url: '/inbound/coins/coins-1/list-syncs', headers: { ...ending.bearer(added.json().sourceToken), 'idempotency-key': 'LS-1' }, payload: listSyncPage('LS-1', 1, 1, []) });
      expect([answer.statusCode, reached, ending.woken]).toEqual([500, 1, []]);
      const { rows } = await sql<{ state: string }>`select state from inbox`.execute(ending.db);
      expect(rows).toEqual([{ state: 'new' }]);
    } finally {
      await ending.stop();
    }
  });
});

describe('the log', () => {
  it('holds no address, name, token or secret', () => {
    const log = gateway.logged.join('\n');
    expect(log).toContain('/inbound/:platform/:connectorId/*');
    expect(log).not.toMatch(/people\.example|Anna|Hill|topsecret|hub_[A-Za-z0-9]|LS-1/);
  });
});

async function asOwner(statements: string): Promise<void> {
  const db = openOwnerDatabase(gateway.databaseUrl);
  try {
    await sql.raw(statements).execute(db);
  } finally {
    await db.destroy();
  }
}
