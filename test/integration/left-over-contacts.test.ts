import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createRematchActivities } from '../../activities/rematch.ts';
import { applyRows, rowsOf } from '../support/apply-cards.ts';
import { consent, emailBit, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';
import { faultsOf, switchMatching, togetherness } from '../support/rematch.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const phone = (number: number) => `+44770090${String(number).padStart(4, '0')}`;
const mail = (name: string) => `${name}@example.test`;
let world: HubWorld;

beforeEach(async () => { world = await openWorld({ coins: 1, accountSettings: { matching: 'phone' } }); });
afterEach(() => world.close());

const db = () => world.pipeline.deps.db;
const sync = async (...cards: CardFacts[]) => {
  await world.sync('coins-1', cards);
  await world.settle();
};
const edit = (email: string, properties: Record<string, string | null>) => world.mail.state.editContact({ contact: { email }, properties });

interface There {
  readonly id: string | undefined;
  readonly encryptedId: string;
  readonly firstName: unknown;
  readonly isOn: boolean;
  readonly cards: string[] | null | undefined;
  readonly isPrimary: boolean | undefined;
}

/** Contacts at Mail+ by address, each with the cards that its link belongs to. */
async function there(): Promise<Record<string, There>> {
  const { rows: links } = await sql<{ external_id: string; is_primary: boolean; cards: string[] | null }>`
    select l.external_id, l.is_primary, (select json_agg(s.external_id order by s.external_id) from source_record s where s.record_id = l.record_id and s.connector_id = 'coins-1') cards
    from link l where l.connector_id = 'mailplus-1' and l.gone_at is null`.execute(db());
  const contacts = [...world.mail.state.contacts()].map(({ email, encryptedId, externalIds, properties, permissions }) => {
    const id = Object.values(externalIds ?? {})[0];
    const link = links.find(({ external_id }) => external_id === id);
    return [email ?? '', { id, encryptedId, firstName: properties['firstName'], isOn: permissions.includes(emailBit), cards: link?.cards, isPrimary: link?.is_primary }] as const;
  });
  return Object.fromEntries(contacts);
}

/** Links at Mail+ whose id nothing there has. */
async function danglingLinks(): Promise<string[]> {
  const rows = await db().selectFrom('link').select('external_id').where('connector_id', '=', 'mailplus-1').where('gone_at', 'is', null).execute();
  const ids = new Set([...world.mail.state.contacts()].flatMap(({ externalIds }) => Object.values(externalIds ?? {})));
  return rows.map((row) => row.external_id).filter((id) => !ids.has(id));
}

async function deliveryOf(id: string) {
  const rows = await db().selectFrom('delivery as d').innerJoin('source_record as s', 's.record_id', 'd.record_id').select(['d.state', 'd.code', 'd.reason'])
    .where('d.connector_id', '=', 'mailplus-1').where('s.external_id', '=', id).where('d.state', '<>', 'delivered').execute();
  return rows[0] ?? { state: 'delivered' };
}

/** Ann and Ben, each with a contact at Mail+, turn out to have one number: Ann's address shows, and Ben's contact is left over. */
async function leaveOver(bens: Partial<CardFacts> = {}): Promise<void> {
  const ben = { prospectId: 'B', email: mail('b'), forename: 'Ben', ...bens };
  await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', lastModified: at(9) }, { ...ben, mobile: phone(2) });
  await sync({ ...ben, mobile: phone(1), lastModified: at(2) });
  expect(await togetherness(world, 'A', 'B')).toEqual([['A', 'B']]);
}

const cis = (facts: Partial<CardFacts> = {}): CardFacts => ({ prospectId: 'C', email: mail('b'), mobile: phone(3), forename: 'Cis', lastModified: at(20), ...facts });

describe('a contact at Mail+ that is left over from a merge', () => {
  it('goes to the contact of the hub that has its address, with the id that it has', async () => {
    await leaveOver();
    const before = await there();
    await sync(cis());
    expect(await there()).toEqual({
      [mail('a')]: { ...before[mail('a')], cards: ['A', 'B'] }, [mail('b')]: { ...before[mail('b')], firstName: 'Cis', cards: ['C'], isPrimary: true },
    });
    expect([await danglingLinks(), await deliveryOf('C'), await faultsOf(world, 'phone')]).toEqual([[], { state: 'delivered' }, []]);
    const writes = world.writes();
    await world.pull('mailplus-1');
    await sync(cis());
    expect(world.writes()).toBe(writes);
  });

  it('goes back with the prospect whose it was when contacts are matched by address', async () => {
    await leaveOver();
    const before = await there();
    await sync(cis());
    await switchMatching(world, 'email');
    expect(await togetherness(world, 'A', 'B', 'C')).toEqual([['A'], ['B', 'C']]);
    expect(await there()).toMatchObject({ [mail('a')]: { id: before[mail('a')]?.id, cards: ['A'] }, [mail('b')]: { id: before[mail('b')]?.id, cards: ['B', 'C'], isPrimary: true } });
    expect([await danglingLinks(), await faultsOf(world, 'email')]).toEqual([[], []]);
  });

  it('stays switched off when those who had it withdrew, until there is a newer yes', async () => {
    await leaveOver({ consents: consent(true, at(1)) });
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', lastModified: at(10), consents: consent(false, at(10)) });
    expect(await there()).toMatchObject({ [mail('a')]: { isOn: false }, [mail('b')]: { isOn: false } });
    await sync(cis({ consents: consent(true, at(5)) }));
    expect(await there()).toMatchObject({ [mail('b')]: { cards: ['C'], isOn: false } });
    await sync(cis({ consents: consent(true, at(30)), lastModified: at(30) }));
    expect(await there()).toMatchObject({ [mail('a')]: { isOn: false }, [mail('b')]: { cards: ['C'], isOn: true } });
  });

  it('is switched off when it was on by a word of those who had it, and the one who has it now said nothing', async () => {
    await leaveOver({ consents: consent(true, at(1)) });
    expect(await there()).toMatchObject({ [mail('a')]: { isOn: true }, [mail('b')]: { isOn: true } });
    await sync(cis());
    expect(await there()).toMatchObject({ [mail('a')]: { cards: ['A', 'B'], isOn: true }, [mail('b')]: { cards: ['C'], isOn: false } });
    await switchMatching(world, 'email');
    expect(await there()).toMatchObject({ [mail('b')]: { cards: ['B', 'C'], isOn: true } });
  });

  it('goes to a contact that had another address, and that one is left over then', async () => {
    await leaveOver();
    await sync(cis({ email: mail('c') }));
    const before = await there();
    await sync(cis({ lastModified: at(30) }));
    expect(await there()).toEqual({
      ...before, [mail('b')]: { ...before[mail('b')], firstName: 'Cis', cards: ['C'], isPrimary: true }, [mail('c')]: { ...before[mail('c')], cards: ['C'], isPrimary: false },
    });
    expect([await danglingLinks(), await deliveryOf('C')]).toEqual([[], { state: 'delivered' }]);
  });

  it('goes to nobody while two contacts of the hub have its address', async () => {
    await leaveOver();
    const before = await there();
    await sync(cis(), cis({ prospectId: 'D', mobile: phone(4), forename: 'Dan' }));
    expect([await there(), await deliveryOf('C'), await deliveryOf('D')]).toEqual([before, expect.objectContaining({ code: 'EMAIL_SHARED' }), expect.objectContaining({ code: 'EMAIL_SHARED' })]);
    await sync(cis({ prospectId: 'D', mobile: phone(4), forename: 'Dan', email: mail('d'), lastModified: at(30) }));
    expect(await there()).toMatchObject({ [mail('b')]: { id: before[mail('b')]?.id, cards: ['C'] }, [mail('d')]: { cards: ['D'] } });
  });

  it('stays where an operator keeps it', async () => {
    await leaveOver();
    edit(mail('b'), { firstName: 'Benny' });
    await world.pull('mailplus-1');
    await world.settle();
    await sql`update source_record set pinned_record_id = record_id where connector_id = 'mailplus-1'`.execute(db());
    const before = await there();
    await sync(cis());
    expect([await there(), await deliveryOf('C')]).toEqual([before, expect.objectContaining({ state: 'parked', code: 'EMAIL_SHARED' })]);
  });

  it('stays with whose number it shows by its own word, until it has another address there', async () => {
    await leaveOver();
    edit(mail('b'), { mobileNumber: phone(1), firstName: 'Benny' });
    await world.pull('mailplus-1');
    await world.settle();
    const before = await there();
    await sync(cis());
    expect([await there(), await deliveryOf('C')]).toEqual([before, {
      state: 'parked', code: 'EMAIL_SHARED', reason: 'Spotler Mail+ still has this e-mail address with another contact of the hub: it goes on when that one has another address there, or the two become one',
    }]);
    edit(mail('b'), { email: mail('ben') });
    await world.pull('mailplus-1');
    await world.settle();
    expect([(await there())[mail('b')], await danglingLinks()]).toMatchObject([{ firstName: 'Cis', cards: ['C'], isPrimary: true }, []]);
  });
});

describe('an address that another contact of the hub has given up, and still has at Mail+', () => {
  it('is waited for as long as that one can not get its new one', async () => {
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann' }, { prospectId: 'B', email: mail('b'), mobile: phone(2), forename: 'Ben' });
    const before = await there();
    await sync({ prospectId: 'A', email: mail('b'), mobile: phone(1), forename: 'Ann', lastModified: at(5) });
    await sync(cis({ email: mail('a') }));
    expect([await there(), await deliveryOf('A'), await deliveryOf('C')]).toEqual([before, expect.objectContaining({ state: 'parked' }), expect.objectContaining({ state: 'parked', code: 'EMAIL_SHARED' })]);
    await sync({ prospectId: 'B', email: mail('ben'), mobile: phone(2), forename: 'Ben', lastModified: at(6) });
    expect(await there()).toMatchObject({
      [mail('ben')]: { id: before[mail('b')]?.id, cards: ['B'] }, [mail('b')]: { id: before[mail('a')]?.id, cards: ['A'] }, [mail('a')]: { firstName: 'Cis', cards: ['C'] },
    });
    expect([await danglingLinks(), await deliveryOf('A'), await deliveryOf('C')]).toEqual([[], { state: 'delivered' }, { state: 'delivered' }]);
  });

  /** Ann's contact has an address that she has no more: her new one is Ben's. Cis has the old one, and waits. */
  async function waitForAnn(): Promise<void> {
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann' }, { prospectId: 'B', email: mail('b'), mobile: phone(2), forename: 'Ben' });
    await sync({ prospectId: 'A', email: mail('b'), mobile: phone(1), forename: 'Ann', lastModified: at(5) });
    await sync(cis({ email: mail('a') }));
    expect(await deliveryOf('C')).toMatchObject({ state: 'parked', code: 'EMAIL_SHARED' });
  }

  it('goes on with the contact there when the one that had it is merged with another', async () => {
    await waitForAnn();
    const before = await there();
    await sync({ prospectId: 'A', email: mail('b'), mobile: phone(2), forename: 'Ann', lastModified: at(7) });
    expect(await there()).toMatchObject({ [mail('a')]: { id: before[mail('a')]?.id, firstName: 'Cis', cards: ['C'], isPrimary: true }, [mail('b')]: { id: before[mail('b')]?.id, cards: ['A', 'B'] } });
    expect([await danglingLinks(), await deliveryOf('C')]).toEqual([[], { state: 'delivered' }]);
  });

  it('goes on with the contact there when the one that had it is deleted', async () => {
    await waitForAnn();
    const before = await there();
    await applyRows(world, 'coins-1', rowsOf([{ prospectId: 'A', mobile: phone(1), lastModified: at(8) }]).map((row) => ({ ...row, deleted: true, canonical: {}, held: {}, consents: [] })));
    await world.settle();
    expect(await there()).toMatchObject({ [mail('a')]: { id: before[mail('a')]?.id, firstName: 'Cis', cards: ['C'], isPrimary: true } });
    expect([await danglingLinks(), await deliveryOf('C')]).toEqual([[], { state: 'delivered' }]);
  });

  it('is looked at again when contacts have been matched anew', async () => {
    await waitForAnn();
    const woken: string[] = [];
    const { endRematching } = createRematchActivities({
      ...world.pipeline.deps, waker: { wake: (_workflow, id) => void woken.push(id), close: () => Promise.resolve() }, intervals: { pullMs: 1, sweepMs: 1 },
    });
    await endRematching({ accountId: 'default', since: 'never' });
    expect([woken, (await deliveryOf('C')).state]).toEqual([['mailplus-1'], 'pending']);
    await world.settle();
    expect(await deliveryOf('C')).toMatchObject({ state: 'parked', code: 'EMAIL_SHARED' });
  });

  it('is waited for by both when two contacts swap theirs, until one of them has a third', async () => {
    const [ann, ben] = [{ prospectId: 'A', mobile: phone(1), forename: 'Ann' }, { prospectId: 'B', mobile: phone(2), forename: 'Ben' }];
    await sync({ ...ann, email: mail('a') }, { ...ben, email: mail('b') });
    const before = await there();
    await sync({ ...ann, email: mail('b'), lastModified: at(5) }, { ...ben, email: mail('a'), lastModified: at(5) });
    expect([await there(), await deliveryOf('A'), await deliveryOf('B')]).toEqual([before, expect.objectContaining({ code: 'EMAIL_SHARED' }), expect.objectContaining({ code: 'EMAIL_SHARED' })]);
    await sync({ ...ben, email: mail('ben'), lastModified: at(6) });
    expect(await there()).toMatchObject({ [mail('b')]: { id: before[mail('a')]?.id, cards: ['A'] }, [mail('ben')]: { id: before[mail('b')]?.id, cards: ['B'] } });
    expect([await deliveryOf('A'), await deliveryOf('B')]).toEqual([{ state: 'delivered' }, { state: 'delivered' }]);
  });

  it('goes to the next one together with the contact there when nobody has any other use for it', async () => {
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', consents: consent(false, at(1)) });
    const before = await there();
    await sync({ prospectId: 'A', email: '', mobile: phone(1), forename: 'Ann', lastModified: at(5) });
    const emptied = await db().selectFrom('record').select('email').execute();
    expect(emptied).toEqual([{ email: null }]);
    await sync(cis({ email: mail('a'), consents: consent(true, at(0)) }));
    expect(await there()).toEqual({ [mail('a')]: { ...before[mail('a')], firstName: 'Cis', cards: ['C'], isOn: false } });
    expect(await danglingLinks()).toEqual([]);
  });
});

describe('a second contact of one person at Mail+ that carries no id of the hub', () => {
  it('gets an id of its own, and every withdrawal', async () => {
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', lastModified: at(9), consents: consent(true, at(1)) });
    const before = await there();
    for (const name of ['old', 'older']) world.mail.state.seedContacts([{ properties: { email: mail(name), mobileNumber: phone(1), permissions: [{ bit: emailBit, enabled: true }] }, lastChanged: at(0), created: at(0) }]);
    await world.pull('mailplus-1');
    await world.settle();
    const after = await there();
    expect([Object.keys(after).length, new Set(Object.values(after).map(({ id }) => id)).size, after[mail('a')]]).toEqual([3, 3, before[mail('a')]]);
    expect([Object.values(after).map(({ cards, isOn }) => [cards, isOn]), await deliveryOf('A')]).toEqual([[[['A'], true], [['A'], true], [['A'], true]], { state: 'delivered' }]);
    await sync({ prospectId: 'A', email: mail('a'), mobile: phone(1), forename: 'Ann', lastModified: at(20), consents: consent(false, new Date().toISOString()) });
    expect([Object.values(await there()).map(({ isOn }) => isOn), await deliveryOf('A'), await danglingLinks()]).toEqual([[false, false, false], { state: 'delivered' }, []]);
  });
});
