import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { numberedName, writeAudienceId } from '../../platforms/mailplus/list-names.ts';
import type { ActionOutcome, ActionStep } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox, type MailplusSandboxOptions } from '../../sandbox/mailplus/index.ts';
import { accountFields } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';

let sandbox: MailplusSandbox;
let steps: ActionStep[] = [];
const start = async (options: MailplusSandboxOptions = {}): Promise<void> => { sandbox = await startMailplusSandbox(options); };
beforeEach(() => { steps = []; });
afterEach(() => sandbox.close());

const seed = (count: number): string[] => {
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  sandbox.state.seedContacts(ids.map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  return ids;
};
const context = () => mailplusContext(sandbox.url, { fields: accountFields, settings: { selections: 'audiences' } });
const act = (kind: string, payload: object): Promise<ActionOutcome> =>
  mailplus.act(context(), { id: 1, kind, target: 'audience:L-55', cause: 'LS-1', payload, report: async (step) => void steps.push(step) });
const replace = (more: object): Promise<ActionOutcome> =>
  act('audience.replace', { listId: 'L-55', name: 'Oakwood', isMade: false, isRenamed: false, add: [], remove: [], isWhole: false, ...more });
const audiences = () => sandbox.state.groups.audiences().map(({ externalId, name, members }) => ({ externalId, name, members: members.length }));
const calls = () => Object.fromEntries(Object.entries(sandbox.state.counters()).flatMap(([name, { calls: count }]) => (name.includes('/audience') ? [[name, count]] : [])));

describe('audiences in Mail+', () => {
  it('are filled and emptied of 6,000 members with no call more than it takes', async () => {
    await start();
    const ids = seed(6_000);
    await expect(replace({ add: ids })).resolves.toEqual({ kind: 'done' });
    expect(audiences()).toEqual([{ externalId: 'hub.mailplus-1.L-55', name: 'Oakwood', members: 6_000 }]);
    expect(calls()).toEqual({ 'POST /audience': 1, 'POST /audience/{externalId}/contact': 3 });
    expect(steps.map((step) => [step.kind, 'members' in step ? step.members.length : 0])).toEqual([['named', 0], ['added', 2_500], ['added', 2_500], ['added', 1_000]]);
    await expect(replace({ isMade: true, remove: ids.slice(0, 2_600) })).resolves.toEqual({ kind: 'done' });
    await expect(replace({ isMade: true, remove: ids.slice(2_600), isWhole: true })).resolves.toEqual({ kind: 'done' });
    await expect(replace({ isMade: true })).resolves.toEqual({ kind: 'done' });
    expect(calls()).toMatchObject({ 'DELETE /audience/{externalId}/contact': 3 });
    expect(audiences()).toMatchObject([{ members: 0 }]);
  });

  it('leave out contacts that Mail+ does not know with one call more, and count them', async () => {
    await start();
    const ids = seed(3);
    await expect(replace({ add: [...ids, 'stranger-1', 'stranger-2'] })).resolves.toEqual({ kind: 'done', note: '2 of 5 new members are not known in Mail+ and were left out' });
    expect(audiences()).toMatchObject([{ members: 3 }]);
    expect(calls()).toMatchObject({ 'POST /audience/{externalId}/contact': 2 });
    await expect(replace({ isMade: true, remove: ['c0', 'stranger-3'] })).resolves.toEqual({ kind: 'done' });
    expect(audiences()).toMatchObject([{ members: 2 }]);
    expect(steps.at(-1)).toEqual({ kind: 'removed', members: ['c0', 'stranger-3'] });
  });

  it.each([[false], [true]])('of an earlier hub with the same id are emptied first, with error types left out: %s', async (emptyAudienceErrors) => {
    await start({ emptyAudienceErrors });
    const ids = seed(4);
    await replace({ add: ids.slice(0, 3), name: 'Of before' });
    await expect(replace({ add: ids.slice(3) })).resolves.toEqual({ kind: 'done' });
    expect(audiences()).toEqual([{ externalId: 'hub.mailplus-1.L-55', name: 'Oakwood', members: 1 }]);
  });

  it.each([[false], [true]])('get a number where their name is taken, with error types left out: %s', async (emptyAudienceErrors) => {
    await start({ emptyAudienceErrors });
    await replace({ listId: 'another', name: 'Oakwood' });
    await expect(replace({})).resolves.toEqual({ kind: 'done' });
    expect(steps.at(-1)).toEqual({ kind: 'named', name: 'Oakwood (2)' });
    await expect(replace({ isMade: true, isRenamed: true, name: 'Elm' })).resolves.toEqual({ kind: 'done' });
    expect(audiences().map(({ name }) => name)).toEqual(['Oakwood', 'Elm']);
  });

  it('say what to do when Mail+ makes no more', async () => {
    await start({ maxAudiences: 1 });
    await replace({ listId: 'another', name: 'Another' });
    await expect(replace({})).resolves.toMatchObject({ kind: 'refused', code: 'PLATFORM_LIMIT_REACHED', message: expect.stringContaining('Remove one in Mail+') });
  });

  it('are not asked for again within one action where the licence has none, and the check says so', async () => {
    await start({ audiencesLicensed: false });
    const ids = seed(6_000);
    await expect(replace({ add: ids })).resolves.toMatchObject({ kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: expect.stringContaining('Automation and eCommerce') });
    expect(calls()).toEqual({ 'POST /audience': 1 });
    expect((await mailplus.checkConnection(context())).notes).toContainEqual(expect.stringContaining('This Mail+ licence has no audiences'));
    sandbox.state.groups.setAudiencesLicensed(true);
    expect((await mailplus.checkConnection(context())).notes).not.toContainEqual(expect.stringContaining('licence'));
  });

  it('are reported as gone when a person deleted them, so that they are made anew', async () => {
    await start();
    await expect(replace({ isMade: true, add: seed(1) })).resolves.toMatchObject({ kind: 'later' });
    expect(steps).toEqual([{ kind: 'gone' }]);
    await expect(act('audience.remove', { listId: 'L-55', isMade: true })).resolves.toEqual({ kind: 'done' });
  });

  it('have an id and a name of at most 255 characters, none of which is cut in two', () => {
    const long = writeAudienceId('mailplus-1', `coins-1.${'é'.repeat(200)}`);
    expect(long.length).toBeLessThanOrEqual(255);
    expect(long).not.toBe(writeAudienceId('mailplus-1', `coins-1.${'é'.repeat(201)}`));
    expect(numberedName('x'.repeat(300), 12)).toBe(`${'x'.repeat(250)} (12)`);
    expect(numberedName(`${'x'.repeat(254)}😀`, 1)).toBe('x'.repeat(254));
  });
});
