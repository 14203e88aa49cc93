import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultBook, FaultSpec } from '../faults/fault-book.ts';
import type { Journal } from '../journal/journal.ts';
import { claimedKey, execute, nameOperation } from './execute.ts';
import type { Execution, ExecutionContext } from './execute.ts';
import { readIncoming } from './incoming.ts';
import type { IncomingCall } from './incoming.ts';
import { sendFailure, sendFault, sendReply, sendUnknownPath } from './send.ts';

/** What the API side works with. Read anew for every call, so that a reset can put a fresh account in its place. */
export interface ApiContext extends ExecutionContext {
  readonly journal: Journal;
  readonly faults: FaultBook;
  /** Standing latency, half of it before and half after the change is stored. */
  readonly latencyMs: number;
}

/** The HTTP server of the API; `current` gives the context of the moment. */
export function createApiServer(current: () => ApiContext): Server {
  const server = createServer((request, response) => {
    answer(current, request, response).catch(() => sendFailure(response));
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function answer(current: () => ApiContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedMs = performance.now();
  const incoming = await readIncoming(request);
  if (incoming === undefined) {
    sendUnknownPath(response);
    return;
  }
  const { faults, latencyMs } = current();
  const fault = faults.take(incoming.method, incoming.path);
  const isAfter = fault !== undefined && (fault.when === 'after' || fault.action === 'halfBody');
  await pause(latencyMs / 2 + slowness(fault, !isAfter));
  const instead = replacesAnswer(fault) ? fault : undefined;
  const execution = instead !== undefined && !isAfter ? undefined : execute(current(), incoming);
  await pause(latencyMs / 2 + slowness(fault, isAfter));
  const seen = { incoming, execution, fault, startedMs };
  record(current(), seen, instead === undefined ? execution?.reply.status ?? 0 : statusSeen(instead));
  if (instead !== undefined) sendFault(response, instead, execution?.reply);
  else if (execution !== undefined) sendReply(response, execution.reply);
}

/** Whether the fault takes the place of the answer, rather than only delaying it. */
function replacesAnswer(fault: FaultSpec | undefined): fault is FaultSpec {
  return fault !== undefined && fault.action !== 'slow';
}

function slowness(fault: FaultSpec | undefined, isDueHere: boolean): number {
  return isDueHere ? fault?.latencyMs ?? 0 : 0;
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { ref: false });
}

function statusSeen(fault: FaultSpec): number {
  switch (fault.action) {
    case 'html500': return 500;
    case 'rateLimit': return 429;
    case 'status': return fault.status ?? 503;
    default: return 0;
  }
}

interface SeenCall {
  readonly incoming: IncomingCall;
  readonly execution: Execution | undefined;
  readonly fault: FaultSpec | undefined;
  readonly startedMs: number;
}

function record(context: ApiContext, seen: SeenCall, status: number): void {
  const { incoming, execution, fault } = seen;
  context.journal.record({
    at: new Date().toISOString(),
    method: incoming.method,
    path: incoming.path,
    operation: execution?.operation ?? nameOperation(context.router, incoming),
    query: Object.fromEntries((execution?.query ?? []).filter(([name]) => !name.startsWith('oauth_'))),
    status,
    errorType: execution?.errorType,
    credential: execution?.credential ?? claimedKey(incoming),
    durationMs: Math.round((performance.now() - seen.startedMs) * 10) / 10,
    changed: execution?.notes.changed ?? false,
    contacts: execution?.notes.contacts ?? [],
    fault: fault === undefined ? undefined : `${fault.action} ${fault.when ?? 'before'}`,
  });
}
