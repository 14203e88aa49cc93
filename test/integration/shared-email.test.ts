import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consent, emailBit, openWorld, type HubWorld } from '../support/hub-world.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const phones = ['+447700900001', '+447700900002', '+447700900003'] as const;
let world: HubWorld;
let scenes = 0;
/** Every test has an address and three numbers of its own. */
const scene = () => {
  scenes += 1;
  const number = scenes;
  const phone = (index: 0 | 1 | 2) => `${phones[index].slice(0, -3)}${number}${index}0`;
  return { email: `both.${number}@example.test`, other: `other.${number}@example.test`, id: (name: string) => `${name}${number}`, phone };
};

beforeAll(async () => { world = await openWorld({ accountSettings: { matching: 'phone' } }); });
afterAll(() => world.close());

const deliveriesOf = (...ids: string[]) => world.pipeline.deps.db.selectFrom('delivery as d').innerJoin('source_record as s', 's.record_id', 'd.record_id')
  .select(['s.external_id', 'd.state', 'd.code', 'd.reason']).where('d.connector_id', '=', 'mailplus-1').where('s.external_id', 'in', ids).orderBy('s.external_id').execute();

describe('an account that matches contacts by phone', () => {
  it('keeps prospects with one number together, whatever their addresses', async () => {
    const { email, other, id, phone } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, mobile: phone(0) }, { prospectId: id('B'), email: other, telephone: phone(0), lastModified: at(1) }]);
    await world.settle();
    expect(world.contact(other)).toBeDefined();
    expect(world.contact(email)).toBeUndefined();
  });

  it('parks two contacts with one address for Mail+, with a reason, and sends both when one of them gets another', async () => {
    const { email, other, id, phone } = scene();
    await world.sync('coins-1', [
      { prospectId: id('A'), email, mobile: phone(0), consents: consent(true, at(1)) }, { prospectId: id('B'), email, mobile: phone(1), consents: consent(true, at(1)) },
    ]);
    await world.settle();
    expect(world.contact(email)).toBeUndefined();
    const reason = 'another contact of the hub has the same e-mail address, and Spotler Mail+ keeps one contact for each address: '
      + 'change one of the two addresses, or let the account match contacts by e-mail';
    expect(await deliveriesOf(id('A'), id('B'))).toEqual(['A', 'B'].map((name) => ({ external_id: id(name), state: 'parked', code: 'EMAIL_SHARED', reason })));
    await world.sync('coins-1', [{ prospectId: id('B'), email: other, mobile: phone(1), lastModified: at(5), consents: consent(true, at(1)) }]);
    await world.settle();
    expect([world.contact(email)?.permissions, world.contact(other)?.permissions]).toEqual([[emailBit], [emailBit]]);
  });

  it('leaves the address with the contact that has it at Mail+, and still tells everything else, withdrawals above all', async () => {
    const { email, other, id, phone } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, mobile: phone(0), consents: consent(true, at(1)) }, { prospectId: id('B'), email: other, mobile: phone(1), consents: consent(true, at(1)) }]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: id('B'), email, mobile: phone(1), forename: 'Bea', lastModified: at(5), consents: consent(false, at(5)) }]);
    await world.sync('coins-1', [{ prospectId: id('A'), email, mobile: phone(0), forename: 'Ann', lastModified: at(5), consents: consent(true, at(1)) }]);
    await world.settle();
    expect(world.contact(email)).toMatchObject({ permissions: [emailBit], properties: { firstName: 'Ann' } });
    expect(world.contact(other)).toMatchObject({ permissions: [], properties: { firstName: 'Bea' } });
    expect((await deliveriesOf(id('A'), id('B'))).map(({ state }) => state)).toEqual(['delivered', 'parked']);
    const before = world.writes();
    await world.settle();
    expect(world.writes()).toBe(before);
  });
});
