import { EMAIL_PERMISSION_BIT, type ExistingContact } from '../sandbox/dataset/index.ts';
import type { Activity, Consent } from '../sandbox/coins/wire.ts';
import type { Counts } from '../sandbox/coins/journal.ts';
import { logFile, ownEnvironment, places } from './places.ts';
import type { Processes } from './processes.ts';

const startTimeoutMs = 30_000;
const secrets = { mailplus: { key: 'demo-key', secret: 'demo-secret' }, coins: { apiToken: 'demo-token' } } as const;

/** Calls of a sandbox's control side; each throws an Error with the answer when that is not 2xx. */
interface Control {
  get<Answer>(path: string): Promise<Answer>;
  send<Answer>(method: 'POST' | 'PUT', path: string, body: object): Promise<Answer>;
  text(path: string): Promise<string>;
}

/** An outside system of the demo: where the hub reaches it, with what credentials, and its control side. */
export interface Outside {
  readonly url: string;
  readonly controlUrl: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly control: Control;
}

/** What Mail+ says of one contact. */
export interface MailplusContact {
  readonly email?: string | undefined;
  readonly permissions: readonly number[];
  /** How often the API switched each bit. */
  readonly permissionFlips: Readonly<Record<number, { readonly on: number; readonly off: number }>>;
  readonly inactive?: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What the API did to the Mail+ account. */
export interface MailplusEffects {
  readonly totals: { readonly contactsCreated: number; readonly changingUpserts: number; readonly identicalUpserts: number; readonly refusedUpserts: number };
  readonly listsCreated: Readonly<Record<string, number>>;
  /** Contacts with a permission that was switched on, or off, more than once. */
  readonly repeatedFlips: readonly MailplusContact[];
}

/** What Coins holds: its cards as they are now, and what was written on them. */
export interface CoinsCards {
  readonly prospects: readonly { readonly prospectId: string; readonly surname?: unknown; readonly consents?: unknown }[];
  readonly activities: Readonly<Record<string, readonly Activity[]>>;
}

/** The sandbox Mail+, empty. */
export async function startMailplus(processes: Processes): Promise<Outside> {
  const { key, secret } = secrets.mailplus;
  return startOutside(processes, 'mailplus', [], { MAILPLUS_SANDBOX_KEY: key, MAILPLUS_SANDBOX_SECRET: secret }, { key, secret });
}

/** The sandbox Coins with the prospects `0` to `prospects` of the seeded data. */
export async function startCoins(processes: Processes, seed: number, prospects: number): Promise<Outside> {
  const args = ['--seed', String(seed), '--prospects', String(prospects), '--token', secrets.coins.apiToken];
  return startOutside(processes, 'coins', args, {}, secrets.coins);
}

async function startOutside(
  processes: Processes, name: 'mailplus' | 'coins', args: readonly string[], environment: Readonly<Record<string, string>>, credentials: Outside['credentials'],
): Promise<Outside> {
  const { said } = await processes.start({
    name: `The sandbox ${name}`, script: places[name], args, workingDirectory: places.home, environment: ownEnvironment(environment),
    logFile: logFile(name), timeoutMs: startTimeoutMs, ready: (line) => (line.startsWith('{') ? (JSON.parse(line) as { url: string; controlUrl: string }) : undefined),
  });
  return { ...said, credentials, control: controlAt(said.controlUrl) };
}

function controlAt(url: string): Control {
  const call = async (method: string, path: string, body?: object): Promise<string> => {
    const response = await fetch(url + path, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} at a sandbox: ${response.status} ${text.slice(0, 500)}`);
    return text;
  };
  return {
    get: async (path) => JSON.parse(await call('GET', path)),
    send: async (method, path, body) => JSON.parse(await call(method, path, body)),
    text: (path) => call('GET', path),
  };
}

/** Puts the contacts into Mail+ that it has before the hub comes. */
export async function seedContacts(mailplus: Outside, contacts: readonly ExistingContact[]): Promise<void> {
  await mailplus.control.send('POST', '/contacts/seed', { contacts });
}

/** Numbers of contacts in Mail+, and of those with the e-mail permission on. */
export async function mailplusSummary({ control }: Outside): Promise<{ readonly contacts: number; readonly permissionOn: number }> {
  const { contacts, permissions } = await control.get<{ contacts: number; permissions: Record<string, number> }>('/state/summary');
  return { contacts, permissionOn: permissions[EMAIL_PERMISSION_BIT] ?? 0 };
}

/** Every contact of Mail+. */
export async function mailplusContacts({ control }: Outside): Promise<MailplusContact[]> {
  const lines = (await control.text('/state/contacts')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as MailplusContact);
}

/** What Coins counted. */
export async function coinsCounts({ control }: Outside): Promise<Counts> {
  return (await control.get<{ counts: Counts }>('/journal')).counts;
}

/** The value of a permission on a card; undefined when it has none. */
export function consentOn(card: CoinsCards['prospects'][number], code: string): boolean | undefined {
  if (!Array.isArray(card.consents)) return undefined;
  return (card.consents as Consent[]).find((consent) => consent.code === code)?.value;
}
