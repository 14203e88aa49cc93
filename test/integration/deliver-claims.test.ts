import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { createClaims } from '../../activities/claims-ahead.ts';
import { inTransaction } from '../../db/transaction.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { consent } from '../support/hub-world.ts';
import { waitFor } from '../support/wait-for.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let calls: readonly (readonly string[])[] = [];

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(async () => {
  world.calm();
  await world.settle();
});

const db = () => world.pipeline.deps.db;
const deliver = () => world.pipeline.deliver('mailplus-1');

/** How often each contact of a scene was changed at Mail+. */
function changesOf(cards: readonly { readonly email: string }[]): readonly (number | undefined)[] {
  const byEmail = new Map([...world.mail.state.contacts()].map((contact) => [contact.email, contact.changingUpserts]));
  return cards.map(({ email }) => byEmail.get(email));
}
const emailOf = (scene: string, index: number) => `p${index}.${scene}@example.test`;
const cardsOf = (scene: string, count: number) => Array.from({ length: count }, (_, i) => ({ prospectId: `${scene}-${i}`, email: emailOf(scene, i), forename: 'Old', consents: consent(true, at(1)) }));

/** The number of the one who is sent last. */
async function lastOne(): Promise<number> {
  const { email } = await db().selectFrom('delivery').innerJoin('record', 'record.id', 'delivery.record_id').select('record.email').where('connector_id', '=', 'mailplus-1').where('state', '=', 'pending')
    .orderBy('lane', 'desc').orderBy('pending_since', 'desc').orderBy('record_id', 'desc').executeTakeFirstOrThrow();
  return Number(/^p(\d+)/.exec(email ?? '')?.[1]);
}

/** Does something while a call is under way; calls count from 1. */
function during(call: number, work: () => Promise<void>): void {
  calls = [];
  world.hooks.beforeDeliver = async (_, items) => {
    calls = [...calls, items.map((item) => item.externalId)];
    if (calls.length === call) await work();
  };
}

/** A chunk is a thousand deliveries; the next one is looked up when the ninth of its ten calls begins. */
const chunk = 1_000;

describe('the next chunk, looked up while the last calls of the one before are made', () => {
  it('is sent once, each contact of it', async () => {
    const cards = cardsOf('once', chunk + 150);
    await world.sync('coins-1', cards, { pageSize: 500 });
    during(0, () => Promise.resolve());
    await deliver();
    expect(calls.map((call) => call.length)).toEqual([...Array.from({ length: 11 }, () => 100), 50]);
    expect(changesOf(cards)).toEqual(cards.map(() => 1));
  }, 60_000);

  it('is planned again for whoever withdrew meanwhile: nothing is granted', async () => {
    const cards = cardsOf('urgent', chunk + 150);
    await world.sync('coins-1', cards, { pageSize: 500 });
    const late = await lastOne();
    during(10, async () => {
      world.coinsOf('coins-1').state.edit(`urgent-${late}`, { consents: consent(false, at(2)) });
      await world.pull('coins-1');
    });
    await deliver();
    expect(world.contact(emailOf('urgent', late))).toMatchObject({ permissions: [], changingUpserts: 1 });
    expect(changesOf(cards)).toEqual(cards.map(() => 1));
  }, 60_000);

  it('brings what changed since it was looked up by a call of its own', async () => {
    const cards = cardsOf('changed', chunk + 150);
    await world.sync('coins-1', cards, { pageSize: 500 });
    const late = await lastOne();
    during(10, async () => {
      world.coinsOf('coins-1').state.edit(`changed-${late}`, { forename: 'New' });
      await world.pull('coins-1');
    });
    await deliver();
    expect(world.contact(emailOf('changed', late))?.properties).toMatchObject({ firstName: 'New' });
    expect(await db().selectFrom('delivery').select('record_id').where('connector_id', '=', 'mailplus-1').where('state', '<>', 'delivered').execute()).toEqual([]);
  }, 60_000);
});

