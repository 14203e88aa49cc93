import { createControl } from './control.ts';
import { createFront } from './coins-server.ts';
import type { Latency } from './coins-server.ts';
import { Faults } from './faults.ts';
import type { FaultRule, FaultState } from './faults.ts';
import { listen } from './http-server.ts';
import type { HttpServer } from './http-server.ts';
import type { HubAnswer } from './hub-call.ts';
import type { ListSync } from './list-sync.ts';
import type { ListSyncInput } from './list-sync-input.ts';
import type { MemberPages } from './list-sync-pages.ts';
import { ListSyncs } from './list-syncs.ts';
import type { ListDeletion } from './list-syncs.ts';
import { CoinsState, DEFAULT_SETTINGS } from './state.ts';
import type { CoinsSettings } from './state.ts';
import type { WireProspect } from './wire.ts';

/** Options of a sandbox; all may be left out. */
export type CoinsSandboxOptions = {
  /** Port of the Coins API and of the control side; 0 (the default) takes a free one. */
  port?: number;
  controlPort?: number;
  /** The API token that the hub has to send. */
  token?: string;
  /** Cards to begin with. */
  prospects?: Iterable<WireProspect>;
  settings?: Partial<CoinsSettings>;
  /** Delay of every answer of the Coins API. */
  latencyMs?: number;
  /** Milliseconds since 1970; the real time unless told. */
  now?: () => number;
};

/** A running sandbox. What the control side offers over HTTP can be done here in the same process. */
export type CoinsSandbox = {
  url: string;
  controlUrl: string;
  port: number;
  controlPort: number;
  token: string;
  state: CoinsState;
  /** Starts a list sync at the hub; `pages` stands in for the cards held here (for large amounts). */
  startListSync(input: ListSyncInput, pages?: MemberPages): ListSync;
  /** Removes a list at the hub. */
  deleteList(deletion: ListDeletion): Promise<HubAnswer & { attempts: number }>;
  /** Switches a fault of the Coins API on. */
  addFault(rule: FaultRule): FaultState;
  clearFaults(): void;
  setLatency(milliseconds: number): void;
  /** Ends both servers and every list sync on its way. */
  close(): Promise<void>;
};

/** The token of a sandbox that was not given another one. */
export const DEFAULT_TOKEN = 'coins-sandbox-token';

const MAX_API_BODY_BYTES = 1_000_000;
const MAX_CONTROL_BODY_BYTES = 512_000_000;

type Parts = { api: HttpServer; control: HttpServer; state: CoinsState; faults: Faults; listSyncs: ListSyncs; latency: Latency };

async function listenBoth(options: CoinsSandboxOptions, token: string): Promise<Parts> {
  const state = new CoinsState({ ...DEFAULT_SETTINGS, ...options.settings }, options.now ?? Date.now);
  state.cards.put(options.prospects ?? []);
  const faults = new Faults();
  const listSyncs = new ListSyncs(state);
  const latency: Latency = { milliseconds: options.latencyMs ?? 0 };
  const front = createFront({ state, faults, token, latency });
  const api = await listen(front, { port: options.port ?? 0, maxBodyBytes: MAX_API_BODY_BYTES });
  const controlHandler = createControl({ state, faults, listSyncs, latency });
  const controlOptions = { port: options.controlPort ?? 0, maxBodyBytes: MAX_CONTROL_BODY_BYTES };
  const control = await listen(controlHandler, controlOptions).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  return { api, control, state, faults, listSyncs, latency };
}

/** Starts the Coins sandbox and its control side, both on 127.0.0.1. @throws when a port is taken */
export async function startCoinsSandbox(options: CoinsSandboxOptions = {}): Promise<CoinsSandbox> {
  const token = options.token ?? DEFAULT_TOKEN;
  const { api, control, state, faults, listSyncs, latency } = await listenBoth(options, token);
  return {
    url: api.url,
    controlUrl: control.url,
    port: api.port,
    controlPort: control.port,
    token,
    state,
    startListSync: (input, pages) => listSyncs.start(input, pages),
    deleteList: (deletion) => listSyncs.deleteList(deletion),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    setLatency: (milliseconds) => {
      latency.milliseconds = milliseconds;
    },
    close: async () => {
      await Promise.all([listSyncs.close(), api.close(), control.close()]);
    },
  };
}
