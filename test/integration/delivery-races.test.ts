import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector, platformContext } from '../../activities/connector-context.ts';
import type { Db } from '../../db/database.ts';
import { settle } from '../../db/repositories/deliver/settle.ts';
import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import { coins } from '../../platforms/coins/index.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { consent, emailBit, openWorld, type CardFacts, type HubWorld, type WorldOptions } from '../support/hub-world.ts';
import { applyCards } from '../support/apply-cards.ts';
import { waitFor } from '../support/wait-for.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: HubWorld;
/** What happens at a named point of a delivery, once. */
let atPoint: { name: string; work: () => Promise<void> } | undefined;

const faultPoint = async (name: string): Promise<void> => {
  if (atPoint?.name !== name) return;
  const { work } = atPoint;
  atPoint = undefined;
  await work();
};

async function open(options: WorldOptions = {}): Promise<HubWorld> {
  world = await openWorld({ ...options, overrides: { ...options.overrides, faultPoint } });
  return world;
}

afterEach(() => world.close());

const people = (count: number): CardFacts[] => Array.from({ length: count }, (_, i) => ({ prospectId: `P${i}`, email: `p${i}@example.test`, consents: consent(true, at(1)) }));
const contacts = () => [...world.mail.state.contacts()].filter((contact) => contact.inactive !== 'anonymised');
const linksOfMergedRecords = async () => (await sql`select 1 from link l join record r on r.id = l.record_id where r.merged_into is not null`.execute(world.pipeline.deps.db)).rows;
const failed = () => world.pipeline.deps.db.selectFrom('delivery').selectAll().where('state', '=', 'failed').execute();

describe('deliveries that need no call', () => {
  it('are settled also when another transaction locks the same rows in another order', async () => {
    await open();
    const { db } = world.pipeline.deps;
    await world.sync('coins-1', people(2));
    const [first, second] = await db.selectFrom('delivery').select('record_id').where('connector_id', '=', 'mailplus-1').orderBy('record_id').execute();
    const lock = (trx: Db, id: number | undefined) => trx.selectFrom('delivery').select('record_id').where('record_id', '=', id ?? 0).forUpdate().execute();
    const settlements = [first, second].map((row) => ({ recordId: row?.record_id ?? 0, target: '', wanted: 1, state: 'excluded' as const, code: null, reason: 'nothing to send' }));
    const scope = { accountId: 'default', connectorId: 'mailplus-1', dataType: 'contacts' as const, epoch: 0 };
    let settling: Promise<void> | undefined;
    await db.transaction().execute(async (trx) => {
      await lock(trx, second?.record_id);
      settling = settle(db, scope, settlements);
      await waitFor(async () => (await sql<{ n: number }>`select count(*)::int n from pg_locks where not granted`.execute(db)).rows[0]?.n === 1);
      await lock(trx, first?.record_id);
    });
    await settling;
    expect(await db.selectFrom('delivery').select('state').where('connector_id', '=', 'mailplus-1').execute()).toEqual([{ state: 'excluded' }, { state: 'excluded' }]);
  });
});

