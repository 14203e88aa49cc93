import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { consent, emailBit } from '../support/hub-world.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';
import { actOn, deleteAt, placesWith, receiptsOf, recordIdOf } from '../support/erasure.ts';

/** Later than anything that the hub has read. */
const soon = (second: number) => new Date(Date.now() + second * 1_000).toISOString();
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let people = 0;
let dieAt = '';

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

beforeAll(async () => { world = await openDeliverWorld({ overrides: { faultPoint: async (name) => { if (name === dieAt) throw new Error('killed'); } } }); });
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

describe('erasing a contact, where it is hard', () => {
  it.each([
    ['before the call', 'intent-before-call'], ['between the call and its outcome', 'call-before-outcome'],
  ])('anonymises once when the process dies %s', async (_, point) => {
    const person = await arrived();
    const before = anonymised();
    await actOn(world, 'erase', person.recordId);
    dieAt = point;
    await expect(world.pipeline.deliver('mailplus-1')).rejects.toThrow('killed');
    dieAt = '';
    await world.settle();
    expect(anonymised() - before).toBe(1);
    expect((await receiptsOf(world, person.recordId))[0]?.steps[0]).toMatchObject({ state: 'done' });
    expect(await placesWith(db(), person.values)).toEqual([]);
  });

  it('anonymises what a call that was under way has just made', async () => {
    const person = somebody();
    await world.sync('coins-1', [person.card]);
    const recordId = await recordIdOf(db(), person.email);
    world.hooks.afterDeliver = async () => {
      world.calm();
      expect(world.contact(person.email)).toBeDefined();
      await actOn(world, 'erase', recordId);
    };
    const before = anonymised();
    await world.settle();
    expect(world.contact(person.email)).toBeUndefined();
    expect(anonymised() - before).toBe(1);
    expect(await placesWith(db(), person.values)).toEqual([]);
  });

  it('waits until a call whose sender died is certainly over', async () => {
    const person = somebody();
    await world.sync('coins-1', [person.card]);
    dieAt = 'call-before-outcome';
    await expect(world.pipeline.deliver('mailplus-1')).rejects.toThrow('killed');
    dieAt = '';
    await actOn(world, 'erase', await recordIdOf(db(), person.email));
    expect(await placesWith(db(), person.values)).toEqual([]);
    await world.settle();
    expect(world.contact(person.email)).toBeDefined();
    await db().updateTable('action').set({ not_before: null }).where('kind', '=', 'contact.anonymise').where('state', '=', 'pending').execute();
    await world.settle();
    expect(world.contact(person.email)).toBeUndefined();
    expect(await placesWith(db(), person.values)).toEqual([]);
  });

  it('erases what was merged into the contact, and its history', async () => {
    const [one, other] = [await arrived(), await arrived()];
    world.coinsOf('coins-1').state.edit(other.id, { email: one.email });
    await world.pull('coins-1');
    await world.settle();
    const recordId = await recordIdOf(db(), one.email);
    const before = anonymised();
    await actOn(world, 'erase', Math.max(one.recordId, other.recordId));
    await world.settle();
    expect((await receiptsOf(world, recordId))[0]).toMatchObject({ kind: 'erase' });
    expect(await placesWith(db(), [...one.values, ...other.values])).toEqual([]);
    expect(anonymised() - before).toBe(2);
  });

  it('takes the person out of requests that failed, and leaves the others in', async () => {
    const [person, stranger] = [await arrived(), somebody()];
    await db().insertInto('inbox').values({
      account_id: 'default', connector_id: 'coins-1', kind: 'list-sync', key: `failed-${person.id}`, body_hash: Buffer.alloc(32), state: 'failed', reason: 'x',
      payload: JSON.stringify({ syncId: 'x', prospects: [person.card, stranger.card] }),
    }).execute();
    await db().insertInto('rejected_record').values({
      account_id: 'default', connector_id: 'coins-1', data_type: 'contacts', external_id: 'somewhere-else', path: 'consents', code: 'RECORD_INVALID', reason: 'x', payload: JSON.stringify(person.card),
    }).execute();
    await actOn(world, 'erase', person.recordId);
    expect(await placesWith(db(), person.values)).toEqual([]);
    const kept = await db().selectFrom('inbox').select('payload').where('key', '=', `failed-${person.id}`).executeTakeFirstOrThrow();
    expect(kept.payload).toMatchObject({ syncId: 'x', prospects: [{ prospectId: stranger.id, email: stranger.email }] });
    await db().deleteFrom('inbox').where('key', '=', `failed-${person.id}`).execute();
  });

  it('anonymises a contact that has no external id in Mail+ by giving it one', async () => {
    const person = somebody();
    world.mail.state.seedContacts([{ properties: { email: person.email, firstName: `Anna${person.id}` } }]);
    await world.pull('mailplus-1');
    const recordId = await recordIdOf(db(), person.email);
    await actOn(world, 'erase', recordId);
    expect(await placesWith(db(), [person.email])).toEqual([]);
    await world.settle();
    expect(world.contact(person.email)).toBeUndefined();
    await world.pull('mailplus-1');
    await world.settle();
    expect(await placesWith(db(), [person.email])).toEqual([]);
  });

  it('keeps nothing of a row that is rejected', async () => {
    const person = await arrived();
    await actOn(world, 'erase', person.recordId);
    await world.settle();
    await world.acceptSync('coins-1', [{ ...person.card, email: '', mobile: '' }]);
    await world.settle();
    expect(await placesWith(db(), person.values)).toEqual([]);
    expect(await db().selectFrom('excluded_row').select('reason').where('external_id', '=', person.id).execute()).toEqual([{ reason: expect.stringContaining('erased') }]);
  });
});

