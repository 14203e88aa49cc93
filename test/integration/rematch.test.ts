import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { sql } from 'kysely';
import { createRematchActivities, type RematchPart } from '../../activities/rematch.ts';
import { applyCards } from '../support/apply-cards.ts';
import { consent, emailBit, emailPermission, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';
import { changeMatching, faultsOf, rematch, switchMatching, togetherness } from '../support/rematch.ts';
import { testSeed } from '../support/test-seed.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const phone = (number: number) => `+44770090${String(number).padStart(4, '0')}`;
const mail = (name: string) => `${name}@example.test`;
let world: HubWorld;

beforeEach(async () => { world = await openWorld({ coins: 2 }); });
afterEach(() => world.close());

const db = () => world.pipeline.deps.db;
const addresses = () => [...world.mail.state.contacts()].map(({ email }) => email ?? '').toSorted((a, b) => (a < b ? -1 : 1));

async function permissionsOf(...ids: string[]): Promise<string[]> {
  const rows = await db().selectFrom('source_record as s').innerJoin('record as r', 'r.id', 's.record_id').select(['s.external_id', 'r.consent']).where('s.external_id', 'in', ids).execute();
  return ids.map((id) => rows.find((row) => row.external_id === id)?.consent[emailPermission]?.state ?? 'unknown');
}

async function deliveriesOf(...ids: string[]) {
  const rows = await db().selectFrom('delivery as d').innerJoin('source_record as s', 's.record_id', 'd.record_id').select(['s.external_id', 'd.state', 'd.code'])
    .where('d.connector_id', '=', 'mailplus-1').where('s.external_id', 'in', ids).orderBy('s.external_id').execute();
  return rows.map(({ external_id, state, code }) => [external_id, state, code]);
}

/** Everything that says who is who, without ids of records. */
async function picture() {
  const { rows } = await sql<{ things: string; canonical: object; consent: object; keys: string }>`
    select (select string_agg(s.connector_id || ' ' || s.external_id || ' ' || coalesce(s.match_value, '-'), ', ' order by s.connector_id, s.external_id) from source_record s where s.record_id = r.id) things,
      r.canonical, r.consent, (select string_agg(k.value, ', ' order by k.value) from match_key k where k.record_id = r.id) keys
    from record r where merged_into is null order by 1`.execute(db());
  return rows;
}

describe('another matching', () => {
  it('takes prospects apart that share an address only, each with its own values, and the one whose number the contact shows keeps the contact at Mail+', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', consents: consent(true, at(1)) }, { prospectId: 'B', email: mail('a'), mobile: phone(2), forename: 'Ben', lastModified: at(5) }]);
    await world.settle();
    expect(await togetherness(world, 'A', 'B')).toEqual([['A', 'B']]);
    const before = world.contact(mail('a'));
    await switchMatching(world, 'phone');
    expect(await togetherness(world, 'A', 'B')).toEqual([['A'], ['B']]);
    expect([addresses(), world.contact(mail('a'))]).toMatchObject([[mail('a')], { encryptedId: before?.encryptedId, properties: { firstName: 'Ben' } }]);
    expect(await deliveriesOf('A', 'B')).toEqual([['A', 'parked', 'EMAIL_SHARED'], ['B', 'delivered', null]]);
    expect(await faultsOf(world, 'phone')).toEqual([]);
    await switchMatching(world, 'email');
    expect(await togetherness(world, 'A', 'B')).toEqual([['A', 'B']]);
    expect([addresses(), world.contact(mail('a'))?.encryptedId, await deliveriesOf('A')]).toEqual([[mail('a')], before?.encryptedId, [['A', 'delivered', null]]]);
    expect(await faultsOf(world, 'email')).toEqual([]);
  });

  it('brings prospects with one number together, whatever their addresses, and back again each with the contact at Mail+ that it had', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann' }]);
    await world.sync('coins-2', [{ prospectId: 'B', email: mail('b'), telephone: phone(1), forename: 'Anna', lastModified: at(5) }]);
    await world.settle();
    await world.pull('mailplus-1');
    const before = [mail('a'), mail('b')].map((address) => world.contact(address)?.encryptedId);
    await switchMatching(world, 'phone');
    expect(await togetherness(world, 'A', 'B')).toEqual([['A', 'B']]);
    expect(addresses()).toEqual([mail('a'), mail('b')]);
    expect(await faultsOf(world, 'phone')).toEqual([]);
    await switchMatching(world, 'email');
    expect(await togetherness(world, 'A', 'B')).toEqual([['A'], ['B']]);
    expect([mail('a'), mail('b')].map((address) => world.contact(address)?.encryptedId)).toEqual(before);
    expect([mail('a'), mail('b')].map((address) => world.contact(address)?.properties['firstName'])).toEqual(['Ann', 'Anna']);
    expect(await faultsOf(world, 'email')).toEqual([]);
  });

  it('leaves those without a number as contacts of their own', async () => {
    await world.sync('coins-1', ['A', 'B', 'C'].map((id) => ({ prospectId: id, email: mail('a'), ...(id === 'A' ? { mobile: phone(1) } : {}) })));
    await world.settle();
    await switchMatching(world, 'phone');
    expect(await togetherness(world, 'A', 'B', 'C')).toEqual([['A'], ['B'], ['C']]);
    expect([addresses(), await deliveriesOf('A', 'B', 'C')]).toEqual([[mail('a')], [['A', 'delivered', null], ['B', 'parked', 'EMAIL_SHARED'], ['C', 'parked', 'EMAIL_SHARED']]]);
    expect(await faultsOf(world, 'phone')).toEqual([]);
  });

  it('keeps every withdrawal for all parts, and gives a grant to the side that made it only', async () => {
    await world.sync('coins-1', [
      { prospectId: 'A', email: mail('a'), mobile: phone(1), consents: consent(true, at(1)) }, { prospectId: 'B', email: mail('a'), mobile: phone(2), consents: consent(false, at(2)) },
      { prospectId: 'C', email: mail('c'), mobile: phone(3), consents: consent(true, at(1)) }, { prospectId: 'D', email: mail('c'), mobile: phone(4) },
      { prospectId: 'E', email: mail('e'), mobile: phone(5), consents: consent(false, at(1)) }, { prospectId: 'F', email: mail('e'), mobile: phone(6), consents: consent(true, at(2)) },
    ]);
    await world.settle();
    expect(await permissionsOf('A', 'B', 'C', 'D', 'E', 'F')).toEqual(['withdrawn', 'withdrawn', 'granted', 'granted', 'granted', 'granted']);
    await switchMatching(world, 'phone');
    expect(await togetherness(world, 'A', 'B', 'C', 'D', 'E', 'F')).toHaveLength(6);
    expect(await permissionsOf('A', 'B', 'C', 'D', 'E', 'F')).toEqual(['withdrawn', 'withdrawn', 'granted', 'unknown', 'withdrawn', 'granted']);
    await switchMatching(world, 'email');
    expect(await permissionsOf('A', 'B', 'C', 'D', 'E', 'F')).toEqual(['withdrawn', 'withdrawn', 'granted', 'granted', 'granted', 'granted']);
    expect([mail('a'), mail('c'), mail('e')].map((address) => world.contact(address)?.permissions)).toEqual([[], [emailBit], [emailBit]]);
  });

  it('switches off at Mail+ what another prospect had granted who went away, and on again when both are one', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1), consents: consent(true, at(1)) }, { prospectId: 'B', email: mail('a'), mobile: phone(2), lastModified: at(5) }]);
    await world.settle();
    expect(world.contact(mail('a'))?.permissions).toEqual([emailBit]);
    await switchMatching(world, 'phone');
    expect([world.contact(mail('a'))?.permissions, await permissionsOf('A', 'B')]).toEqual([[], ['granted', 'withdrawn']]);
    await world.pull('mailplus-1');
    await world.settle();
    expect(await permissionsOf('A', 'B')).toEqual(['granted', 'withdrawn']);
    await switchMatching(world, 'email');
    expect([world.contact(mail('a'))?.permissions, await permissionsOf('A', 'B')]).toEqual([[emailBit], ['granted', 'granted']]);
  });

  it('changes nothing the second time, and sends nothing', async () => {
    await world.sync('coins-1', couples(5));
    await world.settle();
    await switchMatching(world, 'phone');
    const [before, writes] = [await picture(), world.writes()];
    expect(await rematch(world)).toMatchObject({ looked: 10, changed: 0, mergesRequested: 0, raisedFor: [] });
    await world.settle();
    expect([await picture(), world.writes()]).toEqual([before, writes]);
  });

  it('leads to the same when it is broken off in the middle and begun anew', async () => {
    await world.sync('coins-1', couples(150));
    await world.settle();
    await changeMatching(world, 'phone');
    let transactions = 0;
    const broken = rematch(world, async () => {
      transactions += 1;
      if (transactions === 2) throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    const { rows: [half] } = await sql<{ count: number }>`select count(*) count from match_key where kind = 'phone'`.execute(db());
    expect(half?.count).toBe(200);
    expect(await rematch(world)).toMatchObject({ changed: 100 });
    await world.settle();
    expect(await faultsOf(world, 'phone')).toEqual([]);
    expect((await picture()).length).toBe(300);
  }, 120_000);

  it('merges in time-boxed parts too, and is done when no merge is left', async () => {
    await world.sync('coins-1', Array.from({ length: 6 }, (_, i) => ({ prospectId: `P${i}`, email: mail(`p${i}`), mobile: phone(1) })));
    await world.settle();
    await changeMatching(world, 'phone');
    await sql`update account set settings = ${JSON.stringify({ matching: 'phone', rematchingSince: at(0) })} where id = 'default'`.execute(db());
    const { deps } = world.pipeline;
    const { rematchContacts } = createRematchActivities({
      ...deps, settings: { ...deps.settings, timeBoxMs: 0 }, waker: { wake: () => undefined, close: () => Promise.resolve() }, intervals: { pullMs: 1, sweepMs: 1 },
    });
    const merged: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const part: RematchPart = await new MockActivityEnvironment().run(rematchContacts, { accountId: 'default', after });
      merged.push(part.merged);
      after = part.after;
    }
    expect(merged).toEqual([1, 1, 1, 1, 1, 0]);
    await world.settle();
    expect([await togetherness(world, 'P0', 'P1', 'P2', 'P3', 'P4', 'P5'), await faultsOf(world, 'phone')]).toEqual([[['P0', 'P1', 'P2', 'P3', 'P4', 'P5']], []]);
  });

  it('goes together with pages that are applied and merges that run at the same time', async () => {
    await world.sync('coins-1', couples(60));
    await changeMatching(world, 'phone');
    const pages = Array.from({ length: 12 }, (_, page) => couples(60).slice(page * 10, page * 10 + 10).map((card) => ({ ...card, surname: 'Changed', lastModified: at(9) })));
    await Promise.all([
      rematch(world), world.pipeline.merge(), world.pipeline.deliver('mailplus-1'), world.pipeline.deliver('coins-1'), ...pages.map((cards) => applyCards(world, 'coins-1', cards)), ...pages.map((cards) => applyCards(world, 'coins-2', cards, { matching: 'email' })),
    ]);
    await world.settle();
    await rematch(world);
    await world.settle();
    expect(await faultsOf(world, 'phone')).toEqual([]);
    const rows = await picture();
    expect(rows.map(({ canonical }) => canonical)).toEqual(rows.map(() => expect.objectContaining({ lastName: 'Changed' })));
    expect(rows.map(({ things }) => things)).toEqual(expect.arrayContaining([expect.stringMatching(/^coins-1 A0 .*, coins-2 A0 [^,]*(, mailplus-1 .*)?$/)]));
    expect(rows.length).toBe(120);
  }, 120_000);

  it('keeps a prospect that was pinned where it is', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1) }, { prospectId: 'B', email: mail('a'), mobile: phone(2) }]);
    await sql`update source_record set pinned_record_id = record_id where external_id = 'B'`.execute(db());
    await switchMatching(world, 'phone');
    expect(await togetherness(world, 'A', 'B')).toEqual([['A', 'B']]);
  });

  it('is gone by already by pages that come while it is under way', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1) }, { prospectId: 'B', email: mail('a'), mobile: phone(1) }, { prospectId: 'C', email: mail('a'), mobile: phone(2) }]);
    await changeMatching(world, 'phone');
    await world.sync('coins-1', [{ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', lastModified: at(3) }, { prospectId: 'D', email: mail('d'), mobile: phone(2) }]);
    await rematch(world);
    await world.settle();
    expect(await togetherness(world, 'A', 'B', 'C', 'D')).toEqual([['A', 'B'], ['C', 'D']]);
    expect(await faultsOf(world, 'phone')).toEqual([]);
  });

  it.each([['nobody', 0], ['people of its own', 15]] as const)('doubles and loses nobody at Mail+, which had %s, on the way there and back, as random prospects show', async (_who, own) => {
    world.mail.state.seedContacts(Array.from({ length: own }, (_, i) => ({ properties: { email: mail(`crowd${i}`), firstName: `Mail ${i}`, mobileNumber: phone((i * 7 + testSeed()) % 25) }, lastChanged: at(i * 3), created: at(0) })));
    await world.pull('mailplus-1');
    const cards = crowd(testSeed(), 40);
    const states = async () => (await sql<{ state: string; count: number }>`select state, count(*) count from delivery d join record r on r.id = d.record_id where merged_into is null group by 1`.execute(db())).rows;
    await world.sync('coins-1', cards.slice(0, 20));
    await world.sync('coins-2', cards.slice(20));
    await world.settle();
    const before = new Map([...world.mail.state.contacts()].map(({ email, encryptedId }) => [email, encryptedId]));
    await world.pull('mailplus-1');
    await world.settle();
    for (const matching of ['phone', 'email'] as const) {
      await switchMatching(world, matching);
      await world.pull('mailplus-1');
      await world.settle();
      expect(new Map([...world.mail.state.contacts()].map(({ email, encryptedId }) => [email, encryptedId]))).toEqual(before);
      expect(await faultsOf(world, matching)).toEqual([]);
      expect((await states()).filter(({ state }) => state !== 'delivered' && (state !== 'parked' || matching === 'email'))).toEqual([]);
      expect(await wrongLinks(own === 0 && matching === 'email')).toEqual([]);
      expect(await wrongPermissions()).toEqual([]);
    }
    const writes = world.writes();
    await world.settle();
    expect(world.writes()).toBe(writes);
  }, 120_000);
});

