import { allHandlersFinished, condition, makeContinueAsNewFunc, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ConnectorReport } from '../activities/connector-report.ts';
import { asRefusal, CommandQueue, type Job } from './command-queue.ts';
import { connectorDetails } from './details.ts';
import { showAttributes } from './introduce.ts';
import type { ConnectorInput } from './message-types.ts';
import { statusQuery, wakeSignal } from './messages.ts';
import { brief } from './proxies.ts';
import { refuse, type Refusal } from './refusal.ts';

/** After so many messages, or events, the workflow continues as new. */
const messagesPerRun = 1_000;
const eventsPerRun = 3_000;
const refusalsShown = 5;

interface Life {
  readonly connectorId: string;
  readonly queue: CommandQueue;
  readonly refusals: string[];
  report: ConnectorReport | undefined;
  isStale: boolean;
  wakes: number;
}

/**
 * The life of a connector (`connector/<connectorId>`): brings it to life, takes all commands, has them written to PostgreSQL, and shows how
 * the connector is. A wake makes it look again and put right what is missing. Ends when the connector is removed.
 */
export async function connectorLifecycle(input: ConnectorInput): Promise<void> {
  const life: Life = { connectorId: input.connectorId, queue: new CommandQueue(), refusals: [], report: undefined, isStale: true, wakes: 0 };
  life.queue.listen();
  setHandler(statusQuery, () => ({ phase: life.report?.state.phase ?? 'onboarding', paused: life.report?.state.paused ?? false }));
  setHandler(wakeSignal, () => {
    life.isStale = true;
    life.wakes += 1;
  });
  for (;;) {
    await condition(() => life.isStale || !life.queue.isEmpty || isWorn(life));
    if (life.isStale) await look(life);
    for (let job = life.queue.take(); job !== undefined; job = life.queue.take()) await carryOut(life, job);
    await condition(allHandlersFinished);
    if (life.isStale || !life.queue.isEmpty) continue;
    if (life.report?.state.phase === 'removed') return;
    if (isWorn(life)) await makeContinueAsNewFunc<typeof connectorLifecycle>()({ connectorId: input.connectorId });
  }
}

function isWorn({ queue, wakes }: Life): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return queue.received + wakes >= messagesPerRun || historyLength >= eventsPerRun || continueAsNewSuggested;
}

/** Looks how the connector is and shows it. A connector that there is not: whoever waits for an answer gets it, then the workflow fails. */
async function look(life: Life): Promise<void> {
  life.isStale = false;
  const { connectorId } = life;
  try {
    life.report = await brief.activate.executeWithOptions({ summary: connectorId }, [{ connectorId }]);
  } catch (error) {
    const refusal = asRefusal(error);
    for (let job = life.queue.take(); job !== undefined; job = life.queue.take()) if (job.kind === 'command') job.settle?.(refusal);
    await condition(allHandlersFinished);
    throw refuse(refusal);
  }
  const { accountId, platform, syncState } = life.report;
  showAttributes({ accountId, connectorId, platform, syncState });
  setCurrentDetails(connectorDetails(connectorId, life.report, life.refusals));
}

async function carryOut(life: Life, job: Job): Promise<void> {
  const { connectorId } = life;
  if (job.kind === 'refused') return noteRefusal(life, job.what, job.refusal);
  const summary = job.kind === 'command' ? job.command.kind : job.kind;
  try {
    if (job.kind === 'sourceChanged') await brief.storeSourceChanged.executeWithOptions({ summary }, [{ connectorId, change: job.change, key: job.key }]);
    else {
      const answer = await brief.applyCommand.executeWithOptions({ summary }, [{ connectorId, command: job.command }]);
      job.settle?.(answer);
      life.isStale = true;
    }
  } catch (error) {
    const refusal = asRefusal(error);
    if (job.kind === 'command' && job.settle !== undefined) job.settle(refusal);
    else await noteRefusal(life, summary, refusal);
  }
}

/** Nobody waits for the answer to a signal: its refusal goes to the audit and to the details. */
async function noteRefusal(life: Life, what: string, refusal: Refusal): Promise<void> {
  life.refusals.push(`\`${what}\`: ${refusal.message} (\`${refusal.code}\`)`);
  life.refusals.splice(0, life.refusals.length - refusalsShown);
  life.isStale = true;
  await brief.noteRefusal.executeWithOptions({ summary: what }, [{ connectorId: life.connectorId, what, code: refusal.code, reason: refusal.message }]);
}
