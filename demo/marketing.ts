import { EMAIL_CONSENT, EMAIL_PERMISSION_BIT } from '../sandbox/dataset/index.ts';
import { campaign } from './list-sync.ts';
import { cardsOf, type ChosenPerson } from './data.ts';
import { coinsCounts, consentOn, type CoinsCards } from './outside.ts';
import { watchProgress } from './progress.ts';
import { untilQuiet, type Stage } from './stage.ts';

/** What Coins has to count in the end, worked out from the data and from what was done in Mail+. */
export interface ExpectedActivities {
  readonly sent: number;
  readonly clicked: number;
  readonly bounced: number;
  /** One for each person whose mail bounced, on however many cards. */
  readonly tasks: number;
}

const editedSurname = (index: number): string => `Corrected-${index + 1}`;

/** A marketer works in Mail+: profile edits, unsubscribes, bounces, and a mailing to the list. All of it arrives on the cards in Coins. */
export async function marketing(stage: Stage, listName: string): Promise<void> {
  const { coins, say } = stage;
  const { edited, unsubscribed, bounced } = stage.data.chosen;
  const before = await coinsCounts(coins);
  say(`In Mail+: ${edited.length} profiles are edited, ${unsubscribed.length} people unsubscribe, ${bounced.length} addresses bounce, a mailing goes to the list.`);
  await actInMailplus(stage);
  const expected = await sendMailing(stage, listName);
  const total = expected.sent + expected.clicked + expected.bounced;
  await watchProgress({ title: 'Mail+ to Coins', unit: 'activities on cards', total, value: async () => (await coinsCounts(coins)).activitiesStored });
  await untilQuiet(stage);
  await checkCards(stage, expected, before.prospectPatches);
}

async function actInMailplus({ mailplus, data }: Stage): Promise<void> {
  const { edited, unsubscribed, bounced } = data.chosen;
  const act = (path: string, { email }: ChosenPerson, more: object): Promise<unknown> => mailplus.control.send('POST', path, { contact: { email }, ...more });
  for (const [index, person] of edited.entries()) await act('/contacts/edit', person, { properties: { lastName: editedSurname(index) } });
  for (const person of unsubscribed) await act('/contacts/unsubscribe', person, { bit: EMAIL_PERMISSION_BIT });
  for (const person of bounced) await act('/contacts/bounce', person, { type: 'HARDBOUNCE' });
}

/** The mailing goes to those on the list who may be mailed. What must come of it follows from the data, not from what Mail+ or the hub say. */
async function sendMailing({ mailplus, data, checks }: Stage, listName: string): Promise<ExpectedActivities> {
  const { unsubscribed, bounced, clicking, bouncing } = data.chosen;
  const left = new Set([...unsubscribed, ...bounced].map(({ email }) => email));
  const recipients = data.audience.filter(({ email, permissionOn }) => permissionOn && !left.has(email));
  const emails = (people: readonly ChosenPerson[]): string[] => people.map(({ email }) => email);
  const mailing = await mailplus.control.send<{ sent: number }>('POST', '/mailings', {
    name: 'Open days at Oakwold', recipients: { list: listName, bit: EMAIL_PERMISSION_BIT }, links: [{ id: 1, name: 'Plan your visit', url: 'https://homes.example/open-days' }],
    bounced: { emails: emails(bouncing), type: 'HARD' }, opened: { ratio: 0.3 }, clicked: { emails: emails(clicking) },
  });
  checks.part('Mail+ to Coins');
  checks.equal('recipients of the mailing to the static list', recipients.length, mailing.sent);
  return { sent: cardsOf(recipients), clicked: cardsOf(clicking), bounced: cardsOf([...bounced, ...bouncing]), tasks: bounced.length + bouncing.length };
}

async function checkCards({ checks, coins, data }: Stage, expected: ExpectedActivities, patchesBefore: number): Promise<void> {
  const { edited, unsubscribed } = data.chosen;
  const counts = await coinsCounts(coins);
  const { prospects, activities } = await coins.control.get<CoinsCards>('/state');
  const cards = new Map(prospects.map((card) => [card.prospectId, card]));
  const of = (person: ChosenPerson) => person.prospectIds.flatMap((id) => cards.get(id) ?? []);
  const all = Object.values(activities).flat();
  checks.equal('cards with the surname edited in Mail+', cardsOf(edited), edited.flatMap((person, index) => of(person).filter(({ surname }) => surname === editedSurname(index))).length);
  checks.equal('cards written to for that', cardsOf(edited), counts.prospectPatches - patchesBefore);
  checks.equal('cards that show the unsubscribe', cardsOf(unsubscribed), unsubscribed.flatMap((person) => of(person).filter((card) => consentOn(card, EMAIL_CONSENT.code) === false)).length);
  checks.equal('activities «e-mail sent» on cards', expected.sent, counts.activitiesByType['email.sent'] ?? 0);
  checks.equal('activities «e-mail clicked» on cards', expected.clicked, counts.activitiesByType['email.clicked'] ?? 0);
  checks.equal('activities «e-mail bounced» on cards', expected.bounced, counts.activitiesByType['email.bounced'] ?? 0);
  checks.equal('tasks for sales advisers, one for each person whose mail bounced', expected.tasks, counts.tasksStored);
  checks.equal('tasks made twice', 0, counts.tasksDoubled + counts.tasksConflicting);
  checks.equal('activities of any other kind (opens stay in Mail+)', 0, counts.activitiesStored - expected.sent - expected.clicked - expected.bounced);
  checks.equal('activities of the mailing that carry its campaign', expected.sent + expected.clicked + cardsOf(data.chosen.bouncing), all.filter(({ campaignId }) => campaignId === campaign.id).length);
}