describe('a delivery on its way', () => {
  it('creates nothing for a record that is merged into another one while batches before it are sent', async () => {
    await open();
    await world.sync('coins-1', people(130), { pageSize: 200 });
    atPoint = { name: 'intent-before-call', work: async () => {
      await applyCards(world, 'coins-1', [{ prospectId: 'P129', email: 'p128@example.test', lastModified: at(5) }]);
      await world.pipeline.merge();
    } };
    await world.settle();
    expect(contacts()).toHaveLength(129);
    expect(await linksOfMergedRecords()).toEqual([]);
    expect(await failed()).toEqual([]);
  });

  it('is the contact of the record that stays when its own is merged during the call', async () => {
    await open();
    await world.sync('coins-1', [{ prospectId: 'A', email: 'a@example.test' }]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: 'B', email: 'b@example.test', forename: 'Bea' }]);
    atPoint = { name: 'call-before-outcome', work: async () => {
      await applyCards(world, 'coins-1', [{ prospectId: 'A', email: 'b@example.test', lastModified: at(5) }]);
      await world.pipeline.merge();
    } };
    await world.settle();
    expect(await linksOfMergedRecords()).toEqual([]);
    expect(await failed()).toEqual([]);
    expect(world.contact('b@example.test')?.properties).toMatchObject({ firstName: 'Bea' });
    expect(contacts().filter((contact) => contact.email === 'b@example.test')).toHaveLength(1);
  });

  it('loses and doubles nothing when the process dies between the commit that holds one outcome and the next intent, and the next call', async () => {
    await open();
    await world.sync('coins-1', people(250), { pageSize: 250 });
    let calls = 0;
    const die = (): Promise<void> => {
      calls += 1;
      if (calls === 2) throw new Error('The process died.');
      atPoint = { name: 'intent-before-call', work: die };
      return Promise.resolve();
    };
    atPoint = { name: 'intent-before-call', work: die };
    await expect(world.pipeline.deliver('mailplus-1')).rejects.toThrow('The process died.');
    const { db } = world.pipeline.deps;
    const openIntents = () => db.selectFrom('call_intent').select(['epoch', 'items']).execute();
    expect((await openIntents()).map(({ items }) => items.length)).toEqual([100]);
    expect(contacts()).toHaveLength(100);
    await world.settle();
    expect(contacts()).toHaveLength(250);
    expect(contacts().every(({ permissions }) => permissions.includes(emailBit))).toBe(true);
    expect(await openIntents()).toEqual([]);
    expect(world.mail.state.counters()['POST /contact/list']?.calls).toBe(3);
    const pending = await db.selectFrom('delivery').select('record_id').where('state', '<>', 'delivered').where('connector_id', '=', 'mailplus-1').execute();
    expect(pending).toEqual([]);
  });

  it.each(['before', 'after'] as const)('of which the answer is lost %s it was stored is no statement when it is read back, and is sent once more at most', async (when) => {
    await open();
    await world.sync('coins-1', people(3));
    world.mail.state.addFault({ action: 'reset', when, method: 'POST', path: '/contact/list', count: 1 });
    await expect(world.pipeline.deliver('mailplus-1')).rejects.toThrow();
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'P0', email: 'p0@example.test', consents: consent(false, at(9)), lastModified: at(9) }]);
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    expect(contacts()).toHaveLength(3);
    expect(contacts().map((contact) => contact.permissions)).toEqual([[], [emailBit], [emailBit]]);
    const grants = await world.pipeline.deps.db.selectFrom('consent_event').selectAll().where('connector_id', '=', 'mailplus-1').execute();
    expect(grants).toEqual([]);
    const before = world.writes();
    await world.settle();
    expect(world.writes()).toBe(before);
  });

  it('grants nothing that was withdrawn after it was planned and before it was sent', async () => {
    let isPlanned = false;
    const project: typeof coins.project = (...plan) => {
      isPlanned = true;
      return coins.project?.(...plan) ?? { fields: {}, withheld: [] };
    };
    await open({ overrides: { platforms: { mailplus, coins: { ...coins, project } } } });
    const couple = (isYes: boolean, minute: number) => [{ prospectId: 'A', email: 'a@example.test', consents: consent(isYes, at(minute)), lastModified: at(minute) }, { prospectId: 'B', email: 'a@example.test', consents: consent(false, at(0)) }];
    await world.sync('coins-1', couple(true, 1));
    const executor = world.pipeline.deps.db.getExecutor();
    const provide = executor.provideConnection.bind(executor);
    let isWithdrawn = false;
    isPlanned = false;
    const spy = jest.spyOn(executor, 'provideConnection').mockImplementation(async (use) => {
      if (isPlanned && !isWithdrawn) {
        isWithdrawn = true;
        await applyCards(world, 'coins-1', couple(false, 9));
      }
      return provide(use);
    });
    await world.settle();
    spy.mockRestore();
    expect(isWithdrawn).toBe(true);
    expect(world.coinsOf('coins-1').state.journal.flips.filter(({ value }) => value)).toEqual([]);
    expect((world.coinsOf('coins-1').state.cards.require('B').consents as { value: boolean }[])[0]?.value).toBe(false);
    expect(world.contact('a@example.test')?.permissions).toEqual([]);
  });

  it('does not undo an unsubscribe that a person makes while it is on its way', async () => {
    await open();
    await world.sync('coins-1', people(2));
    await world.settle();
    await world.sync('coins-1', [{ prospectId: 'P0', email: 'p0@example.test', forename: 'Pia', lastModified: at(9), consents: consent(true, at(1)) }]);
    atPoint = { name: 'call-before-outcome', work: async () => {
      world.mail.state.unsubscribe({ contact: { email: 'p0@example.test' }, bit: emailBit });
      await world.pull('mailplus-1');
    } };
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    expect(world.contact('p0@example.test')).toMatchObject({ permissions: [], properties: { firstName: 'Pia' } });
    expect((world.coinsOf('coins-1').state.cards.require('P0').consents as { value: boolean }[])[0]?.value).toBe(false);
  });

  it('grants nothing by a page that shows «on» from before our «off» arrived', async () => {
    await open();
    await world.sync('coins-1', people(1));
    await world.settle();
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'P0', email: 'p0@example.test', lastModified: at(9), consents: consent(false, at(9)) }]);
    atPoint = { name: 'intent-before-call', work: () => world.pull('mailplus-1') };
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    expect(world.contact('p0@example.test')?.permissions).toEqual([]);
  });
});

