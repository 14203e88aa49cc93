import type { E2eHub } from './e2e-hub.ts';
import type { Program } from './e2e-process.ts';
import type { E2eWorld } from './e2e-world.ts';
import { waitFor } from './wait-for.ts';

/** How a hub got over a kill. Milliseconds. */
export interface Recovery {
  /** What was restarted took so long to answer: the machine's share. */
  readonly startMs: number;
  /** From the beginning of the restart to the first progress after it. */
  readonly goingOnMs: number;
  /** From the restart until nothing was on its way any more. */
  readonly quietMs: number;
}

/** Design §11: going on within so long. Judged from the moment at which what was restarted answers, so that a busy machine is not taken for a slow hub. */
const goingOnWithinMs = 10_000;

/** Whether a hub took longer than it may. */
export function isLate({ startMs, goingOnMs }: Recovery): boolean {
  return goingOnMs - startMs > goingOnWithinMs;
}

/** Numbers that grow with every effect at the outside systems. */
export async function outsideProgress({ mail, coins }: Pick<E2eWorld, 'mail' | 'coins'>): Promise<number> {
  const [{ totals, listsCreated }, { counts }] = await Promise.all([mail.effects(), coins.journal()]);
  const inMail = totals.changingUpserts + totals.identicalUpserts + totals.listMembersAdded + totals.listMembersRepeated;
  return inMail + Object.keys(listsCreated).length + counts.activitiesStored + counts.activitiesRepeated + counts.permissionFlips + counts.prospectPatches;
}

/** How many things the hub has read in. */
export async function readIn(hub: E2eHub): Promise<number> {
  const { count } = await hub.row<{ count: number }>('select count(*)::int count from source_record');
  return count;
}

/** Kills the program once the count is reached: a point in the work, not in time. */
export async function killAt(program: Program, reached: () => Promise<boolean>, what: string): Promise<void> {
  await waitFor(reached, { timeoutMs: 15_000, message: what });
  await program.kill();
}

/** Resolves when a program has killed itself at its fault point. */
export async function untilKilled(program: Program, faultPoint: string): Promise<void> {
  const ended = await waitFor(() => (program.hasEnded() ? program.ended : undefined), { timeoutMs: 15_000, message: `the process to kill itself at ${faultPoint}` });
  if (ended !== 'SIGKILL') throw new Error(`The process ended with ${ended} in place of killing itself at ${faultPoint}.`);
}

/** When a restart began, and when what was restarted answered; `performance.now()`. */
export interface Restarted {
  readonly beganAt: number;
  readonly answeredAt: number;
}

/**
 * Restarts and measures from the moment that `restart` gives on. What `progress` counts is read while that is under way, once calls of
 * the process that is gone have run out at the other side.
 */
export async function recover(hub: E2eHub, progress: () => Promise<number>, restart: () => Promise<Restarted>): Promise<Recovery> {
  const [{ beganAt, answeredAt }, before] = await Promise.all([restart(), standstill(progress)]);
  const isQuiet = async (): Promise<boolean> => Object.keys(await hub.pending()).length === 0;
  await waitFor(async () => (await progress()) > before || (await isQuiet()), { timeoutMs: 30_000, message: 'the hub to go on' });
  const since = (at: number): number => Math.round(at - beganAt);
  const goingOnMs = since(performance.now());
  await hub.untilQuiet();
  return { startMs: since(answeredAt), goingOnMs, quietMs: since(performance.now()) };
}

/** The count once it has not changed for a quarter of a second. */
async function standstill(count: () => Promise<number>): Promise<number> {
  let [last, since] = [await count(), performance.now()];
  return waitFor(async () => {
    const now = await count();
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since > 250 ? { now } : undefined;
  }).then(({ now }) => now);
}

/** A line about a recovery for the test's output. */
export function tell(what: string, { startMs, goingOnMs, quietMs }: Recovery): void {
  process.stderr.write(`  SIGKILL ${what}: going on ${goingOnMs} ms after the restart (of which ${startMs} ms to start), everything done after ${quietMs} ms\n`);
}
