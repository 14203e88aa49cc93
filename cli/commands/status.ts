import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ConnectorStatus } from '../../gateway/status/status-view.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { CliIo } from '../io.ts';
import type { Paint } from '../output/paint.ts';
import { table } from '../output/table.ts';
import { duration, when } from '../output/times.ts';

interface StatusAnswer {
  readonly at: string;
  readonly connectors: readonly ConnectorStatus[];
}

interface StatusOptions {
  readonly watch?: boolean;
  readonly interval: string;
}

const clearScreen = '\u001B[2J\u001B[H';

/** `status [--watch]`. */
export function addStatus(program: Command, io: CliIo): void {
  program.command('status').description('how every connector is, what waits and why')
    .option('--watch', 'show it again and again, until Ctrl-C').option('--interval <seconds>', 'how often with --watch', '2')
    .action(run(io, status));
}

async function status(context: CommandContext, { watch = false, interval }: StatusOptions): Promise<void> {
  const seconds = Number(interval);
  if (!(seconds >= 1)) throw new UsageError(`«${interval}» is no interval.`, 'Give seconds, at least 1.');
  const client = await context.client();
  const showOnce = async (): Promise<void> => {
    const answer = await client.get<StatusAnswer>('/status');
    if (watch && context.io.terminal && !context.json) context.io.out(clearScreen.trimEnd());
    context.print(answer, () => statusText(context.paint, answer));
  };
  await showOnce();
  if (!watch) return;
  const stopped = context.io.stopOnInterrupt();
  while (await waited(seconds * 1000, stopped)) await showOnce();
}

async function waited(milliseconds: number, stopped: AbortSignal): Promise<boolean> {
  try {
    await delay(milliseconds, undefined, { signal: stopped });
    return true;
  } catch {
    return false;
  }
}

function statusText(paint: Paint, { at, connectors }: StatusAnswer): string {
  if (connectors.length === 0) return 'There are no connectors. `hub onboarding` shows where to begin.';
  return [
    `Status at ${when(at)} UTC`,
    table(['connector', 'state', 'in', 'out', 'pending', 'parked', 'failed', 'delivered', 'inbox', 'next pull'], connectors.map((one) => statusRow(paint, one))),
    ...connectors.flatMap((one) => detailsOf(paint, one)),
  ].join('\n');
}

function statusRow(paint: Paint, { connector, counts, inbox, nextPull }: ConnectorStatus): (string | number)[] {
  const health = (state: string) => (state === 'ok' ? paint.good(state) : paint.bad(state));
  return [
    connector.test ? `${connector.id} (test)` : connector.id, connector.state, health(connector.health.in.state), health(connector.health.out.state),
    counts.pending + counts.actionsPending, counts.parked, counts.failed === 0 ? 0 : paint.bad(String(counts.failed)), counts.delivered,
    inbox.waiting === 0 ? 0 : `${inbox.waiting}, oldest ${duration(inbox.lagSeconds)}`, when(nextPull),
  ];
}

function detailsOf(paint: Paint, { connector, backfills, reasons, holds, counts }: ConnectorStatus): string[] {
  const lines = [
    ...(['in', 'out'] as const).flatMap((direction) => {
      const { state, reason } = connector.health[direction];
      return state === 'ok' ? [] : [`${paint.bad(state)} (${direction}): ${reason ?? ''}`];
    }),
    ...backfills.map(progressText),
    ...holds.map((hold) => `waits (${hold.direction}, step ${hold.step})${hold.notBefore === null ? '' : ` until ${when(hold.notBefore)} UTC`}: ${hold.code}, ${hold.reason}`),
    ...reasons.filter(({ reason, code }) => reason !== null || code !== null).map(({ what, state, code, reason, count }) => `${count} ${what} ${state}: ${[code, reason].filter((part) => part !== null).join(', ')}`),
    ...(counts.openCalls === 0 ? [] : [`${counts.openCalls} failed calls: \`hub failed list --connector ${connector.id}\``]),
  ];
  return lines.length === 0 ? [] : [paint.strong(connector.id), ...lines.map((line) => `  ${line}`)];
}

function progressText(run: ConnectorStatus['backfills'][number]): string {
  const speed = run.rowsPerSecond === null ? '' : `, ${run.rowsPerSecond} rows/s`;
  const end = run.estimatedEnd === null ? '' : `, until about ${when(run.estimatedEnd)} UTC`;
  const why = run.reason === null ? '' : `: ${run.reason}`;
  return `${run.first ? 'first import' : 'backfill'} of ${run.dataType} from ${run.from.slice(0, 10)}: ${run.state}, ${run.percent} %, ${run.rows} rows${speed}${end}${why}`;
}