describe('what the hub keeps of a contact besides its record', () => {
  it('goes as well: who they are in reports, audiences, and actions that were asked for', async () => {
    const person = await arrived();
    const id = String(person.recordId);
    await db().insertInto('report_contact').values({ account_id: 'default', connector_id: 'mailplus-1', contact_key: 'their-encrypted-id', external_id: id }).execute();
    await db().insertInto('audience').values({ account_id: 'default', connector_id: 'mailplus-1', source_connector_id: 'coins-1', list_id: `A-${id}` }).execute();
    await db().insertInto('audience_member').values({ account_id: 'default', connector_id: 'mailplus-1', source_connector_id: 'coins-1', list_id: `A-${id}`, external_id: id, state: 'held' }).execute();
    await db().insertInto('action').values({
      account_id: 'default', connector_id: 'mailplus-1', kind: 'form.submit', target: `record/${id}`, cause: `asked ${id}`, record_id: person.recordId, payload: JSON.stringify({ answers: { name: ['Secret Name'] } }), state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN',
    }).execute();
    await actOn(world, 'erase', person.recordId);
    expect(await db().selectFrom('report_contact').select('external_id').where('contact_key', 'like', 'erased:%').execute()).toEqual([{ external_id: null }]);
    expect(await placesWith(db(), ['their-encrypted-id', 'Secret Name'])).toEqual([]);
    expect(await db().selectFrom('audience_member').select('list_id').where('list_id', '=', `A-${id}`).execute()).toEqual([]);
    expect(await db().selectFrom('action').select(['state', 'payload']).where('record_id', '=', person.recordId).where('kind', '=', 'form.submit').execute()).toEqual([{ state: 'skipped', payload: {} }]);
  });
});