describe('chunks', () => {
  const claim = { connectorId: 'mailplus-1', dataType: 'contacts', idPrefix: '', maxLane: 2 } as const;
  const claimedOf = async (claims: ReturnType<typeof createClaims>) => (await claims.take(claim)).length;

  it('are what is pending now where nothing was looked up ahead, that failed, was of another kind, found nothing, or was forgotten', async () => {
    await world.sync('coins-1', cardsOf('ahead', 3));
    const claims = createClaims(db());
    expect(await claimedOf(claims)).toBe(3);
    const broken = jest.spyOn(db().getExecutor(), 'provideConnection').mockRejectedValueOnce(new Error('The connection broke.'));
    claims.begin(claim, []);
    broken.mockRestore();
    expect(await claimedOf(claims)).toBe(3);
    claims.begin({ ...claim, maxLane: 1 }, []);
    expect(await claimedOf(claims)).toBe(3);
    const all = await claims.take(claim);
    claims.begin(claim, all);
    expect(await claimedOf(claims)).toBe(3);
    claims.begin(claim, all.slice(0, 1));
    claims.forget();
    expect(await claimedOf(claims)).toBe(3);
    claims.begin(claim, all.slice(0, 1));
    expect(await claimedOf(claims)).toBe(2);
  });
});

describe('a link that changes between the intent and the outcome of a call', () => {
  const linkOf = (externalId: string) => db().selectFrom('link').select(['held', 'sent', 'off_since', 'outcome_at']).where('connector_id', '=', 'mailplus-1').where('external_id', '=', externalId).executeTakeFirstOrThrow();

  it('keeps what changed, and gets what the call left, as the others do', async () => {
    await world.sync('coins-1', cardsOf('crossed', 3));
    during(1, async () => {
      const [id = ''] = calls[0] ?? [];
      await sql`update link set held = '{"city": "Ghent"}', off_since = '{"x": "2026-01-01T00:00:00.000Z"}' where connector_id = 'mailplus-1' and external_id = ${id}`.execute(db());
    });
    await deliver();
    const links = await Promise.all((calls[0] ?? []).map(linkOf));
    expect(links.map(({ held }) => held)).toMatchObject([{ city: 'Ghent', firstName: 'Old' }, { firstName: 'Old' }, { firstName: 'Old' }]);
    expect(links[0]?.off_since).toEqual({ x: '2026-01-01T00:00:00.000Z' });
    expect(links[1]?.held).not.toHaveProperty('city');
    expect(links.every(({ outcome_at: outcomeAt }) => outcomeAt !== null)).toBe(true);
  });

  it('is waited for while another transaction has it locked, and taken as that one leaves it', async () => {
    await world.sync('coins-1', cardsOf('locked', 3));
    const waiting = async () => (await sql<{ n: number }>`select count(*)::int n from pg_locks where not granted`.execute(db())).rows[0]?.n ?? 0;
    let sent: Promise<unknown> = Promise.resolve();
    const isCalled = new Promise<void>((resolve) => {
      world.hooks.afterDeliver = async (_, items) => {
        const ids = items.map(({ externalId }) => externalId);
        calls = [ids];
        const held = inTransaction(db(), async (trx) => {
          await sql`update link set held = '{"city": "Ghent"}' where connector_id = 'mailplus-1' and external_id = ${ids[1] ?? ''}`.execute(trx);
          resolve();
          await waitFor(async () => (await waiting()) > 0);
        });
        sent = held;
        await isCalled;
      };
    });
    await deliver();
    await sent;
    const links = await Promise.all((calls[0] ?? []).map(linkOf));
    expect(links.map(({ held }) => held)).toMatchObject([{ firstName: 'Old' }, { city: 'Ghent', firstName: 'Old' }, { firstName: 'Old' }]);
    for (const { sent: known } of links) expect(Object.values(known)).toMatchObject([{ stored: true }]);
  });
});
