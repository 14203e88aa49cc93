import type { CoinsSandbox, Prospect } from '../../sandbox/coins/index.ts';
import { startCoinsSandbox } from '../../sandbox/coins/index.ts';
import { startMailplusSandbox, type ContactDump, type MailplusSandbox, type MailplusSandboxOptions } from '../../sandbox/mailplus/index.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** The permission that all tests of the main job speak of, and the Mail+ switch that it is linked to. */
export const emailPermission = 'Consent to Receive Email Marketing';
export const emailBit = 2;

/** What a test says about a card; the rest is empty. */
export type CardFacts = Partial<Prospect> & { readonly prospectId: string };

/** How to open a world. */
export interface WorldOptions {
  /** How many Coins there are; their connectors are `coins-1`, `coins-2`, … */
  readonly coins?: number;
  readonly mailplus?: MailplusSandboxOptions;
  readonly overrides?: Partial<ActivityDependencies>;
  /** Set before the connectors are added. */
  readonly accountSettings?: Readonly<Record<string, string>>;
}

/** Mail+ and some Coins as sandbox servers, and the hub between them on a database of its own, without workflows. */
export interface HubWorld {
  readonly database: TestDatabase;
  readonly pipeline: Pipeline;
  readonly mail: MailplusSandbox;
  /** `coins-1` first. */
  readonly coins: readonly CoinsSandbox[];
  /** Puts cards into a Coins and sends them to the hub as a list sync of its own; the pages are accepted, not applied. */
  acceptSync(connectorId: string, cards: readonly CardFacts[], options?: SyncOptions): Promise<string>;
  /** `acceptSync`, then everything in the inbox is applied. */
  sync(connectorId: string, cards: readonly CardFacts[], options?: SyncOptions): Promise<void>;
  /** Reads all that changed at a connector since an instant (the beginning unless told). */
  pull(connectorId: string, from?: string): Promise<void>;
  /** Applies, merges and delivers until nothing is left to do. */
  settle(): Promise<void>;
  /** Calls that stored or tried to store contacts, at all sandboxes since they were started. */
  writes(): number;
  contact(email: string): ContactDump | undefined;
  coinsOf(connectorId: string): CoinsSandbox;
  close(): Promise<void>;
}

/** How a list sync is cut and ordered. */
export interface SyncOptions {
  readonly syncId?: string;
  readonly listId?: string;
  readonly listName?: string;
  readonly pageSize?: number;
  /** Pages to send, by number from 1, in this order; all in order unless told. */
  readonly pages?: readonly number[];
  /** Leaves what the sandbox holds alone: the cards are sent only. */
  readonly onlySent?: boolean;
}

const everSince = '2000-01-01T00:00:00.000Z';
let syncs = 0;

/** A card with nothing but what is said. */
export function card(facts: CardFacts): Prospect {
  return {
    title: '', forename: '', surname: '', email: '', mobile: '', telephone: '', address: { line1: '', line2: '', town: '', county: '', postcode: '', country: '' },
    developmentCode: '', plot: null, source: '', levelOfInterest: '', status: '', salesAdviser: '', consents: [], lastModified: '2026-01-01T00:00:00.000Z', ...facts,
  };
}

/** One consent to e-mail on a card. */
export const consent = (value: boolean, date: string | null) => [{ code: 'EMAIL_MKT', description: emailPermission, value, date }];

/** Opens a world; `close` it in `afterAll`. */
export async function openWorld(options: WorldOptions = {}): Promise<HubWorld> {
  const database = await createTestDatabase();
  const mail = await startMailplusSandbox(options.mailplus);
  const coins = await Promise.all(Array.from({ length: options.coins ?? 1 }, () => startCoinsSandbox()));
  const pipeline = await openPipeline(database.url, options.overrides);
  const world = new World(database, pipeline, mail, coins);
  await world.connect(options.accountSettings);
  return world;
}

class World implements HubWorld {
  readonly database: TestDatabase;
  readonly pipeline: Pipeline;
  readonly mail: MailplusSandbox;
  readonly coins: readonly CoinsSandbox[];

  constructor(database: TestDatabase, pipeline: Pipeline, mail: MailplusSandbox, coins: readonly CoinsSandbox[]) {
    this.database = database;
    this.pipeline = pipeline;
    this.mail = mail;
    this.coins = coins;
  }

