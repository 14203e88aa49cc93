import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { hub, openCliHome, type CliHome } from '../support/cli-fixture.ts';

let cli: CliHome;
let admin: string;
let operator: string;
let viewer: string;

beforeAll(async () => {
  cli = await openCliHome();
  [admin, operator, viewer] = [await cli.gateway.token('admin'), await cli.gateway.token('operator'), await cli.gateway.token('viewer')];
  await sql`
    insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase)
    values ('mailplus-1', 'main', 'mailplus', 'marketing-automation', 'marketing-automation', 'm', '{}', '', 'k', 'live'), ('coins-1', 'main', 'coins', 'crm', 'crm', 'c', '{}', '', 'c', 'live')`.execute(cli.gateway.db);
});
afterAll(() => cli.close());

let numbers = 0;

/** A contact of the account that both systems have. */
async function contact(): Promise<{ readonly id: number; readonly email: string; readonly prospect: string }> {
  numbers += 1;
  const [email, prospect] = [`bea.${numbers}@example.test`, `P-${numbers}`];
  const { rows: [row] } = await sql<{ id: number }>`
    insert into record (account_id, data_type, canonical, provenance, email) values ('main', 'contacts', ${JSON.stringify({ email })}, '[]', ${email}) returning id`.execute(cli.gateway.db);
  const id = row?.id ?? 0;
  await sql`insert into link (account_id, connector_id, data_type, external_id, record_id, held) values ('main', 'coins-1', 'contacts', ${prospect}, ${id}, ${JSON.stringify({ email })})`.execute(cli.gateway.db);
  return { id, email, prospect };
}

const post = async (token: string, url: string, payload: object = {}) => cli.gateway.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: cli.gateway.bearer(token), payload });
const audited = async (id: number) => (await cli.gateway.db.selectFrom('audit').select(['what', 'who', 'details']).orderBy('id').execute()).filter(({ details }) => details['recordId'] === id);

describe('the API', () => {
  it('erases only for an admin who confirms, with a receipt, an audit and nothing personal in either', async () => {
    const { id, email, prospect } = await contact();
    expect((await post(operator, `/records/${id}/erase`, { confirm: true })).statusCode).toBe(403);
    expect((await post(admin, `/records/${id}/erase`)).json()).toMatchObject({ error: { code: 'ERASURE_UNCONFIRMED' } });
    const answer = await post(admin, `/records/${id}/erase`, { confirm: true });
    expect(answer.json()).toMatchObject({ receipt: { kind: 'erase', recordId: id, steps: [{ connectorId: 'coins-1', kind: 'by-hand', state: 'by-hand', ids: [prospect], note: expect.stringContaining('by hand') }] } });
    const stored = await cli.gateway.db.selectFrom('erasure').selectAll().where('record_id', '=', id).execute();
    expect(JSON.stringify(stored)).not.toContain(prospect);
    expect(JSON.stringify([stored, await audited(id), answer.json()])).not.toContain(email);
    expect(await audited(id)).toMatchObject([{ what: 'record.erased' }]);
    expect((await post(admin, `/records/${id}/erase`, { confirm: true })).json()).toMatchObject({ message: expect.stringContaining('before') });
  });

  it('blocks and unblocks for an operator', async () => {
    const { id } = await contact();
    expect((await post(viewer, `/records/${id}/block`)).statusCode).toBe(403);
    expect((await post(operator, `/records/${id}/block`)).json()).toMatchObject({ receipt: { kind: 'block' } });
    expect(cli.gateway.woken).toContain('deliver coins-1');
    expect((await post(operator, `/records/${id}/unblock`)).json()).toMatchObject({ receipt: { kind: 'unblock' } });
    expect((await post(operator, `/records/${id}/unblock`)).json()).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
    expect((await audited(id)).map(({ what }) => what)).toEqual(['record.blocked', 'record.unblocked']);
  });

  it('says what is wrong with the number of a record', async () => {
    expect((await post(operator, '/records/999999/block')).json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const { id } = await contact();
    await post(admin, `/records/${id}/erase`, { confirm: true });
    expect((await post(operator, `/records/${id}/block`)).json()).toMatchObject({ error: { code: 'RECORD_ERASED' } });
    expect((await cli.gateway.app.inject({ url: '/api/v1/receipts/999999', headers: cli.gateway.bearer(operator) })).json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('keeps the contacts of other accounts out of reach', async () => {
    const { id } = await contact();
    const stranger = await cli.gateway.token('admin', { accountId: 'other' });
    expect((await post(stranger, `/records/${id}/erase`, { confirm: true })).statusCode).toBe(404);
  });
});

describe('hub records', () => {
  const run = (setting: object, ...args: string[]) => hub({ homeDirectory: cli.home, token: admin, ...setting }, 'records', ...args);

  it('asks before it erases, and does not without an answer', async () => {
    const { id } = await contact();
    expect((await run({}, 'erase', String(id))).code).toBe(2);
    expect(await run({ answer: () => 'no' }, 'erase', String(id))).toMatchObject({ code: 2, asked: [expect.stringContaining('for good')] });
    const done = await run({}, 'erase', String(id), '--yes');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('is erased') });
    expect((await run({}, 'receipts', '--record', String(id))).out).toContain('coins-1: by-hand');
  });

  it('blocks, shows the receipt and unblocks', async () => {
    const { id } = await contact();
    expect((await run({}, 'block', String(id))).out).toContain('is blocked');
    const receipt = await cli.gateway.db.selectFrom('erasure').select('id').where('record_id', '=', id).executeTakeFirstOrThrow();
    expect((await run({}, 'receipt', String(receipt.id))).out).toContain('block');
    expect((await run({}, 'unblock', String(id))).out).toContain('is unblocked');
    expect(await run({}, 'block', 'somebody')).toMatchObject({ code: 2 });
  });
});
