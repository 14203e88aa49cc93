import { setCurrentDetails, sleep } from '@temporalio/workflow';
import type { RematchPart } from '../activities/rematch.ts';
import type { AccountInput } from './message-types.ts';
import { brief, working } from './proxies.ts';

/**
 * Matches all contacts of an account anew after its `matching` changed (`rematch/<accountId>`). Pages that were under way with the old
 * matching may be applied after the first pass: a second one follows when none can be left. The mark in PostgreSQL goes last, so that
 * the sweep starts this again when it was ended before.
 */
export async function rematch({ accountId }: AccountInput): Promise<void> {
  const { since, settledAfterMs } = await pass(accountId, 'first pass');
  if (since === null) return;
  setCurrentDetails(`**${accountId}**: contacts are matched anew. The first pass is done; a second one follows when pages that were under way are in.`);
  await sleep(settledAfterMs);
  await pass(accountId, 'second pass');
  await brief.endRematching.executeWithOptions({ summary: 'done' }, [{ accountId, since }]);
  setCurrentDetails(`**${accountId}**: all contacts are matched anew.`);
}

/** One pass over all contacts, in time-boxed parts. */
async function pass(accountId: string, name: string): Promise<RematchPart> {
  const sum = { looked: 0, changed: 0, merged: 0 };
  let after = 0;
  for (;;) {
    const part = await working.rematchContacts.executeWithOptions({ summary: name }, [{ accountId, after }]);
    sum.looked += part.looked;
    sum.changed += part.changed;
    sum.merged += part.merged;
    setCurrentDetails(`**${accountId}**: contacts are matched anew, ${name}.\n\n- Looked at: ${sum.looked}\n- Came apart or joined: ${sum.changed}\n- Merged: ${sum.merged}`);
    if (part.after === null) return part;
    after = part.after;
  }
}
