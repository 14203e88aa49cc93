import { join } from 'node:path';
import type { Activity, Counts, ListSyncReport, PermissionFlip, Prospect, Task, WireProspect } from '../../sandbox/coins/index.ts';
import type { ContactDump, ContactSelector, Effects, Fault, FaultSpec, ListDump, MailingSpec, SeedContact, SentMailing, StartCounts, StateSummary } from '../../sandbox/mailplus/index.ts';
import { demandJson } from './e2e-control.ts';
import { startProgram, type Program } from './e2e-process.ts';

interface Outside {
  /** Base of the API that the hub calls. */
  readonly url: string;
  readonly program: Program;
  setLatency(latencyMs: number): Promise<void>;
}

/** A Mail+ account in a process of its own, seen from its control side. */
export interface OutsideMailplus extends Outside {
  readonly credentials: { readonly key: string; readonly secret: string };
  seed(contacts: readonly SeedContact[]): Promise<void>;
  edit(contact: ContactSelector, properties: Readonly<Record<string, string>>): Promise<void>;
  unsubscribe(contact: ContactSelector, bit: number): Promise<void>;
  bounce(contact: ContactSelector, encryptedMailingId: string): Promise<void>;
  sendMailing(mailing: MailingSpec): Promise<SentMailing>;
  fault(fault: FaultSpec): Promise<void>;
  /** How many of the faults asked for have struck, each time counted. */
  faultsPlayed(): Promise<number>;
  effects(): Promise<Effects>;
  /** Calls to an operation since the beginning, as `GET /mailing`. */
  calls(operation: string): Promise<number>;
  /** Adds a campaign that a contact may be in several times; resolves with its id and that of its trigger. */
  addCampaign(name: string): Promise<{ readonly id: string; readonly trigger: string }>;
  /** What the API has set off. */
  starts(): Promise<StartCounts>;
  summary(): Promise<StateSummary>;
  contacts(): Promise<readonly ContactDump[]>;
  lists(): Promise<readonly ListDump[]>;
}

/** What Coins sends: a list of cards that it holds. */
export interface ListSyncOrder {
  readonly hubUrl: string;
  readonly connectorId: string;
  readonly token: string;
  readonly listId: string;
  readonly name: string;
  readonly campaign?: { readonly id: string; readonly name: string; readonly startDate: string; readonly endDate: string };
  readonly prospectIds?: readonly string[];
  readonly pageSize?: number;
  readonly order?: 'in-order' | 'shuffled' | 'with-duplicates';
  readonly seed?: number;
  readonly missingPages?: readonly number[];
  readonly parallel?: number;
}

/** A Coins in a process of its own, seen from its control side. */
export interface OutsideCoins extends Outside {
  readonly token: string;
  put(cards: readonly WireProspect[]): Promise<void>;
  card(id: string): Promise<{ readonly prospect: Prospect; readonly activities: readonly Activity[]; readonly tasks: readonly Task[]; readonly flips: readonly PermissionFlip[] }>;
  edit(id: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** Starts a list sync; resolves with its id. */
  startListSync(order: ListSyncOrder): Promise<string>;
  /** Resolves when all that was to be sent is answered for good. */
  listSyncDone(syncId: string): Promise<ListSyncReport>;
  /** Sends pages (again), as they were at the start. */
  sendPages(syncId: string, pages: readonly number[]): Promise<ListSyncReport>;
  journal(): Promise<{ readonly counts: Counts; readonly flipsByProspect: Readonly<Record<string, Readonly<Record<string, number>>>> }>;
}

const announcement = /^\{"url":"([^"]+)","controlUrl":"([^"]+)"/m;

async function startSandbox(name: 'mailplus' | 'coins', directory: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ readonly program: Program; readonly url: string; readonly controlUrl: string }> {
  const program = await startProgram({ program: `sandbox/${name}/main.js`, args, environment, logFile: join(directory, `${name}.log`), readyWhen: announcement });
  const [, url = '', controlUrl = ''] = program.announced;
  return { program, url, controlUrl };
}

/** Starts a Mail+ sandbox; its log goes to the directory. */
export async function startMailplus(directory: string, credentials: { readonly key: string; readonly secret: string }): Promise<OutsideMailplus> {
  const environment = { MAILPLUS_SANDBOX_KEY: credentials.key, MAILPLUS_SANDBOX_SECRET: credentials.secret };
  const { program, url, controlUrl } = await startSandbox('mailplus', directory, [], environment);
  const call = <Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> => demandJson<Body>(method, `${controlUrl}${path}`, body);
  return {
    url, program, credentials,
    setLatency: async (latencyMs) => void (await call('PUT', '/latency', { latencyMs })),
    seed: async (contacts) => void (await call('POST', '/contacts/seed', { contacts })),
    edit: async (contact, properties) => void (await call('POST', '/contacts/edit', { contact, properties })),
    unsubscribe: async (contact, bit) => void (await call('POST', '/contacts/unsubscribe', { contact, bit })),
    bounce: async (contact, encryptedMailingId) => void (await call('POST', '/contacts/bounce', { contact, type: 'HARDBOUNCE', encryptedMailingId })),
    sendMailing: (mailing) => call<SentMailing>('POST', '/mailings', mailing),
    fault: async (fault) => void (await call('POST', '/faults', fault)),
    faultsPlayed: async () => (await call<readonly Fault[]>('GET', '/faults')).reduce((sum, { played }) => sum + played, 0),
    effects: () => call<Effects>('GET', '/effects'),
    calls: async (operation) => (await call<Readonly<Record<string, { readonly calls: number }>>>('GET', '/counters'))[operation]?.calls ?? 0,
    addCampaign: async (name) => {
      const { encryptedId, triggers: [trigger] } = await call<{ readonly encryptedId: string; readonly triggers: readonly { readonly encryptedId: string }[] }>('POST', '/campaigns', { name, repeat: 'always' });
      return { id: encryptedId, trigger: trigger?.encryptedId ?? '' };
    },
    starts: () => call<StartCounts>('GET', '/started/counts'),
    summary: () => call<StateSummary>('GET', '/state/summary'),
    contacts: async () => {
      const lines = await (await fetch(`${controlUrl}/state/contacts`)).text();
      return lines.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ContactDump);
    },
    lists: () => call<readonly ListDump[]>('GET', '/state/lists'),
  };
}

/** Starts a Coins sandbox; its log goes to the directory. */
export async function startCoins(directory: string, token: string): Promise<OutsideCoins> {
  const { program, url, controlUrl } = await startSandbox('coins', directory, ['--token', token], {});
  const call = <Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> => demandJson<Body>(method, `${controlUrl}${path}`, body);
  return {
    url, program, token,
    setLatency: async (latencyMs) => void (await call('PUT', '/latency', { latencyMs })),
    put: async (prospects) => void (await call('POST', '/prospects', { prospects })),
    card: (id) => call('GET', `/prospects/${encodeURIComponent(id)}`),
    edit: async (id, fields) => void (await call('PATCH', `/prospects/${encodeURIComponent(id)}`, fields)),
    startListSync: async (order) => (await call<{ syncId: string }>('POST', '/list-syncs', order)).syncId,
    listSyncDone: (syncId) => call('GET', `/list-syncs/${encodeURIComponent(syncId)}?wait=true`),
    sendPages: (syncId, pages) => call('POST', `/list-syncs/${encodeURIComponent(syncId)}/pages`, { pages }),
    journal: () => call('GET', '/journal'),
  };
}
