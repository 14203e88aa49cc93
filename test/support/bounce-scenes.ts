import type { DeliverWorld } from './deliver-world.ts';

/** A person with a card in Coins. */
export interface Person {
  readonly prospectId: string;
  readonly email: string;
  readonly salesAdviser: string;
}

const streams = ['sent', 'opened', 'clicked', 'bounces'] as const;

/** What tests of bounces do and look at, in the world that `open` gives once it is open. */
export function bounceScenes(open: () => DeliverWorld) {
  /** Tells the people of scenes apart. */
  const scenes = { number: 0 };
  const db = () => open().pipeline.deps.db;
  const coins = () => open().coinsOf('coins-1');

  /** New people who are in Coins and in Mail+. */
  async function people(count: number): Promise<readonly Person[]> {
    scenes.number += 1;
    const all = Array.from({ length: count }, (_, index) => ({ prospectId: `B${scenes.number}-${index}`, email: `b${index}.${scenes.number}@example.test`, salesAdviser: 'JS' }));
    await open().sync('coins-1', all);
    await open().settle();
    return all;
  }

  async function person(): Promise<Person> {
    const [one] = await people(1);
    if (one === undefined) throw new Error('a person');
    return one;
  }

  /** Reads what happened with mails, streams in this order. */
  async function read(order: readonly string[] = streams): Promise<void> {
    const window = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() };
    for (const stream of order) await open().pipeline.read('mailplus-1', stream, window);
  }

  /** Sends a mailing in Mail+ that bounces at all of them, or is opened by all of them, or neither. */
  function mail(emails: readonly string[], bounced?: 'HARD' | 'SOFT', opened = false): void {
    const named = { emails: [...emails] };
    open().mail.state.sendMailing({
      name: 'News', type: 'EMAIL', recipients: named,
      ...(bounced === undefined ? {} : { bounced: { ...named, type: bounced } }), ...(opened ? { opened: named } : {}),
    });
  }

  const tasksOf = (prospectId: string) => coins().state.tasks.of(prospectId);

  /** Cases of the record with this address, in the order in which they were opened. */
  async function casesOf({ email }: Pick<Person, 'email'>) {
    return db().selectFrom('bounce_case as c').innerJoin('record as r', 'r.id', 'c.record_id').where('r.email', '=', email)
      .select(['c.id', 'c.kind', 'c.bounces', 'c.resolution', 'c.resolved_at']).orderBy('c.id').execute();
  }

  /** Actions that make a task on a card. */
  async function actionsOf(prospectId: string) {
    return db().selectFrom('action').select(['state', 'code', 'reason']).where('kind', '=', 'task.create').where('target', '=', prospectId).orderBy('id').execute();
  }

  /** Takes away what a scene did to the platforms. */
  function endScene(): void {
    open().calm();
    open().mail.state.clearFaults();
    coins().clearFaults();
    coins().state.settings = { ...coins().state.settings, tasksLicensed: true };
  }

  return { scenes, db, coins, people, person, read, mail, tasksOf, casesOf, actionsOf, endScene };
}
