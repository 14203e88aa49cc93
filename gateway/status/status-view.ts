import { z } from 'zod';
import type { Db } from '../../db/database.ts';
import { runningRuns } from '../../db/repositories/default-source/runs.ts';
import { countFailed } from '../../db/repositories/failed/list-failed.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { backfillStates, deliverySpeeds, flowCounts, holdStates, inboxStates, openCalls, streamCursors, type BackfillState, type FlowCount } from '../../db/repositories/status.ts';
import { catalogue, type ErrorCode } from '../../domain/error-catalogue.ts';
import { connectorSummary, connectorSummarySchema, temporalLink } from '../connectors/connector-view.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { awaitedImports } from './awaited-imports.ts';
import { mappingStatuses, mappingStatusSchema } from './mapping-status.ts';

const progressSchema = z.object({
  dataType: z.string(),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  first: z.boolean(),
  from: z.string(),
  rows: z.number(),
  slices: z.number(),
  slicesDone: z.number(),
  percent: z.number(),
  rowsPerSecond: z.number().nullable(),
  estimatedEnd: z.string().nullable(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  reason: z.string().nullable(),
});

const countsSchema = z.object({
  pending: z.number(), parked: z.number(), excluded: z.number(), failed: z.number(), delivered: z.number(), skipped: z.number(),
  rejected: z.number(), actionsPending: z.number(), actionsDone: z.number(), openCalls: z.number(), listsReceiving: z.number(), listed: z.number(),
}).describe('`failed` counts deliveries, actions, requests that cannot be applied and list syncs that miss pages; `listed` everything that `GET /failed` lists.');

/** How one connector is. */
export const connectorStatusSchema = z.object({
  connector: connectorSummarySchema,
  backfills: z.array(progressSchema),
  awaitedImports: z.array(z.string()).describe('Data types of which a system that sends by itself has not said yet that it has sent all: until then nothing of them goes to it.'),
  counts: countsSchema,
  reasons: z.array(z.object({
    what: z.string(), state: z.string(), code: z.string().nullable(), reason: z.string().nullable(), count: z.number(),
    fix: z.string().nullable().describe('What to do, where something is to be done.'),
  })).describe('What is not delivered, or with a field held back, by reason.'),
  sending: z.object({ pending: z.number(), perSecond: z.number(), estimatedEnd: z.string().nullable() }).describe('How fast, over the last minute, and until when.'),
  mapping: mappingStatusSchema.describe('Where the mapping was changed, or a mapped property is gone.'),
  mergedAnew: z.array(z.object({ dataType: z.string(), looked: z.number(), total: z.number(), percent: z.number() })).describe('Stored records that are merged anew for this connector: its word counts first since it came, or another\'s since it went.'),
  inbox: z.object({ waiting: z.number(), failed: z.number(), lagSeconds: z.number() }),
  holds: z.array(z.object({ direction: z.enum(['in', 'out']), step: z.number(), notBefore: z.string().nullable(), code: z.string(), reason: z.string() })),
  cursors: z.array(z.object({ stream: z.string(), cursor: z.string().nullable() })),
  nextPull: z.string().nullable(),
  temporalUi: z.string().nullable(),
}).meta({ id: 'ConnectorStatus' });

/** `connectorStatusSchema`. */
export type ConnectorStatus = z.infer<typeof connectorStatusSchema>;

/** The status of all connectors that the session sees. */
export async function connectorStatuses(deps: GatewayDependencies, db: Db, pulls: ReadonlyMap<string, string>): Promise<ConnectorStatus[]> {
  const facts = {
    rows: await listConnectors(db), flows: await flowCounts(db), inboxes: await inboxStates(db), runs: await backfillStates(db),
    holds: await holdStates(db), cursors: await streamCursors(db), calls: await openCalls(db), speeds: await deliverySpeeds(db), failures: await countFailed(db),
  };
  const mappings = await mappingStatuses(deps, db, facts.rows);
  const merging = await runningRuns(db);
  const now = deps.now();
  return facts.rows.map((row) => {
    const mine = <Fact extends { readonly connectorId: string }>(list: readonly Fact[]): Omit<Fact, 'connectorId'>[] =>
      list.flatMap(({ connectorId, ...fact }) => (connectorId === row.id ? [fact] : []));
    const flows = mine(facts.flows);
    const [inbox = { waiting: 0, failed: 0, lagSeconds: 0 }] = mine(facts.inboxes);
    const [calls] = mine(facts.calls);
    const counts = { ...countsOf(flows, inbox.failed, calls?.count ?? 0), listed: mine(facts.failures)[0]?.count ?? 0 };
    return {
      connector: connectorSummary(row),
      backfills: mine(facts.runs).map((run) => progressOf(run, now)),
      awaitedImports: [...awaitedImports(deps, row, mine(facts.runs))],
      counts,
      reasons: flows.filter(({ state, code }) => (state !== 'delivered' || code !== null) && state !== 'done').map((flow) => ({ ...flow, fix: fixOf(flow) })),
      sending: sendingOf(counts.pending, mine(facts.speeds)[0]?.perSecond ?? 0, now),
      mapping: mappings.get(row.id) ?? { remap: null, heldBack: [] },
      mergedAnew: mine(merging).map(({ dataType, looked, total }) => ({ dataType, looked, total, percent: total === 0 ? 0 : Math.min(99, Math.floor((looked / total) * 100)) })),
      inbox,
      holds: mine(facts.holds),
      cursors: mine(facts.cursors),
      nextPull: row.paused || row.phase === 'removed' ? null : (pulls.get(row.id) ?? null),
      temporalUi: temporalLink(deps, row.id),
    };
  });
}

function countsOf(flows: readonly Omit<FlowCount, 'connectorId'>[], inboxFailed: number, openCallCount: number): Omit<ConnectorStatus['counts'], 'listed'> {
  const count = (what: FlowCount['what'], ...states: readonly string[]): number =>
    flows.reduce((sum, flow) => (flow.what === what && states.includes(flow.state) ? sum + flow.count : sum), 0);
  return {
    pending: count('delivery', 'pending'), parked: count('delivery', 'parked'), excluded: count('delivery', 'excluded') + count('excluded', 'excluded'),
    failed: count('delivery', 'failed') + count('action', 'failed') + inboxFailed + count('list', 'parked'),
    delivered: count('delivery', 'delivered'), skipped: count('delivery', 'skipped') + count('action', 'skipped'), rejected: count('rejected', 'open'),
    actionsPending: count('action', 'pending', 'sending', 'parked'), actionsDone: count('action', 'done'), openCalls: openCallCount, listsReceiving: count('list', 'receiving'),
  };
}

function fixOf({ what, state, code }: Pick<FlowCount, 'what' | 'state' | 'code'>): string | null {
  const isOpen = state === 'failed' || what === 'rejected' || state === 'parked';
  return isOpen && code !== null && Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode].fix : null;
}

function sendingOf(pending: number, perSecond: number, now: number): ConnectorStatus['sending'] {
  const ends = pending > 0 && perSecond > 0 ? new Date(now + (pending / perSecond) * 1_000).toISOString() : null;
  return { pending, perSecond: Math.round(perSecond * 10) / 10, estimatedEnd: ends };
}

function progressOf(run: Omit<BackfillState, 'connectorId'>, now: number): ConnectorStatus['backfills'][number] {
  const { runId: _run, workflowId: _workflow, ...shown } = run;
  const running = run.state === 'running';
  const elapsedMs = Math.max(1, (run.finishedAt === null ? now : Date.parse(run.finishedAt)) - Date.parse(run.startedAt));
  const leftMs = run.slicesDone > 0 ? (elapsedMs / run.slicesDone) * (run.slices - run.slicesDone) : undefined;
  return {
    ...shown,
    percent: run.state === 'done' ? 100 : run.slices === 0 ? 0 : Math.floor((run.slicesDone / run.slices) * 100),
    rowsPerSecond: run.rows > 0 ? Math.round(run.rows / (elapsedMs / 1000)) : null,
    estimatedEnd: running && leftMs !== undefined ? new Date(now + leftMs).toISOString() : null,
  };
}
