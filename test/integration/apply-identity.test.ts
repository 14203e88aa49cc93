import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { deletedContact } from '../../platforms/mailplus/normalise.ts';
import { applyRows } from '../support/apply-cards.ts';
import { consent, emailBit, emailPermission, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';

const later = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
let world: HubWorld;
let person = 0;
/** Addresses and ids of one test, so that tests do not meet. */
const scene = () => {
  person += 1;
  const here = person;
  return { mail: (name: string) => `${name}.${here}@example.test`, id: (name: string) => `${name}${here}` };
};

beforeAll(async () => { world = await openWorld({ coins: 2 }); });
afterAll(() => world.close());

/** The record to which each prospect belongs. */
async function recordsOf(...ids: string[]): Promise<(number | undefined)[]> {
  const rows = await world.pipeline.deps.db.selectFrom('source_record').select(['external_id', 'record_id']).where('external_id', 'in', ids).execute();
  return ids.map((id) => rows.find((row) => row.external_id === id)?.record_id);
}

async function stateOf(id: string) {
  const { rows } = await sql<{ consent: Record<string, { state: string }>; canonical: Record<string, unknown> }>`
    select r.consent, r.canonical from source_record s join record r on r.id = s.record_id where s.external_id = ${id}`.execute(world.pipeline.deps.db);
  return { permission: rows[0]?.consent[emailPermission]?.state ?? 'unknown', canonical: rows[0]?.canonical ?? {} };
}

/** Those of the given contacts at Mail+ that are the primary ones of their records. */
async function primaryLinks(...ids: string[]): Promise<string[]> {
  const rows = await world.pipeline.deps.db.selectFrom('link').select('external_id').where('connector_id', '=', 'mailplus-1').where('external_id', 'in', ids).where('is_primary', '=', true).execute();
  return rows.map((row) => row.external_id);
}

const failedDeliveries = () => world.pipeline.deps.db.selectFrom('delivery').selectAll().where('state', '=', 'failed').execute();

describe('who belongs together', () => {
  it('keeps the grant of a prospect that moves to an address which its own contact has taken at Mail+', async () => {
    const { mail, id } = scene();
    const a: CardFacts = { prospectId: id('A'), email: mail('old') };
    await world.sync('coins-1', [{ ...a, consents: consent(true, later(1)) }, { prospectId: id('B'), email: mail('old') }]);
    await world.settle();
    world.mail.state.editContact({ contact: { email: mail('old') }, properties: { email: mail('new') } });
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ ...a, email: mail('new'), lastModified: later(10) }]);
    expect(await stateOf(id('A'))).toMatchObject({ permission: 'granted' });
    await world.settle();
    expect(world.contact(mail('new'))?.permissions).toContain(emailBit);
  });

  it('finds a prospect by a key that another record gave up before the two were merged', async () => {
    const { mail, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('a') }]);
    await world.sync('coins-2', [{ prospectId: id('B'), email: mail('b') }]);
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('b'), lastModified: later(1) }]);
    await world.sync('coins-2', [{ prospectId: id('B'), email: mail('c'), lastModified: later(1) }]);
    await world.sync('coins-2', [{ prospectId: id('C'), email: mail('b') }]);
    await world.settle();
    const [a, b, c] = await recordsOf(id('A'), id('B'), id('C'));
    expect(a).toBe(c);
    expect(b).not.toBe(a);
  });

  it('sends nothing more to a prospect for the record that it has left', async () => {
    const { mail, id } = scene();
    const cards = [{ prospectId: id('A'), email: mail('a') }, { prospectId: id('B'), email: mail('a') }];
    await world.sync('coins-1', cards);
    await world.settle();
    world.mail.state.editContact({ contact: { email: mail('a') }, properties: { firstName: 'Edited' } });
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('b'), lastModified: later(5) }]);
    await world.settle();
    expect(await failedDeliveries()).toEqual([]);
    expect(world.coinsOf('coins-1').state.cards.require(id('B'))['forename']).toBe('Edited');
    expect(world.coinsOf('coins-1').state.cards.require(id('A'))['forename']).toBe('');
  });

  it('takes the contact at Mail+ along when its only prospect gets another address', async () => {
    const { mail, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('a'), forename: 'Ann' }]);
    await world.settle();
    const before = world.contact(mail('a'));
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('b'), forename: 'Ann', lastModified: later(5) }]);
    await world.settle();
    expect(world.contact(mail('a'))).toBeUndefined();
    expect(world.contact(mail('b'))?.encryptedId).toBe(before?.encryptedId);
  });

  it('gives an address that was left behind to whoever comes next, also on the same page, whatever Mail+ or a deleted card said of it', async () => {
    const { mail, id } = scene();
    world.mail.state.seedContacts([{ properties: { email: mail('a'), firstName: 'Ann' }, created: later(0), lastChanged: later(0) }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('a'), forename: 'Ann' }]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('b'), forename: 'Ann', lastModified: later(5) }, { prospectId: id('N'), email: mail('a'), forename: 'Ned', lastModified: later(5) }]);
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    const [a, n] = await recordsOf(id('A'), id('N'));
    expect(n).not.toBe(a);
    expect([world.contact(mail('a')), world.contact(mail('b'))].map((contact) => contact?.properties['firstName'])).toEqual(['Ned', 'Ann']);
  });

  it('moves those who get the same new address on one page together, with their contact', async () => {
    const { mail, id } = scene();
    const couple = (email: string, minute: number) => ['A', 'B'].map((name) => ({ prospectId: id(name), email, lastModified: later(minute) }));
    await world.sync('coins-1', couple(mail('a'), 1));
    await world.settle();
    const before = world.contact(mail('a'));
    await world.sync('coins-1', couple(mail('b'), 2));
    await world.settle();
    expect(world.contact(mail('a'))).toBeUndefined();
    expect(world.contact(mail('b'))?.encryptedId).toBe(before?.encryptedId);
  });

  it('keeps those apart who change their addresses for each other\'s on one page, whoever stands first', async () => {
    for (const order of [['R', 'P'], ['P', 'R']] as const) {
      const { mail, id } = scene();
      await world.sync('coins-1', [{ prospectId: id('P'), email: mail('a') }, { prospectId: id('Q'), email: mail('a') }, { prospectId: id('R'), email: mail('b') }]);
      const moved = { R: mail('a'), P: mail('b') };
      await world.sync('coins-1', order.map((name) => ({ prospectId: id(name), email: moved[name], lastModified: later(2) })));
      await world.settle();
      const [p, q, r] = await recordsOf(id('P'), id('Q'), id('R'));
      expect(r).toBe(q);
      expect(p).not.toBe(q);
    }
  });

  it('merges a couple with the one whose address both of them get on one page', async () => {
    const { mail, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('P'), email: mail('a') }, { prospectId: id('Q'), email: mail('a') }, { prospectId: id('R'), email: mail('b') }]);
    await world.sync('coins-1', ['P', 'Q'].map((name) => ({ prospectId: id(name), email: mail('b'), lastModified: later(2) })));
    await world.settle();
    const [p, q, r] = await recordsOf(id('P'), id('Q'), id('R'));
    expect([p, q]).toEqual([r, r]);
  });

  it('makes another contact of a person at Mail+ the one that is written to when the first is gone there, also when the other comes later', async () => {
    const { mail, id } = scene();
    const rows = (externalId: string, properties: Record<string, string>, gone = false): SourceRow[] => [{
      ...deletedContact(externalId), ...(gone ? {} : { deleted: false, canonical: properties, held: properties, heldKeyOf: { email: 'email', firstName: 'firstName' } }),
    }];
    const read = async (...read: SourceRow[]) => applyRows(world, 'mailplus-1', read);
    await read(...rows(id('first'), { email: mail('a') }), ...rows(id('second'), { email: mail('a') }));
    await world.sync('coins-1', [{ prospectId: id('A'), email: mail('a') }]);
    await read(...rows(id('first'), {}, true));
    expect(await primaryLinks(id('first'), id('second'))).toEqual([id('second')]);
    await read(...rows(id('second'), {}, true));
    await read(...rows(id('third'), { email: mail('a') }));
    expect(await primaryLinks(id('first'), id('second'), id('third'))).toEqual([id('third')]);
    await read(...rows(id('first'), { email: mail('a') }));
    expect(await primaryLinks(id('first'), id('second'), id('third'))).toEqual([id('third')]);
  });
});
