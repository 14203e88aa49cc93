import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { blockedDetails } from './details.ts';
import { introduceSelf, showAttributes } from './introduce.ts';
import { wakeSignal } from './messages.ts';
import { Perseverance } from './perseverance.ts';

/** One round of work. */
export interface Round {
  /** There is more to do: the next round follows at once. */
  readonly more: boolean;
  /** Markdown for the Temporal UI. */
  readonly details: string;
}

/**
 * A workflow that works when it is woken, one round at a time, for ever: it stays open between wakes, which costs nothing, and continues
 * as new by its own count of messages. A wake during a round is not lost: another round follows.
 */
export async function wakeLoop(connectorId: string, title: string, round: (perseverance: Perseverance) => Promise<Round>, renew: () => Promise<never>): Promise<void> {
  let isWoken = true;
  const perseverance = new Perseverance({
    renew,
    onBlocked: (refusal) => {
      showAttributes({ syncState: refusal === undefined ? 'running' : 'needsOperator' });
      setCurrentDetails(refusal === undefined ? `**${title}**: goes on.` : blockedDetails(title, refusal));
    },
  });
  setHandler(wakeSignal, () => {
    isWoken = true;
    perseverance.noteMessage();
  });
  if (!(await introduceSelf(connectorId, { syncState: 'running' }))) return;
  for (;;) {
    await condition(() => isWoken || perseverance.isWorn);
    if (perseverance.isWorn) await renew();
    isWoken = false;
    setCurrentDetails(atWork(title, connectorId));
    const { more, details } = await round(perseverance);
    setCurrentDetails(details);
    isWoken ||= more;
  }
}

/** Shown during a round: it may be one that waits on the retry ladder, which only the server knows. */
function atWork(title: string, connectorId: string): string {
  return `**${title}**: at work, or waiting for the next attempt: *Pending Activities* tells which, with the last failure. How the connector is, and the button: \`connector/${connectorId}\`.`;
}
