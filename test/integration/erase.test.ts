import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { consent, emailBit } from '../support/hub-world.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { actOn, placesWith, receiptsOf, recordIdOf } from '../support/erasure.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let people = 0;

interface Somebody { readonly id: string; readonly email: string; readonly values: readonly string[]; readonly card: Parameters<DeliverWorld['sync']>[1][number] }

/** A person all of whose values can be told from those of others. */
function somebody(): Somebody {
  people += 1;
  const word = `q${people}z`;
  const id = `P-${people}`;
  const mobile = `+44770090${String(1000 + people)}`;
  const email = `anna.${word}@example.test`;
  const card = {
    prospectId: id, email, mobile, forename: `Anna${word}`, surname: `Hill${word}`, telephone: '', consents: consent(true, at(1)),
    address: { line1: `1 ${word} Lane`, line2: '', town: `Town${word}`, county: '', postcode: '', country: '' },
  };
  return { id, email, card, values: [email, mobile, mobile.slice(3), `Anna${word}`, `Hill${word}`, `${word} Lane`, `Town${word}`] };
}

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(async () => {
  world.calm();
  world.mail.state.clearFaults();
  await world.settle();
});

const db = () => world.pipeline.deps.db;
const anonymised = () => world.mail.state.effects().totals.anonymised;

/** Somebody whom the hub has brought to Mail+. */
async function arrived(): Promise<Somebody & { readonly recordId: number }> {
  const person = somebody();
  await world.sync('coins-1', [person.card]);
  await world.settle();
  return { ...person, recordId: await recordIdOf(db(), person.email) };
}

describe('erasing a contact', () => {
  it('leaves nothing of the person in any table, anonymises once in Mail+ and keeps a receipt', async () => {
    const person = await arrived();
    expect(await placesWith(db(), person.values)).not.toEqual([]);
    const { receiptId, raisedFor } = await actOn(world, 'erase', person.recordId);
    expect(raisedFor).toEqual(['mailplus-1']);
    expect(await placesWith(db(), person.values)).toEqual([]);
    const before = anonymised();
    await world.settle();
    expect(anonymised() - before).toBe(1);
    expect(world.contact(person.email)).toBeUndefined();
    expect(await placesWith(db(), person.values)).toEqual([]);
    const [receipt] = await receiptsOf(world, person.recordId);
    expect(receipt).toMatchObject({
      id: receiptId, kind: 'erase', who: 'an operator', counts: { sources: 1, links: 2, 'suppressed keys': 2 },
      steps: [{ connectorId: 'mailplus-1', kind: 'anonymise', state: 'done', reason: expect.stringContaining('read back') }, { connectorId: 'coins-1', kind: 'by-hand', state: 'by-hand', things: 1 }],
    });
  });

  it('is not undone by a list sync, a pull, a new prospect with the address, nor a form', async () => {
    const person = await arrived();
    await actOn(world, 'erase', person.recordId);
    await world.settle();
    await world.sync('coins-1', [{ ...person.card, forename: 'Again', lastModified: at(99_000) }, { ...person.card, prospectId: `${person.id}-new` }]);
    await world.pull('coins-1');
    await world.pull('mailplus-1');
    await world.settle();
    expect(await placesWith(db(), person.values)).toEqual([]);
    expect(world.contact(person.email)).toBeUndefined();
    const listed = await db().selectFrom('excluded_row').select(['external_id', 'reason']).where('external_id', 'like', `${person.id}%`).orderBy('external_id').execute();
    expect(listed).toEqual([person.id, `${person.id}-new`].map((id) => ({ external_id: id, reason: expect.stringContaining('erased') })));
  });

  it('names the first receipt when it is asked for again', async () => {
    const person = await arrived();
    const first = await actOn(world, 'erase', person.recordId);
    expect(await actOn(world, 'erase', person.recordId)).toMatchObject({ receiptId: first.receiptId, repeated: true, raisedFor: [] });
  });
});

describe('blocking a contact', () => {
  it('withdraws all permissions for good and inactivates in Mail+', async () => {
    const person = await arrived();
    expect(world.contact(person.email)?.permissions).toEqual([emailBit]);
    await actOn(world, 'block', person.recordId);
    await world.settle();
    expect(world.contact(person.email)).toMatchObject({ permissions: [], inactive: 'api' });
    expect((await receiptsOf(world, person.recordId))[0]).toMatchObject({ kind: 'block', steps: [{ connectorId: 'mailplus-1', state: 'done', reason: expect.stringContaining('read back') }] });
    await world.sync('coins-1', [{ ...person.card, forename: 'Again', consents: consent(true, new Date().toISOString()), lastModified: new Date().toISOString() }]);
    await world.settle();
    expect(world.contact(person.email)?.permissions).toEqual([]);
  });
});
