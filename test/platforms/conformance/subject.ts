import type { PlatformContext, ProjectionContext, SourcePage, StreamDefinition, Window } from '../../../platforms/platform.ts';
import { walkPages } from '../../../platforms/pagination.ts';
import { startHostileSource, type HostileSource } from '../../support/hostile-source.ts';
import type { PlatformHarness, Stand } from './harness.ts';
import { people, suiteWindow } from './person.ts';
import type { Witness } from './witness.ts';

/** How many people each sandbox of the suite begins with. */
export const headCount = 30;

/** Rows a page in the suite's reads: three pages of people. */
export const smallPageSize = 12;

/** What may differ from the usual context. */
export type ContextChanges = Partial<Omit<PlatformContext, 'settings'>> & { readonly settings?: Readonly<Record<string, unknown>> };

/** One platform with a fresh sandbox, a liar in front of it, and a witness of all failures. */
export class Subject {
  readonly harness: PlatformHarness;
  readonly stand: Stand;
  readonly hostile: HostileSource;
  readonly witness: Witness;
  /** Tokens that were taken from the bucket. */
  acquired = 0;
  #fields: PlatformContext['fields'] = [];

  private constructor(harness: PlatformHarness, stand: Stand, hostile: HostileSource, witness: Witness) {
    this.harness = harness;
    this.stand = stand;
    this.hostile = hostile;
    this.witness = witness;
  }

  /** Starts the sandbox and the liar. Call `close` when done. */
  static async start(harness: PlatformHarness, witness: Witness): Promise<Subject> {
    const stand = await harness.start(people(headCount));
    const hostile = await startHostileSource(stand.baseUrl);
    const subject = new Subject(harness, stand, hostile, witness);
    subject.#fields = (await harness.platform.discoverFields?.(subject.context())) ?? [];
    subject.acquired = 0;
    return subject;
  }

  /** A context for calls to the sandbox; with `settings.baseUrl` to another address. */
  context({ settings, ...changes }: ContextChanges = {}): PlatformContext & ProjectionContext {
    const { harness, stand } = this;
    const connectorId = `${harness.platform.description.id}-1`;
    return {
      connectorId,
      samePlatform: new Set([connectorId]),
      settings: harness.platform.description.settings.parse({ baseUrl: stand.baseUrl, ...harness.settings, ...settings }),
      credentials: stand.credentials,
      signal: new AbortController().signal,
      acquire: (cost) => {
        this.acquired += cost;
        return Promise.resolve();
      },
      now: () => Date.now(),
      log: { debug: (facts, message) => this.witness.log(facts, message), warn: (facts, message) => this.witness.log(facts, message) },
      permissionKeys: harness.permissionKeys,
      fields: this.#fields,
      ...changes,
    };
  }

  /** A context for calls to the liar. */
  hostileContext(changes: ContextChanges = {}): PlatformContext {
    return this.context({ ...changes, settings: { ...changes.settings, baseUrl: this.hostile.url } });
  }

  /** All pages of a stream, walked as the hub walks them. Fails when there is no end to them. */
  async readAll(context: PlatformContext, stream: StreamDefinition, options: { readonly window?: Window; readonly mostPages?: number } = {}): Promise<readonly SourcePage[]> {
    const { readPage } = this.harness.platform;
    const { window = suiteWindow, mostPages = 500 } = options;
    if (readPage === undefined) throw new Error('the platform reads no pages');
    const pages: SourcePage[] = [];
    for await (const page of walkPages((token) => readPage(context, stream, window, token))) {
      pages.push(page);
      if (pages.length > mostPages) throw new Error(`more than ${mostPages} pages were read, and no end in sight`);
    }
    return pages;
  }

  async close(): Promise<void> {
    await this.hostile.close();
    await this.stand.close();
  }
}
