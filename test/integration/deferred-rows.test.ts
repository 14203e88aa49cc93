import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { KeysUnderWay, type Turn } from '../../activities/keys-under-way.ts';
import { openOwnerDatabase } from '../../db/database.ts';
import { mergingKeyOf } from '../../domain/identity/match-keys.ts';
import { applyCards, applyRows, rowsOf } from '../support/apply-cards.ts';
import { openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';
import { waitFor } from '../support/wait-for.ts';

let world: HubWorld;
beforeEach(async () => { world = await openWorld(); });
afterEach(() => world.close());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const card = (prospectId: string, name: string, minute = 1): CardFacts => ({ prospectId, email: `${name}@example.test`, lastModified: at(minute) });
const cards = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => card(`${prefix}${i}`, `${prefix}${i}`));
const opened = () => new KeysUnderWay(({ canonical }) => mergingKeyOf('contacts', canonical, 'email'), { patienceMs: 2_000, mostDeferred: 1 });
const apply = (page: readonly CardFacts[], turn: Turn, progress?: () => Promise<void>) =>
  applyRows(world, 'coins-1', rowsOf(page), { isPushed: true, ...(turn.deferred !== undefined && { deferred: turn.deferred }), ...(progress && { progress }) }).finally(turn.leave);
const groups = async (): Promise<readonly string[]> => (await sql<{ members: string }>`
  select string_agg(external_id, ' ' order by external_id) members from source_record group by record_id order by 1`.execute(world.pipeline.deps.db)).rows.map(({ members }) => members);

/** A promise that a test keeps. */
function gate() {
  let open = (): void => undefined;
  const opens = new Promise<void>((resolve) => { open = resolve; });
  return { open, opens };
}

describe('a page that shares an address with one that is under way', () => {
  it('does everything else meanwhile, and is one transaction with its progress all the same', async () => {
    const keys = opened();
    const held = gate();
    const pageA = [card('A', 'shared'), ...cards('a', 3)];
    const pageB = [card('B', 'shared'), ...cards('b', 3)];
    const first = apply(pageA, keys.enter(rowsOf(pageA)), () => held.opens);
    const turn = keys.enter(rowsOf(pageB));
    const waits = gate();
    const deferred = turn.deferred && { ...turn.deferred, ready: async () => { waits.open(); await turn.deferred?.ended(); } };
    const second = apply(pageB, { ...turn, ...(deferred && { deferred }) });
    await waits.opens;
    expect(await groups()).toEqual([]);
    held.open();
    expect((await first).created).toBe(4);
    expect(await second).toMatchObject({ created: 3, unchanged: 0 });
    expect(await groups()).toEqual(['A B', 'a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
  });

  it('leaves nothing of its first part when its second one fails', async () => {
    const keys = opened();
    const pageA = [card('A', 'shared')];
    keys.enter(rowsOf(pageA));
    const turn = keys.enter(rowsOf([card('B', 'shared'), ...cards('b', 3)]));
    const failing = turn.deferred && { ...turn.deferred, ready: () => Promise.reject(new Error('The process died.')) };
    await expect(apply([card('B', 'shared'), ...cards('b', 3)], { ...turn, ...(failing && { deferred: failing }) })).rejects.toThrow('The process died.');
    expect(await groups()).toEqual([]);
  });

  it('gives way when the two wait for each other, which the database cannot see, and both are applied', async () => {
    await applyCards(world, 'coins-1', [card('A', 'old'), card('B', 'old')]);
    const keys = opened();
    const pageA = [card('A', 'new', 5)];
    const pageB = [card('B', 'old', 5), card('C', 'new', 5)];
    const turnA = keys.enter(rowsOf(pageA));
    const turnB = keys.enter(rowsOf(pageB));
    const holdsLocks = gate();
    let waits = 0;
    const deferred = turnB.deferred && { ...turnB.deferred, ready: () => { waits += 1; holdsLocks.open(); return turnB.deferred?.ready() ?? Promise.resolve(); } };
    const second = apply(pageB, { ...turnB, ...(deferred && { deferred }) });
    await holdsLocks.opens;
    let isDone = false;
    const first = apply(pageA, turnA).then((result) => { isDone = true; return result; });
    const owner = openOwnerDatabase(world.database.url);
    try {
      await waitFor(async () => isDone || (await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(owner)).rows.length > 0);
    } finally {
      await owner.destroy();
    }
    expect(isDone).toBe(false);
    await Promise.all([first, second]);
    expect(waits).toBe(1);
    expect(await groups()).toEqual(['A C', 'B']);
  });
});

describe('many pages of one list with shared addresses', () => {
  it('lead to one contact for each address', async () => {
    const people = Array.from({ length: 300 }, (_, i) => card(`P${i}`, `n${i % 130}`));
    await world.sync('coins-1', people, { pageSize: 25 });
    await world.pipeline.merge();
    expect((await groups()).length).toBe(130);
    await world.settle();
    expect([...world.mail.state.contacts()].length).toBe(130);
  });
});
