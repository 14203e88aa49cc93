import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { stepThroughPages } from '../../activities/step-through-pages.ts';
import { findMappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { newestMapping } from '../../db/repositories/mapping/mappings.ts';
import { defaultProperties } from '../../sandbox/mailplus/default-properties.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';
import { entry, mapTo, refresh, remap, setMapping, showMapping } from '../support/remap.ts';

let world: HubWorld;
let atPoint: (name: string) => Promise<void>;
const interests = { name: 'list1', description: 'Interests', type: 'set', entries: [{ bit: 1, description: 'Golf', rank: 1 }, { bit: 2, description: 'Tennis', rank: 2 }] } as const;
const texts = ['profileField1', 'profileField2', 'profileField3'].map((name) => ({ name, description: name, type: 'string' as const }));
const nothing = () => Promise.resolve();

beforeAll(async () => {
  atPoint = nothing;
  world = await openWorld({ mailplus: { properties: [...defaultProperties, ...texts, interests] }, overrides: { faultPoint: (name) => atPoint(name) } });
});
afterAll(() => world.close());
afterEach(async () => {
  atPoint = nothing;
  for (const { name } of texts) world.mail.state.setPropertyVisible(name, true);
  await refresh(world);
  await remap(world);
  await mapTo(world, [], 'all');
});

const db = () => world.pipeline.deps.db;
const mail = (name: string) => `${name}@people.test`;
const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T10:00:00.000Z`;
const propertiesOf = (name: string) => world.contact(mail(name))?.properties ?? {};
const canonicalOf = async (name: string) => (await db().selectFrom('record').select(['canonical']).where('email', '=', mail(name)).executeTakeFirstOrThrow()).canonical;
const deliveryStates = async () => (await sql<{ state: string; code: string | null; count: number }>`select state, code, count(*) count from delivery where connector_id = 'mailplus-1' group by 1, 2 order by 1, 2`.execute(db())).rows;
const generation = async () => (await loadConnector(world.pipeline.deps, 'mailplus-1')).row.mapping_generation;

/** What work led to at Mail+: the calls that store contacts, and the properties of each contact in them. */
async function sentBy(work: () => Promise<unknown>): Promise<{ readonly calls: number; readonly contacts: readonly (readonly string[])[] }> {
  const before = world.mail.state.journal().at(-1)?.sequence ?? 0;
  await work();
  const calls = world.mail.state.journal(before).filter(({ operation }) => operation === 'POST /contact/list');
  return { calls: calls.length, contacts: calls.flatMap(({ contacts }) => contacts.map(({ properties }) => properties)) };
}

describe('a mapped field', () => {
  it('arrives in Mail+ for the contacts that are stored, in one call, and nothing else is sent', async () => {
    await world.sync('coins-1', ['a1', 'a2', 'a3'].map((name) => ({ prospectId: name, email: mail(name), ...(name === 'a3' ? {} : { levelOfInterest: `Hot ${name}` }) })));
    await world.settle();
    const sent = await sentBy(() => mapTo(world, [entry('extra.levelOfInterest', 'profileField1')]));
    expect(sent).toEqual({ calls: 1, contacts: [['profileField1'], ['profileField1']] });
    expect(['a1', 'a2', 'a3'].map((name) => propertiesOf(name)['profileField1'])).toEqual(['Hot a1', 'Hot a2', undefined]);
    expect(await showMapping(world)).toMatchObject({ version: expect.any(Number), changedBy: 'test', remap: { state: 'done', looked: 3, total: 3, percent: 100, raised: 3 } });
    expect((await showMapping(world)).lines).toContainEqual({ field: 'extra.levelOfInterest', property: 'profileField1', direction: 'both', from: 'mapping', type: 'string', heldBack: null, goneSince: null });
  });

  it('goes to another property by exactly that property, and what it had keeps its value', async () => {
    await world.sync('coins-1', [{ prospectId: 'b1', email: mail('b1'), levelOfInterest: 'Warm' }]);
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1')]);
    const sent = await sentBy(() => mapTo(world, [entry('extra.levelOfInterest', 'profileField2')]));
    expect(sent.contacts.filter(([name]) => name !== 'profileField2')).toEqual([]);
    expect(propertiesOf('b1')).toMatchObject({ profileField1: 'Warm', profileField2: 'Warm' });
    expect(await sentBy(() => mapTo(world, [entry('extra.levelOfInterest', 'profileField2')]))).toEqual({ calls: 0, contacts: [] });
  });

  it('comes with new contacts at once', async () => {
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1'), entry('extra.source', 'profileField3')]);
    await world.sync('coins-1', [{ prospectId: 'c1', email: mail('c1'), levelOfInterest: 'Hot', source: 'Fair' }]);
    const sent = await sentBy(() => world.settle());
    expect(sent.calls).toBe(1);
    expect(propertiesOf('c1')).toMatchObject({ profileField1: 'Hot', profileField3: 'Fair' });
  });

  it('that is left out is sent no more and stays as it is there', async () => {
    await world.sync('coins-1', [{ prospectId: 'd1', email: mail('d1'), forename: 'Ann', lastModified: at(1) }]);
    await world.settle();
    await mapTo(world, [entry('firstName', null, 'out')]);
    await world.sync('coins-1', [{ prospectId: 'd1', email: mail('d1'), forename: 'Anna', surname: 'Dam', lastModified: at(2) }]);
    expect((await sentBy(() => world.settle())).contacts).toEqual([['lastName']]);
    expect(propertiesOf('d1')).toMatchObject({ firstName: 'Ann', lastName: 'Dam' });
    expect((await sentBy(() => mapTo(world, [], ['firstName']))).contacts).toEqual([['firstName']]);
    expect(propertiesOf('d1')).toMatchObject({ firstName: 'Anna' });
  });
});

describe('a mapping that is read another way', () => {
  it('takes what Mail+ said from one field to the other, with its time, from what is stored', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('e1'), profileField2: 'Gouda' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'e1', email: mail('e1') }]);
    await world.settle();
    const before = await db().selectFrom('record').select(['canonical', 'provenance']).where('email', '=', mail('e1')).executeTakeFirstOrThrow();
    expect(before.canonical).toMatchObject({ 'extra.profileField2': 'Gouda' });
    const reads = () => world.mail.state.journal().filter(({ operation }) => operation !== 'POST /contact/list').length;
    const readBefore = reads();
    const sent = await sentBy(() => mapTo(world, [entry('city', 'profileField2', 'in')]));
    const { canonical } = await db().selectFrom('record').select(['canonical']).where('email', '=', mail('e1')).executeTakeFirstOrThrow();
    expect([canonical['city'], canonical['extra.profileField2']]).toEqual(['Gouda', undefined]);
    expect(sent.contacts).toContainEqual(['city']);
    expect(propertiesOf('e1')).toMatchObject({ city: 'Gouda', profileField2: 'Gouda' });
    const { rows: [source] } = await sql<{ times: unknown; versions: { since: Record<string, string> }[] }>`select field_times times, versions from source_record where connector_id = 'mailplus-1' and canonical->>'city' = 'Gouda'`.execute(db());
    expect(source?.versions).toEqual([expect.objectContaining({ since: expect.objectContaining({ city: expect.any(String) }) })]);
    const { rows: [change] } = await sql<{ changes: object; cause: object }>`select changes, cause from record_change where changes->'city' is not null order by at desc limit 1`.execute(db());
    expect(change).toEqual({ changes: expect.objectContaining({ city: { to: 'Gouda' } }), cause: { kind: 'mapping', connector: 'mailplus-1' } });
    expect(reads() - readBefore).toBeLessThanOrEqual(1);
    await mapTo(world, [], 'all');
    expect(await canonicalOf('e1')).toMatchObject({ 'extra.profileField2': 'Gouda' });
  });

  it('does not take what the hub wrote itself for what Mail+ says', async () => {
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1', 'out')]);
    await world.sync('coins-1', [{ prospectId: 'f1', email: mail('f1'), levelOfInterest: 'Hot' }]);
    await world.settle();
    await world.pull('mailplus-1');
    await world.settle();
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField3', 'out'), entry('jobTitle', 'profileField1', 'in')]);
    expect(await canonicalOf('f1')).not.toHaveProperty('jobTitle');
    expect(propertiesOf('f1')).toMatchObject({ profileField1: 'Hot', profileField3: 'Hot' });
  });

  it('reads an edit in Mail+ where the mapping says so, and not where it is only written', async () => {
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1'), entry('extra.source', 'profileField2', 'out')]);
    await world.sync('coins-1', [{ prospectId: 'g1', email: mail('g1'), levelOfInterest: 'Hot', source: 'Fair' }]);
    await world.settle();
    world.mail.state.editContact({ contact: { email: mail('g1') }, properties: { profileField1: 'Cold', profileField2: 'Friend' } });
    await world.pull('mailplus-1');
    await world.settle();
    expect(await canonicalOf('g1')).toMatchObject({ 'extra.levelOfInterest': 'Cold', 'extra.source': 'Fair' });
    expect(propertiesOf('g1')).toMatchObject({ profileField1: 'Cold', profileField2: 'Fair' });
  });

  it('is never overtaken by a page that was read by the old one', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('h1'), profileField2: 'Delft' } }]);
    const { deps } = world.pipeline;
    const connector = await loadConnector(deps, 'mailplus-1');
    const context = await loadApplyContext(deps, connector);
    const stream = connector.platform.description.streams.find(({ name }) => name === 'contacts');
    if (stream === undefined) throw new Error('no stream');
    await setMapping(world, [entry('city', 'profileField2', 'in')]);
    await remap(world);
    const window = { from: '2000-01-01T00:00:00.000Z', to: new Date(Date.now() + 1_000).toISOString() };
    await stepThroughPages(deps, connector, context, { stream, window, urgency: 'bulk', cause: { kind: 'test' } }, new AbortController().signal);
    expect(await canonicalOf('h1')).toMatchObject({ city: 'Delft' });
    expect(await canonicalOf('h1')).not.toHaveProperty(['extra.profileField2']);
  });
});

describe('a mapping that can not be', () => {
  it.each([
    ['an unknown property', entry('extra.plot', 'freeField9'), /no property «freeField9»/], ['a wrong type', entry('firstName', 'freeField1'), /«freeField1» of type int: .*whole number/],
    ['a read-only one', entry('extra.plot', 'encryptedId'), /read-only/], ['the permissions', entry('extra.plot', 'permissions:1'), /linked by their names/], ['a whole set', entry('extra.plot', 'list1'), /switches.*list1:2/],
    ['a switch for a text', entry('city', 'list1:1'), /yes or no/], ['a field that the hub has not', entry('town', 'profileField1'), /no field «town»/], ['the e-mail address left out', entry('email', null), /contacts are found by it/],
    ['the e-mail address elsewhere', entry('email', 'profileField1'), /no e-mail address|Contacts are found/],
  ])('is refused with the field: %s', async (_, wrong, reason) => {
    await world.sync('coins-1', [{ prospectId: 'i1', email: mail('i1') }]);
    await world.settle();
    const before = [await newestMapping(db(), 'mailplus-1'), await generation()];
    await expect(setMapping(world, [entry('extra.status', 'profileField3'), wrong])).rejects.toMatchObject({ code: 'MAPPING_INVALID', message: expect.stringMatching(reason), facts: { field: wrong.field } });
    expect([await newestMapping(db(), 'mailplus-1'), await generation()]).toEqual(before);
  });

  it('is refused when two fields want one property', async () => {
    const twice = setMapping(world, [entry('extra.plot', 'profileField1'), entry('extra.status', 'profileField1', 'out')]);
    await expect(twice).rejects.toMatchObject({ code: 'MAPPING_INVALID', message: expect.stringContaining('«profileField1» is mapped to «extra.plot» already (out)') });
  });

  it('waits while stored contacts are read anew for the last one', async () => {
    await setMapping(world, [entry('city', 'profileField2', 'in')]);
    await expect(setMapping(world, [entry('city', 'profileField1', 'in')])).rejects.toMatchObject({ code: 'REMAP_RUNNING' });
    await setMapping(world, [entry('extra.plot', 'profileField1', 'out')]);
    expect(await findMappingRun(db(), 'mailplus-1')).toMatchObject({ state: 'running', before: expect.objectContaining({ in: expect.objectContaining({ city: 'city' }) }) });
    await remap(world);
    expect(await findMappingRun(db(), 'mailplus-1')).toMatchObject({ state: 'done', before: null });
  });
});

describe('bringing stored contacts in line', () => {
  it('goes on behind the last step when it was killed, and raises each once', async () => {
    await world.sync('coins-1', Array.from({ length: 450 }, (_, i) => ({ prospectId: `j${i}`, email: mail(`j${i}`), levelOfInterest: `Level ${i}` })));
    await world.settle();
    await setMapping(world, [entry('extra.levelOfInterest', 'profileField1')]);
    let steps = 0;
    const dying = remap(world, { faultPoint: async (name) => {
      steps += name === 'during-remap' ? 1 : 0;
      if (steps === 2) throw new Error('killed');
    } });
    await expect(dying).rejects.toThrow('killed');
    const half = await showMapping(world);
    expect(half.remap).toMatchObject({ state: 'running', looked: 200 });
    expect(half.remap?.percent).toBeGreaterThan(10);
    const progress = await remap(world);
    const { rows: [all] } = await sql<{ count: number }>`select count(*) count from record where merged_into is null`.execute(db());
    expect(progress).toMatchObject({ more: false, looked: all?.count, raised: all?.count });
    await world.settle();
    expect(propertiesOf('j449')['profileField1']).toBe('Level 449');
    expect((await deliveryStates()).filter(({ state }) => state !== 'delivered')).toEqual([]);
  }, 120_000);

  it('is not lost on a delivery that is under way with the old mapping', async () => {
    await world.sync('coins-1', [{ prospectId: 'k1', email: mail('k1'), levelOfInterest: 'Hot' }]);
    atPoint = async (name) => {
      if (name !== 'intent-before-call') return;
      atPoint = nothing;
      await setMapping(world, [entry('extra.levelOfInterest', 'profileField1')]);
      await remap(world);
    };
    expect(await world.pipeline.deliver('mailplus-1')).toMatchObject({ sent: 1, more: true });
    expect(propertiesOf('k1')).not.toHaveProperty('profileField1');
    await world.settle();
    expect(propertiesOf('k1')).toMatchObject({ profileField1: 'Hot' });
  });

  it('begins anew when the mapping is changed once more in the middle of a step', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('r1'), profileField2: 'Gouda' } }]);
    await world.pull('mailplus-1');
    await setMapping(world, [entry('extra.levelOfInterest', 'profileField1', 'out')]);
    let changed = false;
    const progress = await remap(world, { faultPoint: async () => {
      if (changed) return;
      changed = true;
      await setMapping(world, [entry('city', 'profileField2', 'in')]);
    } });
    expect(progress).toMatchObject({ more: false, looked: progress.total });
    expect(await canonicalOf('r1')).toMatchObject({ city: 'Gouda' });
  });

  it('makes nobody again who is gone in Mail+', async () => {
    await world.sync('coins-1', [{ prospectId: 'l1', email: mail('l1'), levelOfInterest: 'Hot' }]);
    await world.settle();
    await sql`update link set gone_at = now() where connector_id = 'mailplus-1' and record_id = (select id from record where email = ${mail('l1')})`.execute(db());
    const sent = await sentBy(() => mapTo(world, [entry('extra.levelOfInterest', 'profileField1')]));
    expect(sent.contacts).not.toContainEqual(expect.arrayContaining(['email']));
    await sql`update link set gone_at = null`.execute(db());
  });
});

describe('a property that the account does not show any more', () => {
  it('holds back only itself when Mail+ refuses it, is shown, and comes when it is back', async () => {
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1')]);
    await world.sync('coins-1', [{ prospectId: 'm1', email: mail('m1'), levelOfInterest: 'Hot', lastModified: at(1) }]);
    await world.settle();
    world.mail.state.setPropertyVisible('profileField1', false);
    await world.sync('coins-1', [{ prospectId: 'm1', email: mail('m1'), forename: 'Mia', levelOfInterest: 'Cold', lastModified: at(2) }]);
    expect(await world.pipeline.deliver('mailplus-1')).toMatchObject({ more: true });
    await remap(world);
    await world.sync('coins-1', [{ prospectId: 'm2', email: mail('m2'), levelOfInterest: 'Hot' }]);
    await world.settle();
    expect([propertiesOf('m1')['firstName'], world.contact(mail('m2'))?.email]).toEqual(['Mia', mail('m2')]);
    expect((await deliveryStates()).filter(({ state }) => state === 'failed')).toEqual([]);
    expect((await showMapping(world)).lines.find(({ field }) => field === 'extra.levelOfInterest')).toMatchObject({ property: 'profileField1', heldBack: 'the account does not show this property any more', goneSince: expect.any(String) });
    world.mail.state.setPropertyVisible('profileField1', true);
    await refresh(world);
    await remap(world);
    const sent = await sentBy(() => world.settle());
    expect(sent.contacts).toEqual([['profileField1'], ['profileField1']]);
    expect(['m1', 'm2'].map((name) => propertiesOf(name)['profileField1'])).toEqual(['Cold', 'Hot']);
    expect((await showMapping(world)).lines.filter(({ goneSince }) => goneSince !== null)).toEqual([]);
  });

  it('keeps what it said, here and at others, when its contacts are read again', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('p1'), profileField2: 'Gouda', city: 'Gouda' } }]);
    await mapTo(world, [entry('jobTitle', 'profileField2')]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'p1', email: mail('p1') }]);
    await world.settle();
    world.mail.state.setPropertyVisible('profileField2', false);
    await refresh(world);
    world.mail.state.editContact({ contact: { email: mail('p1') }, properties: { city: 'Delft' } });
    await world.pull('mailplus-1');
    await world.settle();
    expect(await canonicalOf('p1')).toMatchObject({ jobTitle: 'Gouda', city: 'Delft' });
    world.mail.state.setPropertyVisible('profileField2', true);
    await refresh(world);
    await world.pull('mailplus-1');
    await remap(world);
    await world.settle();
    expect(await canonicalOf('p1')).toMatchObject({ jobTitle: 'Gouda', city: 'Delft' });
    expect(propertiesOf('p1')).toMatchObject({ profileField2: 'Gouda' });
  });

  it('is noticed by a read before what that does not show is taken to be empty', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('q1'), profileField2: 'Gouda', city: 'Gouda' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'q1', email: mail('q1') }]);
    await world.settle();
    world.mail.state.setPropertyVisible('profileField2', false);
    world.mail.state.editContact({ contact: { email: mail('q1') }, properties: { city: 'Delft' } });
    await sql`update connector_field set discovered_at = discovered_at - interval '2 minutes'`.execute(db());
    const looks = () => world.mail.state.counters()['GET /contact/properties/list']?.calls ?? 0;
    const before = looks();
    await world.pull('mailplus-1');
    await world.pull('mailplus-1');
    expect(looks() - before).toBe(1);
    expect(await canonicalOf('q1')).toMatchObject({ 'extra.profileField2': 'Gouda', city: 'Delft' });
  });

  it('is held back from the next look at the fields on, without a refused call', async () => {
    await mapTo(world, [entry('extra.levelOfInterest', 'profileField1')]);
    world.mail.state.setPropertyVisible('profileField1', false);
    await refresh(world);
    await world.sync('coins-1', [{ prospectId: 'n1', email: mail('n1'), levelOfInterest: 'Hot' }]);
    expect((await sentBy(() => world.settle())).contacts.flat()).not.toContain('profileField1');
    expect(world.contact(mail('n1'))).toBeDefined();
  });

  it('leaves a value that Mail+ refuses a matter of its contact alone', async () => {
    const before = await generation();
    world.mail.state.seedContacts([{ properties: { email: mail('o1') } }]);
    world.mail.state.addFault({ action: 'status', path: '/contact/list', status: 400, body: JSON.stringify({ errorType: 'INVALID_PROPERTY', message: 'Property is invalid: firstName' }), contentType: 'application/json', count: 1 });
    await world.sync('coins-1', [{ prospectId: 'o2', email: mail('o2'), forename: 'Odd' }]);
    await world.settle();
    expect(await generation()).toBe(before);
    expect((await deliveryStates()).filter(({ state }) => state === 'failed')).toEqual([{ state: 'failed', code: 'RECORD_REFUSED', count: 1 }]);
  });
});