  async connect(accountSettings: Readonly<Record<string, string>> = {}): Promise<void> {
    const { db } = this.pipeline.deps;
    await db.updateTable('account').set({ settings: JSON.stringify(accountSettings) }).where('id', '=', 'default').execute();
    await this.pipeline.addConnector({
      id: 'mailplus-1', platform: 'mailplus', preset: 'marketing-automation', settings: { baseUrl: this.mail.url },
      credentials: { key: 'sandbox-key', secret: 'sandbox-secret' }, permissions: { [emailPermission]: `permissions:${emailBit}` },
    });
    await this.pipeline.finishFirstImport('mailplus-1');
    await db.insertInto('stream_state').values({ account_id: 'default', connector_id: 'mailplus-1', stream: 'contacts', cursor: new Date(Date.now() - 3_600_000).toISOString() }).execute();
    for (const [index, sandbox] of this.coins.entries()) {
      const id = `coins-${index + 1}`;
      await this.pipeline.addConnector({
        id, platform: 'coins', preset: 'crm', settings: { baseUrl: sandbox.url }, credentials: { apiToken: sandbox.token }, permissions: { [emailPermission]: 'consent:EMAIL_MKT' },
      });
      await this.pipeline.finishFirstImport(id);
    }
  }

  coinsOf(connectorId: string): CoinsSandbox {
    const sandbox = this.coins[Number(connectorId.slice('coins-'.length)) - 1];
    if (sandbox === undefined) throw new Error(`There is no ${connectorId}.`);
    return sandbox;
  }

  async acceptSync(connectorId: string, cards: readonly CardFacts[], options: SyncOptions = {}): Promise<string> {
    syncs += 1;
    const syncId = options.syncId ?? `LS-${syncs}`;
    const whole = cards.map(card);
    if (options.onlySent !== true) this.coinsOf(connectorId).state.cards.put(whole);
    const pageSize = options.pageSize ?? 100;
    const pageCount = Math.max(1, Math.ceil(whole.length / pageSize));
    const list = { id: options.listId ?? `L-${syncId}`, name: options.listName ?? `List ${syncId}`, description: '' };
    for (const page of options.pages ?? Array.from({ length: pageCount }, (_, i) => i + 1)) {
      await this.pipeline.accept(connectorId, { syncId, cid: '210', list, page, pageCount, prospects: whole.slice((page - 1) * pageSize, page * pageSize) });
    }
    return syncId;
  }

  async sync(connectorId: string, cards: readonly CardFacts[], options: SyncOptions = {}): Promise<void> {
    await this.acceptSync(connectorId, cards, options);
    const { failed } = await this.pipeline.drain(connectorId);
    if (failed > 0) throw new Error(`${failed} pages could not be applied.`);
  }

  async pull(connectorId: string, from = everSince): Promise<void> {
    const stream = connectorId.startsWith('mailplus') ? 'contacts' : 'prospects';
    await this.pipeline.read(connectorId, stream, { from, to: new Date(Date.now() + 1_000).toISOString() });
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      let work = 0;
      for (const [index] of this.coins.entries()) work += (await this.pipeline.drain(`coins-${index + 1}`)).applied;
      work += (await this.pipeline.merge()).merged;
      for (const id of ['mailplus-1', ...this.coins.map((_, index) => `coins-${index + 1}`)]) {
        const { sent, settled, actions } = await this.pipeline.deliver(id);
        work += sent + settled + actions;
      }
      if (work === 0) return;
    }
    throw new Error('The hub does not come to rest.');
  }

  writes(): number {
    const mail = this.mail.state.counters()['POST /contact/list']?.calls ?? 0;
    return this.coins.reduce((sum, { state }) => sum + state.journal.counts.prospectPatches + state.journal.counts.prospectPatchesUnchanged
      + state.journal.counts.permissionFlips + state.journal.counts.permissionsRestated + state.journal.counts.permissionsRepeated + state.journal.counts.permissionsOutdated, mail);
  }

  contact(email: string): ContactDump | undefined {
    return [...this.mail.state.contacts()].find((contact) => contact.email === email);
  }

  async close(): Promise<void> {
    await this.pipeline.close();
    await Promise.all([this.mail.close(), ...this.coins.map((sandbox) => sandbox.close())]);
    await this.database.drop();
  }
}
