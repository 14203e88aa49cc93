import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { switchedTooOften } from '../../demo/mailplus-checks.ts';
import { EMAIL_CONSENT, EMAIL_PERMISSION_BIT, expectOutcome, generateDataset, streamProspects, type Expected, type ExpectedPerson } from '../../sandbox/dataset/index.ts';
import type { ListSyncReport } from '../../sandbox/coins/index.ts';
import { addByCommand, untilLive } from '../support/e2e-connectors.ts';
import { leaksIn, leaksOf, namesOf } from '../support/e2e-leaks.ts';
import type { ListSyncOrder } from '../support/e2e-sandboxes.ts';
import { openE2eWorld, type E2eWorld } from '../support/e2e-world.ts';
import { testSeed } from '../support/test-seed.ts';
import { waitFor } from '../support/wait-for.ts';

const seed = testSeed() % 1_000_000;
const [firstSize, secondSize] = [300, 100];
const data = generateDataset({ seed, prospects: firstSize, existingContacts: 80 });
const second = [...streamProspects(seed, firstSize, firstSize + secondSize)];
const all = [...data.prospects, ...second];
const permission = { code: EMAIL_CONSENT.code, bit: EMAIL_PERMISSION_BIT };
const campaign = { id: 'CAMP-7', name: 'Spring homes', startDate: '2027-03-01', endDate: '2027-04-30' };
const expectedInTheEnd = expectOutcome({ prospects: all, existingContacts: data.existingContacts, permission });

/** People with the permission on whom only prospects of the first list share; `edit`, `unsubscribe` and `bounce` are different ones. */
const actors = pickActors(data.expected, expectedInTheEnd);

