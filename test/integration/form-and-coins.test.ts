import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { consent, emailBit, emailPermission, openWorld, type HubWorld } from '../support/hub-world.ts';

/** What a visitor's subscription means to the other systems. */
let world: HubWorld;

beforeAll(async () => { world = await openWorld(); });
afterAll(() => world.close());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();

async function subscribe(email: string, receivedAt: string): Promise<void> {
  const key = randomUUID();
  await acceptInbound(world.pipeline.deps.db, {
    accountId: 'default', connectorId: 'mailplus-1', kind: 'subscription', key, bodyHash: createHash('sha256').update(key).digest(), rejected: [], receivedAt,
    payload: { email, permissionKeys: [`permissions:${emailBit}`], evidence: 'form «newsletter»' }, answer: { status: 202, body: { accepted: true } },
  });
  expect(await world.pipeline.drain('mailplus-1')).toMatchObject({ applied: 1, failed: 0 });
}

async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const connector of ['mailplus-1', 'coins-1']) await world.pull(connector);
    await world.settle();
  }
}

const consentOf = (id: string) => (world.coinsOf('coins-1').state.cards.require(id).consents as { value: boolean; date: string | null }[])[0];
const flips = (id: string) => world.coinsOf('coins-1').state.journal.flipsByProspect()[id]?.['EMAIL_MKT'] ?? 0;

it('a visitor who withdrew in Coins, and the hub switched off in Mail+, is on in both after subscribing, with the date of the form', async () => {
  const email = 'ann@people.test';
  await world.sync('coins-1', [{ prospectId: 'P1', email, consents: consent(true, at(1)), lastModified: at(1) }]);
  await world.settle();
  expect(world.contact(email)?.permissions).toEqual([emailBit]);
  world.coinsOf('coins-1').state.edit('P1', { consents: consent(false, at(2)), lastModified: at(2) });
  await settle();
  expect(world.contact(email)?.permissions).toEqual([]);
  const submittedAt = new Date().toISOString();
  await subscribe(email, submittedAt);
  await settle();
  expect(world.contact(email)?.permissions).toEqual([emailBit]);
  expect([consentOf('P1'), flips('P1')]).toEqual([expect.objectContaining({ value: true, date: submittedAt }), 1]);
});

it('a visitor who withdrew in Coins after the form is not subscribed, also when the form is carried out later', async () => {
  const email = 'bob@people.test';
  await world.sync('coins-1', [{ prospectId: 'P2', email, consents: consent(false, at(9)), lastModified: at(9) }]);
  await world.settle();
  await subscribe(email, at(8));
  await settle();
  expect([world.contact(email)?.permissions, consentOf('P2')?.value]).toEqual([[], false]);
});

it('what a namesake withdrew in another account does not count', async () => {
  const email = 'eve@people.test';
  const { db } = world.pipeline.deps;
  await db.insertInto('account').values({ id: 'other', name: 'Other' }).execute();
  await db.insertInto('connector').values({ id: 'coins-9', account_id: 'other', platform: 'coins', class: 'crm', preset: 'crm', name: 'Other', settings: '{}', credentials: '', credential_key: 'other', phase: 'removed' }).execute();
  const { id } = await db.insertInto('record').values({ account_id: 'other', data_type: 'contacts', email, canonical: JSON.stringify({ email }), provenance: '{}', consent: '{}' }).returning('id').executeTakeFirstOrThrow();
  await db.insertInto('consent_event').values({
    account_id: 'other', record_id: id, permission: emailPermission, granted: false, stated_at: at(31), received_at: at(31), connector_id: 'coins-9', external_id: 'P9', may_grant: true, evidence: 'card',
  }).execute();
  await subscribe(email, at(30));
  expect(world.contact(email)?.permissions).toEqual([emailBit]);
});

it('a visitor whom Coins sends later keeps what was said by the form', async () => {
  const email = 'cat@people.test';
  await subscribe(email, at(20));
  await world.sync('coins-1', [{ prospectId: 'P3', email, forename: 'Cat', consents: consent(false, null), lastModified: at(21) }]);
  await settle();
  expect(world.contact(email)).toMatchObject({ permissions: [emailBit], properties: { firstName: 'Cat' } });
  expect(consentOf('P3')).toMatchObject({ value: true, date: at(20) });
});
