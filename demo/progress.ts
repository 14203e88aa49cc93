import { SingleBar } from 'cli-progress';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 200;
const stalledAfterMs = 60_000;
const notOnTerminalEveryMs = 2_000;

/** What to wait for. */
export interface Awaited {
  readonly title: string;
  readonly total: number;
  /** What the number counts. */
  readonly unit: string;
  /** How far it is; asked again and again. */
  readonly value: () => Promise<number>;
  /** Ends the wait before the total is reached. */
  readonly until?: (value: number) => boolean;
}

/**
 * Shows a progress bar with speed and estimated end until the total is reached, `until` says so, or nothing has moved for a minute:
 * then the checks tell what is missing. Returns the value reached.
 */
export async function watchProgress({ title, total, unit, value, until }: Awaited): Promise<number> {
  const bar = new SingleBar({
    format: `  ${title}  {bar} {percentage} %  {value} of {total} ${unit}  {speed}/s  {left}`,
    barCompleteChar: '█', barIncompleteChar: '░', barsize: 24, hideCursor: true, noTTYOutput: true, notTTYSchedule: notOnTerminalEveryMs, linewrap: null, stream: process.stdout,
  });
  const startedAt = performance.now();
  let movedAt = startedAt;
  let reached = Math.min(total, await value());
  const first = reached;
  const facts = (): { speed: number; left: string } => {
    const seconds = (performance.now() - startedAt) / 1000;
    const speed = seconds === 0 ? 0 : (reached - first) / seconds;
    return { speed: Math.round(speed), left: reached >= total ? `${seconds.toFixed(1)} s` : speed === 0 ? '' : `about ${Math.ceil((total - reached) / speed)} s left` };
  };
  bar.start(total, reached, facts());
  while (reached < total && until?.(reached) !== true && performance.now() - movedAt < stalledAfterMs) {
    await delay(pollMs);
    const now = Math.min(total, await value());
    if (now !== reached) movedAt = performance.now();
    reached = now;
    bar.update(reached, facts());
  }
  bar.stop();
  return reached;
}

/** Waits until `ready` holds; false when it does not within the time. */
export async function waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await ready())) {
    if (performance.now() > endsAt) return false;
    await delay(pollMs);
  }
  return true;
}
