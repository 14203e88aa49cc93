import { loadConnector, platformContext } from '../../activities/connector-context.ts';
import { HubError } from '../../domain/errors.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem, SourcePage } from '../../platforms/platform.ts';
import type { Prospect } from '../../sandbox/coins/index.ts';
import { applyRows, rowsOf } from './apply-cards.ts';
import type { HubWorld } from './hub-world.ts';
import type { Beginning, Deeds, Fate, Step, Work } from './oracle/sync-steps.ts';
import { SyncNotes, type Side } from './sync-notes.ts';
import { SyncPeople } from './sync-people.ts';
import { tick, type Watcher } from './sync-world.ts';

const connectorOf = { mail: 'mailplus-1', coins: 'coins-1' } as const;

/** Thrown where the process would have died. */
class Killed extends Error {}

interface Sending { readonly side: Side; readonly fate: Fate; readonly before: readonly (Deeds | Work)[]; readonly after: readonly (Deeds | Work)[] }

/** One history of some people in a world, and what the oracle is told of it. */
export class SyncLife implements Watcher {
  readonly people: SyncPeople;
  readonly #notes: SyncNotes;
  readonly #world: HubWorld;
  readonly #from: string;
  readonly #pages: { readonly sentAt: number; readonly cards: readonly Prospect[] }[] = [];
  readonly #looks: SourcePage[] = [];
  #sending: Sending | null = null;

  constructor(world: HubWorld, beginnings: readonly Beginning[]) {
    this.#world = world;
    this.#from = new Date(tick()).toISOString();
    this.people = new SyncPeople(world, beginnings, tick);
    this.#notes = new SyncNotes(this.people.all);
  }

  get #coins() { return this.#world.coinsOf('coins-1').state; }

  /** The first import: Mail+ is read. `isInStep`: the cards are sent too, and everybody is told of everything. */
  async begin(isInStep: boolean): Promise<void> {
    await this.#pull('mail');
    if (!isInStep) return;
    this.#send([...this.people.all.keys()]);
    await this.#arrive([0]);
    for (const side of ['mail', 'coins'] as const) {
      await this.#deliver(side, 'stored', [], []);
      await this.#pull(side);
    }
  }

  async run(step: Step): Promise<void> {
    tick();
    if (step.do === 'deliver') return this.#deliver(step.where, step.fate, step.before, step.after);
    if (step.do === 'together') return this.#together(step.whose, step.where);
    await this.#small(step);
  }

