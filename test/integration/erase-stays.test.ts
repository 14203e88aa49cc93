import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { inAccount } from '../../db/database.ts';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { retryFailed } from '../../db/repositories/failed/settle-failed.ts';
import { actOn, placesWith, recordIdOf } from '../support/erasure.ts';
import { consent, emailBit, openWorld, type HubWorld } from '../support/hub-world.ts';
import { entry, mapTo } from '../support/remap.ts';
import { faultsOf, switchMatching } from '../support/rematch.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: HubWorld;
let people = 0;

beforeAll(async () => { world = await openWorld(); });
afterAll(() => world.close());
afterEach(() => world.settle());

const db = () => world.pipeline.deps.db;

async function arrived(): Promise<{ readonly id: string; readonly email: string; readonly mobile: string; readonly recordId: number; readonly values: readonly string[] }> {
  people += 1;
  const [id, email, mobile] = [`S-${people}`, `dora.${people}@example.test`, `+44770090${String(2000 + people)}`];
  await world.sync('coins-1', [{ prospectId: id, email, mobile, forename: `Dora-${people}-x`, consents: consent(true, at(1)) }]);
  await world.settle();
  return { id, email, mobile, recordId: await recordIdOf(db(), email), values: [email, mobile, `Dora-${people}-x`] };
}

async function subscribe(email: string): Promise<void> {
  const key = randomUUID();
  await acceptInbound(db(), {
    accountId: 'default', connectorId: 'mailplus-1', kind: 'subscription', key, bodyHash: createHash('sha256').update(key).digest(), rejected: [], receivedAt: new Date().toISOString(),
    payload: { email, permissionKeys: [`permissions:${emailBit}`], evidence: 'form «newsletter»' }, answer: { status: 202, body: { accepted: true } },
  });
  expect(await world.pipeline.drain('mailplus-1')).toMatchObject({ applied: 1, failed: 0 });
  await world.settle();
}

describe('an erased contact stays erased', () => {
  it('when somebody subscribes by a form with the address', async () => {
    const person = await arrived();
    await actOn(world, 'erase', person.recordId);
    await world.settle();
    await subscribe(person.email);
    expect(world.contact(person.email)).toBeUndefined();
    expect(await placesWith(db(), person.values)).toEqual([]);
  });

  it('when failed things are tried again, the mapping is changed, or contacts are matched by another key', async () => {
    const person = await arrived();
    await db().updateTable('delivery').set({ state: 'failed', code: 'RECORD_REFUSED', reason: 'x' }).where('record_id', '=', person.recordId).execute();
    await actOn(world, 'erase', person.recordId);
    await inAccount(db(), 'default', (trx) => retryFailed(trx, 'mailplus-1', {}));
    await world.settle();
    await mapTo(world, [entry('city', null)]);
    await switchMatching(world, 'phone');
    await world.sync('coins-1', [{ prospectId: `${person.id}-phone`, email: '', mobile: person.mobile }]);
    await world.settle();
    await switchMatching(world, 'email');
    expect(world.contact(person.email)).toBeUndefined();
    expect(await placesWith(db(), person.values)).toEqual([]);
  });

  it('when a merge with another contact was asked for before', async () => {
    const [person, other] = [await arrived(), await arrived()];
    world.coinsOf('coins-1').state.edit(other.id, { email: person.email });
    await world.pull('coins-1');
    await actOn(world, 'erase', person.recordId);
    await world.settle();
    expect((await db().selectFrom('record').select(['canonical', 'erased_at']).where('id', '=', person.recordId).executeTakeFirstOrThrow())).toMatchObject({ canonical: {}, erased_at: expect.any(String) });
    expect(await db().selectFrom('merge_request').select('id').where('state', '=', 'pending').execute()).toEqual([]);
    expect((await db().selectFrom('source_record').select('record_id').where('external_id', '=', other.id).execute())).toEqual([{ record_id: other.recordId }]);
    expect(await faultsOf(world, 'email')).toEqual([]);
  });

  it('and others who share the number are left alone', async () => {
    const person = await arrived();
    await world.sync('coins-1', [{ prospectId: `${person.id}-home`, email: `home.${person.id}@example.test`, mobile: person.mobile }]);
    await world.settle();
    await actOn(world, 'erase', person.recordId);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: `${person.id}-home`, email: `home.${person.id}@example.test`, mobile: person.mobile, forename: 'Housemate', lastModified: at(9) }]);
    await world.settle();
    expect(world.contact(`home.${person.id.toLowerCase()}@example.test`)?.properties['firstName']).toBe('Housemate');
  });
});

describe('a blocked contact stays blocked', () => {
  it('when a form is sent, the person switches on in Mail+, a source grants, and records are merged', async () => {
    const [person, other] = [await arrived(), await arrived()];
    await actOn(world, 'block', person.recordId);
    await world.settle();
    await subscribe(person.email);
    world.coinsOf('coins-1').state.edit(person.id, { consents: consent(true, new Date().toISOString()) });
    world.coinsOf('coins-1').state.edit(other.id, { email: person.email });
    await world.pull('coins-1');
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    const record = await db().selectFrom('record').select(['consent', 'merged_into']).where('email', '=', person.email).executeTakeFirstOrThrow();
    expect(Object.values(record.consent).map(({ state }) => state)).not.toContain('granted');
    const contacts = [...world.mail.state.contacts()].filter(({ email }) => email === person.email || email === other.email);
    expect(contacts.flatMap(({ permissions }) => permissions)).toEqual([]);
  });

  it('until it is unblocked, and has what was said besides then', async () => {
    const person = await arrived();
    await actOn(world, 'block', person.recordId);
    await actOn(world, 'unblock', person.recordId);
    await world.settle();
    expect(world.contact(person.email)).toMatchObject({ permissions: [emailBit] });
    expect(world.contact(person.email)?.inactive).toBeUndefined();
  });

  it('and is told to Coins as a withdrawal', async () => {
    const person = await arrived();
    await actOn(world, 'block', person.recordId);
    await world.settle();
    expect(world.coinsOf('coins-1').state.cards.require(person.id).consents).toMatchObject([{ value: false }]);
  });

  it('is not made in Mail+ when it is not there yet', async () => {
    people += 1;
    const email = `new.${people}@example.test`;
    await world.sync('coins-1', [{ prospectId: `N-${people}`, email, consents: consent(true, at(1)) }]);
    const recordId = await recordIdOf(db(), email);
    await actOn(world, 'block', recordId);
    await world.settle();
    expect(world.contact(email)).toBeUndefined();
    expect(await db().selectFrom('delivery').select(['state', 'reason']).where('record_id', '=', recordId).where('connector_id', '=', 'mailplus-1').execute())
      .toEqual([{ state: 'excluded', reason: expect.stringContaining('blocked') }]);
  });
});
