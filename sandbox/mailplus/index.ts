import { once } from 'node:events';
import type { Server } from 'node:http';
import { createControlServer } from './control/control-server.ts';
import { MailplusControl } from './control/control.ts';
import { createApiServer } from './http/api-server.ts';
import { resolveOptions } from './options.ts';
import type { MailplusSandboxOptions } from './options.ts';
import { Sandbox } from './sandbox.ts';

export type { MailplusControl } from './control/control.ts';
export type { ContactDump, Effects, StateSummary } from './control/dump.ts';
export type { AudienceDump, ListDump } from './control/dump-groups.ts';
export type { CampaignSendSpec, MailingSpec, TrendReportSpec } from './control/mailing-schemas.ts';
export type { ContactSelector, SeedContact } from './control/schemas.ts';
export type { FormResultDump } from './control/forms-control.ts';
export type { FormSpec, FormSubmit } from './control/forms-schemas.ts';
export type { SentMailing } from './control/send-mailing.ts';
export type { OrderDump } from './control/shop-control.ts';
export type { StartCounts, StartDump } from './control/starts-control.ts';
export type { AutomationSpec, CampaignSpec } from './control/starts-schemas.ts';
export type { Fault, FaultSpec } from './faults/fault-book.ts';
export type { ContactNote, JournalEntry, OperationCounter } from './journal/journal.ts';
export type { MailplusCredential, MailplusSandboxOptions, MergeRule, PropertyDefinition, PropertyType } from './options.ts';

/** A running sandbox Mail+. */
export interface MailplusSandbox {
  /** Base of the API, `http://127.0.0.1:<port>/integrationservice`. */
  readonly url: string;
  /** Base of the control side, without a trailing slash. */
  readonly controlUrl: string;
  readonly port: number;
  readonly controlPort: number;
  /** The control side as direct calls, for tests in the same process. */
  readonly state: MailplusControl;
  /** Cuts open connections and frees both ports. */
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** Starts the API and its control side on loopback. Rejects when a port is taken. */
export async function startMailplusSandbox(options: MailplusSandboxOptions = {}): Promise<MailplusSandbox> {
  const resolved = resolveOptions(options);
  const sandbox = new Sandbox(resolved);
  const state = new MailplusControl(sandbox);
  const apiServer = createApiServer(() => sandbox);
  const controlServer = createControlServer(state);
  const port = await listen(apiServer, resolved.port);
  const controlPort = await listen(controlServer, resolved.controlPort).catch(async (error: unknown) => {
    await stop(apiServer);
    throw error;
  });
  return {
    url: `http://${host}:${port}/integrationservice`,
    controlUrl: `http://${host}:${controlPort}`,
    port,
    controlPort,
    state,
    close: async () => {
      await Promise.all([stop(apiServer), stop(controlServer)]);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
