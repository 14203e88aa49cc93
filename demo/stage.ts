import type { ConnectorStatus } from '../gateway/status/status-view.ts';
import type { Checks } from './checks.ts';
import type { DemoData } from './data.ts';
import type { DemoHub } from './hub.ts';
import type { Outside } from './outside.ts';
import { waitUntil } from './progress.ts';

/** Everything that a step of the demo works with. */
export interface Stage {
  readonly data: DemoData;
  readonly hub: DemoHub;
  readonly mailplus: Outside;
  readonly coins: Outside;
  readonly checks: Checks;
  /** Tells the person at the screen what happens. */
  readonly say: (text: string) => void;
}

const quietTimeoutMs = 90_000;

/** The status of one connector, as `hub status` shows it. */
export async function statusOf({ hub }: Pick<Stage, 'hub'>, connectorId: string): Promise<ConnectorStatus> {
  const { connectors } = await hub.api.get<{ connectors: ConnectorStatus[] }>('/status');
  const found = connectors.find(({ connector }) => connector.id === connectorId);
  if (found === undefined) throw new Error(`The hub knows no connector ${connectorId}.`);
  return found;
}

/** Waits until nothing waits at any connector: no page in an inbox, no delivery, no action. Says so when that lasts too long. */
export async function untilQuiet({ hub, say }: Pick<Stage, 'hub' | 'say'>): Promise<void> {
  const isQuiet = async (): Promise<boolean> => {
    const { connectors } = await hub.api.get<{ connectors: ConnectorStatus[] }>('/status');
    return connectors.every(({ inbox, counts }) => inbox.waiting === 0 && counts.pending === 0 && counts.actionsPending === 0 && counts.listsReceiving === 0);
  };
  if (!(await waitUntil(isQuiet, quietTimeoutMs))) say('Something still waits in the hub: `hub status` and `hub failed list` tell what.');
}
