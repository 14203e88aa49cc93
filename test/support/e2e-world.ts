import { randomBytes } from 'node:crypto';
import type { WireProspect } from '../../sandbox/coins/index.ts';
import type { SeedContact } from '../../sandbox/mailplus/index.ts';
import { addCoins, addMailplus } from './e2e-connectors.ts';
import { prepareHub, type E2eHub, type HubPlace } from './e2e-hub.ts';
import { startCoins, startMailplus, type ListSyncOrder, type OutsideCoins, type OutsideMailplus } from './e2e-sandboxes.ts';
import { createTestDatabase } from './test-database.ts';
import { createTestNamespace } from './test-namespace.ts';
import { removeDirectory, temporaryDirectory } from './test-servers.ts';

/** A hub, a Mail+ and a Coins, each in processes of their own, on a database and a namespace of their own. */
export interface E2eWorld {
  readonly hub: E2eHub;
  readonly mail: OutsideMailplus;
  readonly coins: OutsideCoins;
  /** Keeps the hub's home and all logs; goes with `close`. */
  readonly directory: string;
  /** Everything secret that this world was made with. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** How to make a world. */
export interface WorldChoice {
  /** Servers of one's own; a database and a namespace on the run's servers unless told. */
  readonly place?: HubPlace;
  /** What Mail+ holds before the hub comes. */
  readonly contacts?: readonly SeedContact[];
  readonly cards?: readonly WireProspect[];
  /** Environment variables of the hub over those of tests. */
  readonly variables?: Readonly<Record<string, string>>;
}

const secret = (what: string): string => `${what}-${randomBytes(12).toString('hex')}`;

/** Makes a world; no process of the hub runs yet. Call `close` in `afterAll`. */
export async function openE2eWorld({ place, contacts = [], cards = [], variables = {} }: WorldChoice = {}): Promise<E2eWorld> {
  const directory = temporaryDirectory('e2e');
  const [credentials, token] = [{ key: secret('mail-key'), secret: secret('mail-secret') }, secret('coins-token')];
  const own = place === undefined ? await ownPlace() : { place, close: () => Promise.resolve() };
  const [mail, coins] = await Promise.all([startMailplus(directory, credentials), startCoins(directory, token)]);
  await Promise.all([mail.seed(contacts), coins.put(cards)]);
  const hub = await prepareHub(own.place, directory, variables);
  return {
    hub, mail, coins, directory, secrets: [credentials.key, credentials.secret, token],
    close: async () => {
      await hub.close();
      await Promise.all([mail.program.stop(), coins.program.stop(), own.close()]);
      removeDirectory(directory);
    },
  };
}

async function ownPlace(): Promise<{ readonly place: HubPlace; close(): Promise<void> }> {
  const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
  return {
    place: { databaseUrl: database.url, temporalAddress: temporal.address, namespace: temporal.namespace },
    close: async () => {
      await temporal.close();
      await database.drop();
    },
  };
}

/** Adds both connectors through the API; resolves when both are live, with what is needed to send a list sync. */
export async function connectBoth({ hub, mail, coins }: E2eWorld): Promise<Pick<ListSyncOrder, 'hubUrl' | 'connectorId' | 'token'>> {
  await addMailplus(hub, mail);
  const token = await addCoins(hub, coins);
  return { hubUrl: hub.gatewayUrl, connectorId: 'coins-1', token };
}