describe('a contact that Mail+ knew without an id of ours', () => {
  it('stays one contact of the hub when a page from before it got the id is applied after', async () => {
    await open();
    world.mail.state.seedContacts([{ properties: { email: 'a@example.test', city: 'Leeds' }, permissions: [], created: at(0), lastChanged: at(0) }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'A', email: 'a@example.test', forename: 'Ann' }]);
    const applyStale = await readContacts(world);
    await world.settle();
    await applyStale();
    await world.settle();
    const links = await world.pipeline.deps.db.selectFrom('link').select('external_id').where('connector_id', '=', 'mailplus-1').execute();
    expect(links.map((link) => link.external_id)).toEqual([expect.not.stringMatching(/^enc:/)]);
    expect(contacts()).toHaveLength(1);
    expect(contacts()[0]?.properties).toMatchObject({ firstName: 'Ann', city: 'Leeds' });
  });
});

describe('an address that is left behind at Mail+', () => {
  it('is the contact of whoever has it next, and the one who left it is not told there any more', async () => {
    await open();
    const couple = (email: string, minute: number) => ['A', 'B'].map((prospectId) => ({ prospectId, email, lastModified: at(minute), consents: consent(true, at(1)) }));
    await world.sync('coins-1', couple('old@example.test', 1));
    await world.settle();
    for (const one of couple('new@example.test', 5)) await world.sync('coins-1', [one]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: 'C', email: 'old@example.test', forename: 'Cat', lastModified: at(6), consents: consent(true, at(6)) }]);
    await world.settle();
    await world.pull('mailplus-1');
    await world.sync('coins-1', couple('new@example.test', 9).map((one) => ({ ...one, consents: consent(false, at(9)) })));
    await world.settle();
    expect(world.contact('old@example.test')).toMatchObject({ permissions: [emailBit], properties: { firstName: 'Cat' } });
    expect(world.contact('new@example.test')?.permissions).toEqual([]);
    expect(contacts().map((contact) => contact.email ?? '').toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['new@example.test', 'old@example.test']);
    expect(await failed()).toEqual([]);
  });
});

/** Reads a page of Mail+ now; the function applies it later. */
async function readContacts(of: HubWorld): Promise<() => Promise<void>> {
  const { deps } = of.pipeline;
  const connector = await loadConnector(deps, 'mailplus-1');
  const stream = connector.platform.description.streams.find((candidate) => candidate.name === 'contacts');
  if (stream === undefined || connector.platform.readPage === undefined) throw new Error('Mail+ has contacts to read.');
  const page = await connector.platform.readPage(platformContext(deps, connector, new AbortController().signal), stream, { from: at(-1_000_000), to: new Date(Date.now() + 1_000).toISOString() }, undefined);
  return async () => {
    await applyPage(deps.db, {
      ...(await loadApplyContext(deps, connector)), rows: page.rows, readAt: page.readAt, receivedAt: new Date().toISOString(), isPushed: false, mayCreate: true, urgency: 'live', cause: { kind: 'test' },
    });
  };
}
