import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { freeName, readListId, writeListId } from '../../platforms/mailplus/list-names.ts';
import type { ActionOutcome } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { accountFields } from './mailplus-account.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

const seed = (count: number): string[] => {
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  sandbox.state.seedContacts(ids.map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  return ids;
};
const act = (kind: string, payload: unknown, changes: ContextChanges = {}): Promise<ActionOutcome> =>
  mailplus.act(mailplusContext(sandbox.url, { fields: accountFields, ...changes }), { id: 1, kind, target: 'L-55', cause: 'LS-1', payload });
const replace = (syncId: string, memberExternalIds: readonly string[], more: { listId?: string; name?: string } = {}, changes: ContextChanges = {}): Promise<ActionOutcome> =>
  act('list.replace', { listId: 'L-55', name: 'Oakwood launch', syncId, memberExternalIds, ...more }, changes);
const lists = () => sandbox.state.lists().map(({ externalTemporaryListId, name, members }) => ({ externalId: externalTemporaryListId, name, members: members.length }));
const addCalls = () => sandbox.state.counters()['POST /templist/{externalTemporaryListId}']?.calls ?? 0;

describe('static lists in Mail+', () => {
  it('makes a list of all members, a thousand a call, the first with the making', async () => {
    await expect(replace('LS-1', seed(2_300))).resolves.toEqual({ kind: 'done' });
    expect(lists()).toEqual([{ externalId: 'hub.mailplus-1.L-55.LS-1', name: 'Oakwood launch', members: 2_300 }]);
    expect(addCalls()).toBe(2);
  });

  it('puts the list of a later sync in the place of the earlier one, under the same name', async () => {
    const ids = seed(3);
    await replace('LS-1', ids);
    await expect(replace('LS-2', ids.slice(1))).resolves.toEqual({ kind: 'done' });
    expect(lists()).toEqual([{ externalId: 'hub.mailplus-1.L-55.LS-2', name: 'Oakwood launch', members: 2 }]);
  });

  it('can be repeated after it broke off at any call, to the same end', async () => {
    const ids = seed(1_500);
    await replace('LS-1', ids.slice(0, 10));
    for (let call = 0; call < 5; call += 1) {
      for (const when of ['before', 'after'] as const) {
        sandbox.state.addFault({ action: 'reset', when, skip: call, count: 1 });
        await replace('LS-2', ids).catch((error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^PLATFORM_(RESET|UNREACHABLE)$/) }));
        sandbox.state.clearFaults();
      }
    }
    await expect(replace('LS-2', ids)).resolves.toEqual({ kind: 'done' });
    expect(lists()).toEqual([{ externalId: 'hub.mailplus-1.L-55.LS-2', name: 'Oakwood launch', members: 1_500 }]);
  });

  it('leaves out members that Mail+ does not know, and says how many', async () => {
    const ids = seed(200);
    await expect(replace('LS-1', [...ids, 'stranger-1', ...ids, 'stranger-2'])).resolves.toEqual({ kind: 'done', note: '2 of 202 members are not known in Mail+ and were left out' });
    expect(lists()).toMatchObject([{ members: 200 }]);
  });

  it('waits when far too many members are not known', async () => {
    const strangers = Array.from({ length: 1_000 }, (_, index) => `stranger-${index}`);
    await expect(replace('LS-1', strangers)).resolves.toMatchObject({ kind: 'later' });
    expect(addCalls()).toBeLessThan(500);
  });

  it('waits while Mail+ uses the earlier list', async () => {
    const ids = seed(1);
    await replace('LS-1', ids);
    sandbox.state.setListInUse('Oakwood launch', true);
    await expect(replace('LS-2', ids)).resolves.toMatchObject({ kind: 'later' });
    await expect(act('list.remove', { listId: 'L-55' })).resolves.toMatchObject({ kind: 'later' });
    expect(lists()).toMatchObject([{ externalId: 'hub.mailplus-1.L-55.LS-1' }]);
  });

  it('takes another name when somebody else has it, whatever its capitals', async () => {
    sandbox.state.addAccountList({ name: 'OAKWOOD launch' });
    await replace('LS-1', seed(1));
    expect(lists().map(({ name }) => name)).toEqual(['OAKWOOD launch', 'Oakwood launch (2)']);
  });

  it('says what to do when Mail+ has no room, and touches nothing', async () => {
    for (let index = 0; index < 30; index += 1) sandbox.state.addAccountList({ name: `List ${index}` });
    await expect(replace('LS-1', seed(1))).resolves.toMatchObject({ kind: 'refused', code: 'PLATFORM_LIMIT_REACHED', message: expect.stringMatching(/30.*removeOldestList/) });
    await expect(replace('LS-1', ['c0'], {}, { settings: { removeOldestList: true } })).resolves.toMatchObject({ kind: 'refused', message: expect.not.stringContaining('setting') });
    expect(lists()).toHaveLength(30);
  });

  it('lets the oldest of its own lists go only if the setting says so', async () => {
    const ids = seed(1);
    await replace('LS-1', ids, { listId: 'other-connector' }, { connectorId: 'mailplus-2' });
    for (const listId of ['A', 'B']) {
      sandbox.state.setClockOffset(listId === 'A' ? 1_000 : 2_000);
      await replace('LS-1', ids, { listId, name: `List ${listId}` });
    }
    for (let index = 0; index < 27; index += 1) sandbox.state.addAccountList({ name: `Theirs ${index}` });
    await expect(replace('LS-1', ids, { listId: 'C', name: 'List C' }, { settings: { removeOldestList: true } })).resolves.toEqual({ kind: 'done' });
    expect(lists().flatMap(({ externalId }) => externalId ?? [])).toEqual(['hub.mailplus-2.other-connector.LS-1', 'hub.mailplus-1.B.LS-1', 'hub.mailplus-1.C.LS-1']);
  });

  it('removes all lists of one source list, and has nothing against there being none', async () => {
    const ids = seed(1);
    await replace('LS-1', ids);
    await replace('LS-1', ids, { listId: 'L-56', name: 'Another' });
    await expect(act('list.remove', { listId: 'L-55' })).resolves.toEqual({ kind: 'done' });
    await expect(act('list.remove', { listId: 'L-55' })).resolves.toEqual({ kind: 'done' });
    expect(lists().map(({ name }) => name)).toEqual(['Another']);
  });

  it('knows no other action and no other payload', async () => {
    await expect(act('list.shuffle', {})).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(act('list.replace', { listId: 'L-55' })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('names of lists', () => {
  it.each([['mailplus-1', 'L-55', 'LS-1'], ['a.b', 'x/y z', 'ü~.'], ['hub', '', '..']])('keeps %s, %s and %s apart in one id', (connectorId, listId, syncId) => {
    const id = writeListId({ connectorId, listId, syncId });
    expect(id).toMatch(/^hub\.[\w~-]*\.[\w~-]*\.[\w~-]*$/);
    expect(readListId(id)).toEqual({ connectorId, listId, syncId });
  });

  it.each(['portal-sync', 'hub.a.b', 'hub.a.b.c.d', 'hub.a.b.~zz', 'other.a.b.c'])('takes «%s» for somebody else\'s', (id) => expect(readListId(id)).toBeUndefined());

  it('numbers a name until it is free', () => {
    expect(freeName('A', ['B'])).toBe('A');
    expect(freeName(' A ', ['a', 'A (2)'])).toBe('A (3)');
  });
});