  async #small(step: Deeds | Work): Promise<void> {
    tick();
    switch (step.do) {
      case 'deeds': return this.people.act(step.all);
      case 'send': return this.#send(step.whose);
      case 'arrive': return this.#arrive(step.which);
      case 'pull': return this.#pull(step.where);
      case 'look': return this.#look();
      default: return this.#learn(step.which);
    }
  }

  #send(whose: readonly number[]): void {
    const cards = [...new Set(whose.map((who) => this.people.person(who)))].flatMap((person) => person.cards.map((id) => this.#coins.cards.require(id) as Prospect));
    this.#pages.push({ sentAt: Date.now(), cards });
  }

  /** Up to four pages at once, in whatever order they were sent; then merges. */
  async #arrive(which: readonly number[]): Promise<void> {
    const pages = which.flatMap((index) => (this.#pages.length === 0 ? [] : this.#pages.splice(index % this.#pages.length, 1)));
    await Promise.all(pages.map(({ cards }) => applyRows(this.#world, 'coins-1', rowsOf(cards), { isPushed: true, urgency: 'live' })));
    await this.#world.pipeline.merge();
    const takenAt = tick();
    for (const { sentAt, cards } of pages) {
      for (const sent of cards) this.#notes.brings({ place: sent.prospectId, at: sentAt, takenAt, stamp: Date.parse(sent.lastModified), isPull: false });
    }
  }

  async #pull(where: Side): Promise<void> {
    await this.#world.pull(connectorOf[where], this.#from);
    this.#notes.takesIn(tick());
  }

  /** Reads a page of Mail+ now, to be applied later. */
  async #look(): Promise<void> {
    const { deps } = this.#world.pipeline;
    const connector = await loadConnector(deps, 'mailplus-1');
    const [stream] = mailplus.description.streams.filter(({ name }) => name === 'contacts');
    if (stream === undefined || mailplus.readPage === undefined) throw new Error('Mail+ has contacts to read.');
    const window = { from: this.#from, to: new Date(Date.now() + 1).toISOString() };
    this.#looks.push(await mailplus.readPage(platformContext(deps, connector, new AbortController().signal), stream, window, undefined));
  }

  async #learn(which: number): Promise<void> {
    const [page] = this.#looks.length === 0 ? [] : this.#looks.splice(which % this.#looks.length, 1);
    if (page !== undefined) await applyRows(this.#world, 'mailplus-1', page.rows, { readAt: page.readAt, urgency: 'live' });
  }

  async #together(whose: readonly number[], where: Side): Promise<void> {
    for (const who of whose) this.#send([who]);
    this.#notes.isOn = false;
    const all = await Promise.allSettled([this.#arrive([0, 0, 0, 0]), this.#pull('mail'), this.#deliver(where, 'stored', [], [])]);
    this.#notes.isOn = true;
    for (const one of all) if (one.status === 'rejected') throw one.reason;
  }

  async #deliver(side: Side, fate: Fate, before: readonly (Deeds | Work)[], after: readonly (Deeds | Work)[]): Promise<void> {
    this.#notes.callsClose(side, tick(), false);
    this.#sending = { side, fate, before, after };
    try {
      await this.#world.pipeline.deliver(connectorOf[side]);
      this.#notes.callsClose(side, tick(), true);
    } catch (error) {
      if (!(error instanceof Killed) && !(error instanceof HubError && error.code === 'PLATFORM_RATE_LIMITED')) throw error;
      if (error instanceof HubError) this.#notes.callsClose(side, tick(), false);
    } finally {
      this.#notes.takesIn(tick());
      this.#sending = null;
    }
  }

  /** The hub is at a named point of a delivery. */
  async atPoint(name: string): Promise<void> {
    const sending = this.#sending;
    if (sending === null || (name !== 'intent-before-call' && name !== 'call-before-outcome')) return;
    const isBefore = name === 'intent-before-call';
    if (isBefore) {
      this.#notes.callsClose(sending.side, tick(), true);
      this.#notes.takesIn(Date.now());
      this.#notes.callOpens(sending.side, Date.now());
    }
    const steps = isBefore ? sending.before : sending.after;
    this.#sending = { ...sending, ...(isBefore ? { before: [] } : { after: [] }) };
    for (const step of steps) await this.#small(step);
    tick();
    if (sending.fate !== (isBefore ? 'killed before' : 'killed after')) return;
    this.#sending = { ...sending, fate: 'stored' };
    throw new Killed('The process died.');
  }

  onCall(side: Side, items: readonly DeliveryItem[]): void {
    this.#notes.callIsMade(side, items, (person, item) => this.people.isOf(person, item));
    this.#fail('lost');
  }

  onRead(side: Side, page: SourcePage): void {
    this.#notes.reads(side, page);
  }

  onStored(): void {
    this.#fail('cut');
  }

  #fail(fate: Fate): void {
    if (this.#sending?.fate !== fate) return;
    this.#sending = { ...this.#sending, fate: 'stored' };
    throw new HubError('PLATFORM_RATE_LIMITED', 'No answer came.');
  }

  /**
   * Calls that wrote, or tried to. Those that Coins answers with a younger permission of its own are left out: a yes on a card from the
   * ten minutes around a yes of the hub's own may be that one and is not counted, and a no that is older is offered again with every pull then.
   */
  #writes(): number {
    return this.#world.writes() - this.#coins.journal.counts.permissionsOutdated;
  }

  /** Everything that is on its way arrives, and hub, Mail+ and Coins go on until nothing is written any more. */
  async settle(): Promise<void> {
    for (const who of this.people.all.keys()) this.#send([who]);
    while (this.#pages.length > 0) await this.#arrive([3, 1, 2, 0]);
    while (this.#looks.length > 0) await this.#learn(0);
    for (let round = 0; round < 8; round += 1) {
      const before = this.#writes();
      await this.#pull('mail');
      await this.#pull('coins');
      await this.#world.pipeline.merge();
      for (const side of ['mail', 'coins', 'mail', 'coins'] as const) await this.#deliver(side, 'stored', [], []);
      if (round > 0 && this.#writes() === before) return;
    }
    throw new Error('The hub does not come to rest.');
  }
}
