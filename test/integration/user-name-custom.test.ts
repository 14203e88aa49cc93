import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { findRecordOfThing } from '../../db/repositories/record-lookup.ts';
import { custom } from '../../platforms/custom/index.ts';
import { customContext, customRequest } from '../support/custom-requests.ts';
import { readFeed } from '../support/custom-world.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;
/** People log in with their address at the first, and not at the second. */
const [members, crm] = ['members-1', 'crm-1'] as const;
const heldBack = '«email» is held back: the e-mail address is the user name there (setting emailIsUserName)';
let requests = 0;

beforeAll(async () => {
  world = await openWorld({ coins: 0 });
  for (const [id, emailIsUserName] of [[members, true], [crm, false]] as const) {
    await world.pipeline.addConnector({ id, platform: 'custom', preset: 'crm', settings: { class: 'crm', emailIsUserName }, credentials: {}, permissions: {} });
    await world.pipeline.finishFirstImport(id);
  }
});
afterAll(() => world.close());

const db = () => world.pipeline.deps.db;

interface Person { readonly email?: string; readonly name?: { readonly firstName?: string } }

/** A contact as a system puts it, applied. */
async function put(connectorId: string, externalId: string, contact: object): Promise<void> {
  requests += 1;
  const request = customRequest(`/contacts/${externalId}`, contact, { id: `r-${requests}` });
  const event = custom.receive?.(customContext({ class: 'crm' }), request);
  if (event === undefined) throw new Error('a custom system sends');
  await acceptInbound(db(), {
    accountId: 'default', connectorId, kind: event.kind, key: event.key, payload: event.payload, rejected: event.rejected, answer: event.answer,
    bodyHash: createHash('sha256').update(request.rawBody).digest(), receivedAt: new Date().toISOString(),
  });
  await world.pipeline.drain(connectorId);
}

/** Everything goes all the way; answers with what each system was told since the last time. */
async function settle(): Promise<Readonly<Record<string, readonly (readonly [externalId: string, changes: readonly string[], email: unknown, name: unknown])[]>>> {
  const before = await Promise.all([members, crm].map(async (id) => (await readFeed(db(), id)).length));
  await world.settle();
  for (const id of [members, crm]) await world.pipeline.deliver(id);
  const told = await Promise.all([members, crm].map(async (id, index) => {
    const entries = (await readFeed(db(), id)).slice(before[index]);
    return [id, entries.map(({ externalId, changes, data }) => ({ externalId, changes, person: data as Person })).map(({ externalId, changes, person }) => [externalId, changes.toSorted(), person.email, person.name?.firstName] as const)] as const;
  }));
  return Object.fromEntries(told);
}

/** A person changes a profile page of Mail+, and the hub reads it. */
async function changedInMailplus(email: string, properties: Readonly<Record<string, string>>): Promise<void> {
  world.mail.state.editContact({ contact: { email }, properties });
  await world.pull('mailplus-1');
}

const shownAt = async (connectorId: string, externalId: string) => (await findRecordOfThing(db(), connectorId, 'contacts', externalId))?.deliveries.find((delivery) => delivery.connectorId === connectorId);

describe('an e-mail address that is the user name in a custom system', () => {
  it('is not told when it was changed in Mail+, while the other fields are, and the record says why', async () => {
    await put(members, 'M-1', { email: 'ann@example.test', firstName: 'Ann' });
    await put(crm, 'C-1', { email: 'ann@example.test', firstName: 'Ann' });
    await settle();
    await changedInMailplus('ann@example.test', { email: 'ann.new@example.test', firstName: 'Anna' });
    expect(await settle()).toEqual({
      [members]: [['M-1', ['firstName'], 'ann@example.test', 'Anna']],
      [crm]: [['C-1', ['email', 'firstName'], 'ann.new@example.test', 'Anna']],
    });
    expect(await shownAt(members, 'M-1')).toMatchObject({ state: 'delivered', code: 'FIELD_WITHHELD', reason: heldBack });
    expect(await shownAt(crm, 'C-1')).toMatchObject({ state: 'delivered', code: null });
  });

  it('is not told by a change of the address alone, and that is shown as well', async () => {
    await changedInMailplus('ann.new@example.test', { email: 'ann.newer@example.test' });
    expect(await settle()).toEqual({ [members]: [], [crm]: [['C-1', ['email'], 'ann.newer@example.test', 'Anna']] });
    expect(await shownAt(members, 'M-1')).toMatchObject({ state: 'delivered', code: 'FIELD_WITHHELD', reason: heldBack });
  });

  it('comes with a contact that is new there', async () => {
    await put(crm, 'C-2', { email: 'bob@example.test', firstName: 'Bob' });
    const told = await settle();
    expect(told[members]).toEqual([[expect.stringMatching(/^hub-/), ['email', 'firstName'], 'bob@example.test', 'Bob']]);
  });

  it('is told with the next change once the setting is off, and nothing is held back any more', async () => {
    const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', members).executeTakeFirstOrThrow();
    await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, emailIsUserName: false }) }).where('id', '=', members).execute();
    await changedInMailplus('ann.newer@example.test', { firstName: 'Annie' });
    expect((await settle())[members]).toEqual([['M-1', ['email', 'firstName'], 'ann.newer@example.test', 'Annie']]);
    expect(await shownAt(members, 'M-1')).toMatchObject({ state: 'delivered', code: null });
  });
});