/** Contacts at Mail+ with the permission that their own contact of the hub does not give. */
async function wrongPermissions(): Promise<(string | undefined)[]> {
  const { rows } = await sql<{ external_id: string; alternate_id: string | null; state: string | null }>`
    select l.external_id, l.alternate_id, r.consent->${emailPermission}->>'state' state from link l join record r on r.id = l.record_id where l.connector_id = 'mailplus-1' and l.gone_at is null`.execute(db());
  return [...world.mail.state.contacts()].filter((contact) => {
    const link = rows.find(({ external_id, alternate_id }) => Object.values(contact.externalIds ?? {}).includes(external_id) || alternate_id === contact.encryptedId);
    return contact.permissions.includes(emailBit) && link?.state !== 'granted';
  }).map(({ email }) => email);
}

/** Links at Mail+ that point to nothing there; when told so, also contacts that are not the one of the hub's contact with their address. */
async function wrongLinks(isByAddress: boolean): Promise<string[]> {
  const { rows } = await sql<{ external_id: string; alternate_id: string | null; is_primary: boolean; email: string }>`
    select l.external_id, l.alternate_id, l.is_primary, r.email from link l join record r on r.id = l.record_id where l.connector_id = 'mailplus-1' and l.gone_at is null`.execute(db());
  const there = [...world.mail.state.contacts()];
  return rows.flatMap(({ external_id, alternate_id, is_primary, email }) => {
    const contact = there.find(({ externalIds, encryptedId }) => Object.values(externalIds ?? {}).includes(external_id) || alternate_id === encryptedId);
    if (contact === undefined) return [`nothing has the id ${external_id}`];
    return !isByAddress || (is_primary && contact.email === email) ? [] : [`${external_id} is not the contact of ${email}`];
  });
}

/** People of a seed who share addresses and numbers in every way. */
function crowd(seed: number, count: number): CardFacts[] {
  const [cards] = fc.sample(fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.option(fc.integer({ min: 0, max: 24 })), fc.option(fc.boolean())), { minLength: count, maxLength: count }), { seed, numRuns: 1 });
  return (cards ?? []).map(([address, number, says], i) => ({
    prospectId: `P${i}`, email: mail(`crowd${address}`), ...(number === null ? {} : { mobile: phone(number) }), forename: `Name ${i}`, lastModified: at(i), consents: says === null ? [] : consent(says, at(i)),
  }));
}

/** Couples who share an address, `A0` and `B0` and so on, each with a number of their own. */
function couples(count: number): CardFacts[] {
  return Array.from({ length: count }, (_, i) => ['A', 'B'].map((name, j) => ({ prospectId: `${name}${i}`, email: mail(`couple${i}`), mobile: phone(i * 2 + j), surname: 'First' }))).flat();
}