describe('the main job, from end to end in processes of their own', () => {
  let world: E2eWorld;
  let order: Pick<ListSyncOrder, 'hubUrl' | 'connectorId' | 'token'>;

  beforeAll(async () => {
    world = await openE2eWorld({ contacts: data.existingContacts, cards: data.prospects });
    await Promise.all([world.hub.start('worker'), world.hub.start('gateway')]);
  }, 120_000);

  afterAll(async () => {
    await world.close();
  });

  it('takes a Mail+ and a Coins added with the command line tool, in the order of the onboarding page, and reads what Mail+ has', async () => {
    const { hub, mail, coins } = world;
    await addByCommand(hub, 'mailplus', mail, { baseUrl: mail.url, pullIntervalMs: 1_000 });
    const token = await addByCommand(hub, 'coins', coins, { baseUrl: coins.url, pullIntervalMs: 1_000 });
    order = { hubUrl: hub.gatewayUrl, connectorId: 'coins-1', token };
    await Promise.all([untilLive(hub, 'mailplus-1'), untilLive(hub, 'coins-1')]);
    expect(await hub.row('select count(*)::int as contacts from link where connector_id = \'mailplus-1\'')).toEqual({ contacts: data.existingContacts.length });
    expect((await mail.effects()).totals).toMatchObject({ changingUpserts: 0, identicalUpserts: 0 });
  }, 120_000);

  it('brings a list sync into Mail+ once, with the permissions that the prospects gave', async () => {
    const report = await sync({ listId: 'L-1', name: 'Oakwold launch', campaign, pageSize: 40, order: 'with-duplicates', seed });
    expect(report).toMatchObject({ state: 'done', accepted: data.expected.prospectsAccepted, failures: [], differingAnswers: [] });
    expect(report.rejected.map(({ prospectId }) => prospectId).toSorted()).toEqual(data.expected.rejections.map(({ prospectId }) => prospectId).toSorted());
    await world.hub.untilQuiet();
    await expectMailplus(data.expected);
    const [list] = await world.mail.lists();
    expect(list?.name).toContain(`Oakwold launch – ${campaign.name}`);
    expect(list?.members).toHaveLength(data.expected.people);
  }, 120_000);

  it('says nothing more than once: one upsert for each person, no permission switched more often than people said', async () => {
    const { totals, listsCreated, repeatedFlips, identicalUpserts } = await world.mail.effects();
    expect(totals).toMatchObject({ contactsCreated: data.expected.contactsNew, refusedUpserts: 0, listMembersRepeated: 0 });
    expect(switchedTooOften({ repeatedFlips }, data.expected)).toBe(0);
    expect(Object.values(listsCreated)).toEqual([1]);
    expect(Object.keys(identicalUpserts)).toEqual(['0']);
  });

  it('brings a profile edit, an unsubscribe and what a mailing came to back to every prospect card, with the campaign, and one task for who bounced', async () => {
    const { mail, coins } = world;
    await mail.edit({ email: actors.edit.email }, { firstName: 'Quillonia' });
    await mail.unsubscribe({ email: actors.unsubscribe.email }, EMAIL_PERMISSION_BIT);
    const clicked = actors.click.map(({ email }) => email);
    const mailing = await mail.sendMailing({
      name: 'Spring letter', recipients: { list: listNameOf(await mail.lists()), bit: EMAIL_PERMISSION_BIT }, clicked: { emails: clicked }, links: [{ id: 1, name: 'Plan', url: 'https://homes.example/plan' }],
    });
    await mail.bounce({ email: actors.bounce.email }, mailing.encryptedId);
    const sentCards = cardsOf([...data.expected.peopleByEmail.values()].filter((person) => person.permissionOn)).length - actors.unsubscribe.prospectIds.length;
    const wanted = { 'email.sent': sentCards, 'email.clicked': cardsOf(actors.click).length, 'email.bounced': actors.bounce.prospectIds.length };
    await waitFor(async () => sameCounts((await coins.journal()).counts.activitiesByType, wanted), { timeoutMs: 30_000, message: `the activities ${JSON.stringify(wanted)}` });
    for (const id of actors.edit.prospectIds) await waitFor(async () => (await coins.card(id)).prospect.forename === 'Quillonia', { timeoutMs: 20_000, message: `the edit at ${id}` });
    for (const id of actors.unsubscribe.prospectIds) {
      await waitFor(async () => (await coins.card(id)).prospect.consents.some(({ code, value, date }) => code === permission.code && !value && date !== null), { timeoutMs: 20_000, message: `the unsubscribe at ${id}` });
    }
    for (const id of cardsOf([actors.bounce, ...actors.click])) {
      const { activities } = await coins.card(id);
      expect(activities.every(({ campaignId, listId }) => campaignId === campaign.id && listId === 'L-1')).toBe(true);
    }
    await world.hub.untilQuiet();
    expect((await coins.journal()).counts).toMatchObject({ activitiesDoubled: 0, activitiesRepeated: 0, activitiesConflicting: 0, activitiesOfUnknownCampaigns: 0, tasksStored: 1, tasksDoubled: 0, tasksConflicting: 0 });
    const tasks = (await Promise.all(actors.bounce.prospectIds.map(async (id) => (await coins.card(id)).tasks))).flat();
    expect(tasks).toMatchObject([{ assignee: expect.stringMatching(/./), description: expect.stringMatching(/Who follows this person up[^]*new employer/) }]);
  }, 120_000);

  it('goes on with a second list that shares people with the first, while a platform fails with personal data in its words', async () => {
    const { mail, coins, hub } = world;
    await coins.put(second);
    await mail.fault({ action: 'status', status: 503, body: `{"message":"${actors.edit.email} is being saved"}`, method: 'POST', path: '/contact/list', count: 1 });
    await sync({ listId: 'L-2', name: 'Kiln Row release', campaign, prospectIds: second.map(({ prospectId }) => prospectId), pageSize: 25, parallel: 3 });
    await hub.untilQuiet();
    await expectMailplus(expectedInTheEnd, [actors.unsubscribe.email, actors.bounce.email]);
    expect(switchedTooOften(await mail.effects(), expectedInTheEnd)).toBe(0);
    expect(Object.values((await mail.effects()).listsCreated)).toEqual([1, 1]);
    expect(await hub.row('select count(*)::int as calls from call_attempt where status = 503')).toEqual({ calls: 1 });
  }, 120_000);

  it('has put no name, address, phone, token, key or secret into a workflow or a log', async () => {
    const names = [...namesOf(all), ...data.existingContacts.flatMap(({ properties }) => [properties.firstName, properties.lastName]), 'Quillonia'];
    expect(await leaksOf(world, names, [order.token])).toEqual([]);
    const people = new Map([['Mail+', JSON.stringify(await world.mail.contacts())]]);
    expect(leaksIn(people, { names, secrets: [] }).length).toBeGreaterThan(data.expected.people);
  }, 120_000);

  async function sync(list: Omit<ListSyncOrder, 'hubUrl' | 'connectorId' | 'token'>): Promise<ListSyncReport> {
    const { coins } = world;
    return coins.listSyncDone(await coins.startListSync({ ...order, ...list }));
  }

  /** Everybody once, each with the right permission; those in `off` have it off whatever the prospects said. */
  async function expectMailplus(expected: Expected, off: readonly string[] = []): Promise<void> {
    const contacts = await world.mail.contacts();
    const byEmail = new Map(contacts.map((contact) => [contact.email?.toLowerCase(), contact]));
    const wrong = [...expected.peopleByEmail].flatMap(([email, person]) => {
      const isOn = byEmail.get(email)?.permissions.includes(EMAIL_PERMISSION_BIT) ?? 'missing';
      const wanted = person.permissionOn && !off.includes(email);
      return isOn === wanted || (isOn !== 'missing' && off.includes(email)) ? [] : [{ email, wanted, isOn }];
    });
    expect(wrong).toEqual([]);
    expect(contacts).toHaveLength(expected.contactsAtEnd);
    expect(byEmail.size).toBe(expected.contactsAtEnd);
  }
});

type Actor = ExpectedPerson & { readonly email: string };

function pickActors(first: Expected, last: Expected): { readonly edit: Actor; readonly unsubscribe: Actor; readonly bounce: Actor; readonly click: readonly Actor[] } {
  const usable = [...first.peopleByEmail].map(([email, person]) => ({ email, ...person }))
    .filter(({ email, permissionOn, prospectIds }) => permissionOn && last.peopleByEmail.get(email)?.prospectIds.length === prospectIds.length)
    .toSorted((a, b) => b.prospectIds.length - a.prospectIds.length);
  const [edit, unsubscribe, bounce, ...click] = usable.slice(0, 8);
  if (edit === undefined || unsubscribe === undefined || bounce === undefined) throw new Error(`The seed ${seed} has too few people with a permission.`);
  return { edit, unsubscribe, bounce, click };
}

const cardsOf = (people: readonly ExpectedPerson[]): readonly string[] => people.flatMap(({ prospectIds }) => prospectIds);

const sameCounts = (counts: Readonly<Record<string, number>>, wanted: Readonly<Record<string, number>>): boolean =>
  Object.entries(wanted).every(([type, count]) => counts[type] === count) && Object.keys(counts).length === Object.keys(wanted).length;

function listNameOf(lists: readonly { readonly name: string }[]): string {
  const [list] = lists;
  if (list === undefined) throw new Error('Mail+ has no list.');
  return list.name;
}