describe('a contact that is deleted at its last source', () => {
  const choose = async (whenDeleted: 'keep' | 'inactivate' | 'anonymise'): Promise<void> => {
    const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
    await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, whenDeleted }) }).where('id', '=', 'mailplus-1').execute();
  };
  afterEach(() => choose('keep'));
  const remove = async (id: string): Promise<void> => {
    await deleteAt(world, 'coins-1', id);
    await world.settle();
  };

  it('is kept in Mail+ unless told otherwise', async () => {
    const person = await arrived();
    await remove(person.id);
    expect(world.contact(person.email)).toMatchObject({ email: person.email });
    expect(world.contact(person.email)?.inactive).toBeUndefined();
    expect(await receiptsOf(world, person.recordId)).toEqual([]);
  });

  it('is inactivated where that is set, and known to be blocked there when it comes back', async () => {
    await choose('inactivate');
    const person = await arrived();
    await remove(person.id);
    expect(world.contact(person.email)).toMatchObject({ inactive: 'api' });
    expect(await receiptsOf(world, person.recordId)).toMatchObject([{ kind: 'inactivate', who: 'hub', steps: [{ connectorId: 'mailplus-1', state: 'done' }] }]);
    await world.sync('coins-1', [{ ...person.card, forename: 'Back', lastModified: soon(1) }]);
    await world.settle();
    const [delivery] = await db().selectFrom('delivery').select(['state', 'code']).where('record_id', '=', person.recordId).where('connector_id', '=', 'mailplus-1').execute();
    expect(delivery).toEqual({ state: 'excluded', code: 'RECORD_OPTED_OUT' });
    world.mail.state.activate({ contact: { email: person.email } });
    await world.sync('coins-1', [{ ...person.card, forename: 'Here again', lastModified: soon(2) }]);
    await world.settle();
    expect(world.contact(person.email)?.properties['firstName']).toBe('Here again');
  });

  it('is anonymised where that is set, for good', async () => {
    await choose('anonymise');
    const person = await arrived();
    await remove(person.id);
    expect(world.contact(person.email)).toBeUndefined();
    await world.sync('coins-1', [{ ...person.card, forename: 'Back', lastModified: soon(1) }]);
    await world.settle();
    expect(world.contact(person.email)).toBeUndefined();
    const deliveries = await db().selectFrom('delivery').select(['state', 'reason']).where('record_id', '=', person.recordId).where('connector_id', '=', 'mailplus-1').execute();
    expect(deliveries).toContainEqual({ state: 'excluded', reason: expect.stringContaining('anonymised') });
  });

  it('is left alone when it came back before the call', async () => {
    await choose('inactivate');
    const person = await arrived();
    await deleteAt(world, 'coins-1', person.id);
    await world.sync('coins-1', [{ ...person.card, forename: 'Back', lastModified: soon(1) }]);
    await world.settle();
    expect(world.contact(person.email)?.inactive).toBeUndefined();
    expect((await receiptsOf(world, person.recordId))[0]?.steps[0]).toMatchObject({ state: 'done', reason: expect.stringContaining('back at a source') });
  });

  it('is not gone while another source has it', async () => {
    await choose('anonymise');
    const [person, twin] = [await arrived(), somebody()];
    await world.sync('coins-1', [{ ...twin.card, email: person.email }]);
    await world.settle();
    await remove(person.id);
    expect(world.contact(person.email)).toBeDefined();
  });
});

describe('erasing while pages of the same person are applied', () => {
  it('ends with nothing of the person, whichever comes first', async () => {
    for (let round = 0; round < 3; round += 1) {
      const person = await arrived();
      const again = [0, 1, 2].map((copy) => ({ ...person.card, prospectId: `${person.id}-${copy}`, lastModified: soon(copy) }));
      for (const one of again) await world.acceptSync('coins-1', [one]);
      await Promise.all([world.pipeline.drain('coins-1'), world.pull('mailplus-1'), world.pipeline.deliver('mailplus-1'), actOn(world, 'erase', person.recordId)]);
      await world.settle();
      expect(await placesWith(db(), person.values)).toEqual([]);
      expect(world.contact(person.email)).toBeUndefined();
    }
  });
});
