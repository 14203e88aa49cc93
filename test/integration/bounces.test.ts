import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

let world: DeliverWorld;
let scenes = 0;

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(() => {
  world.calm();
  world.mail.state.clearFaults();
  coins().clearFaults();
  coins().state.settings = { ...coins().state.settings, tasksLicensed: true };
});

const db = () => world.pipeline.deps.db;
const coins = () => world.coinsOf('coins-1');

interface Person {
  readonly prospectId: string;
  readonly email: string;
  readonly salesAdviser: string;
}

/** People who are in Coins and, after the sync, in Mail+. */
async function people(count: number): Promise<readonly Person[]> {
  scenes += 1;
  const all = Array.from({ length: count }, (_, index) => ({ prospectId: `B${scenes}-${index}`, email: `b${index}.${scenes}@example.test`, salesAdviser: 'JS' }));
  await world.sync('coins-1', all);
  await world.settle();
  return all;
}

async function person(): Promise<Person> {
  const [one] = await people(1);
  if (one === undefined) throw new Error('a person');
  return one;
}

const streams = ['sent', 'opened', 'clicked', 'bounces'] as const;

/** Reads what happened with mails, streams in this order. */
async function read(order: readonly string[] = streams): Promise<void> {
  const window = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() };
  for (const stream of order) await world.pipeline.read('mailplus-1', stream, window);
}

type Bounced = 'HARD' | 'SOFT';

function mail(emails: readonly string[], bounced?: Bounced, opened = false): void {
  const named = { emails: [...emails] };
  world.mail.state.sendMailing({
    name: 'News', type: 'EMAIL', recipients: named,
    ...(bounced === undefined ? {} : { bounced: { ...named, type: bounced } }), ...(opened ? { opened: named } : {}),
  });
}

const tasksOf = (prospectId: string) => coins().state.tasks.of(prospectId);

async function casesOf({ email }: Pick<Person, 'email'>) {
  return db().selectFrom('bounce_case as c').innerJoin('record as r', 'r.id', 'c.record_id').where('r.email', '=', email)
    .select(['c.id', 'c.kind', 'c.bounces', 'c.resolution', 'c.resolved_at']).orderBy('c.id').execute();
}

const actionsOf = (prospectId: string) => db().selectFrom('action').select(['state', 'code', 'reason']).where('kind', '=', 'task.create').where('target', '=', prospectId).orderBy('id').execute();

describe('a hard bounce', () => {
  it('becomes an activity on the card and one task for its sales adviser that names both leads, however many follow', async () => {
    const one = await person();
    mail([one.email], 'HARD');
    await read();
    mail([one.email], 'HARD');
    mail([one.email], 'SOFT');
    await read();
    await read();
    await world.settle();
    expect(tasksOf(one.prospectId)).toEqual([expect.objectContaining({ assignee: 'JS', subject: expect.stringContaining('bounced'), description: expect.stringMatching(/Who follows this person up[^]*new employer/) })]);
    expect(coins().state.activities.of(one.prospectId).filter(({ type }) => type === 'email.bounced')).toHaveLength(3);
    expect(await casesOf(one)).toMatchObject([{ kind: 'hard', bounces: 3, resolution: null }]);
    expect(coins().state.journal.counts).toMatchObject({ tasksDoubled: 0, tasksConflicting: 0 });
  });
});
