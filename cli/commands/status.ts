import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { run, type CommandContext } from '../context.ts';
import { RefusedError, UsageError } from '../errors.ts';
import type { GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { beginRedrawing, endRedrawing, frame } from '../output/redraw.ts';
import { statusText, type StatusAnswer } from '../output/status-text.ts';

interface StatusOptions {
  readonly watch?: boolean;
  readonly interval: string;
}

/** `status [--watch]`. */
export function addStatus(program: Command, io: CliIo): void {
  program.command('status').description('how every connector is: how far, how fast, until when, what failed, what to do')
    .option('--watch', 'show it again and again, until Ctrl-C; with --json one document a line').option('--interval <seconds>', 'how often with --watch', '2')
    .action(run(io, status));
}

async function status(context: CommandContext, { watch = false, interval }: StatusOptions): Promise<void> {
  const seconds = Number(interval);
  if (!(seconds >= 1 && seconds <= 3_600)) throw new UsageError(`«${interval}» is no interval.`, 'Give seconds, from 1 to 3600.');
  const client = await context.client();
  const answer = await client.get<StatusAnswer>('/status');
  if (watch) await keepShowing(context, client, answer, seconds * 1_000);
  else context.print(answer, () => statusText(context.paint, answer));
}

async function keepShowing(context: CommandContext, client: GatewayClient, first: StatusAnswer, everyMs: number): Promise<void> {
  const { io, json } = context;
  const redraws = io.terminal && !json;
  const show = (answer: StatusAnswer | RefusedError): void => {
    if (json) io.out(JSON.stringify(answer instanceof RefusedError ? { error: answer.answer } : answer));
    else io.out(redraws ? frame(textOf(context, answer), io.size()) : textOf(context, answer));
  };
  const stopped = io.stopOnInterrupt();
  if (redraws) io.out(beginRedrawing);
  try {
    show(first);
    while (await waited(everyMs, stopped)) show(await unlessAway(client));
  } finally {
    if (redraws) io.out(endRedrawing);
  }
}

function textOf({ paint }: CommandContext, answer: StatusAnswer | RefusedError): string {
  return answer instanceof RefusedError ? `${paint.bad(answer.answer.code)}: ${answer.message} It is asked again.` : statusText(paint, answer);
}

const passing: readonly string[] = ['GATEWAY_UNREACHABLE', 'DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE'];

/** A hub that restarts does not end the watching. */
async function unlessAway(client: GatewayClient): Promise<StatusAnswer | RefusedError> {
  try {
    return await client.get<StatusAnswer>('/status');
  } catch (error) {
    if (error instanceof RefusedError && passing.includes(error.answer.code)) return error;
    throw error;
  }
}

async function waited(milliseconds: number, stopped: AbortSignal): Promise<boolean> {
  try {
    await delay(milliseconds, undefined, { signal: stopped });
    return true;
  } catch {
    return false;
  }
}
