import { makeContinueAsNewFunc, setCurrentDetails } from '@temporalio/workflow';
import { blockedDetails } from './details.ts';
import { showAttributes } from './introduce.ts';
import type { SliceInput, SliceResult } from './message-types.ts';
import { mergeAll } from './merges.ts';
import { Perseverance } from './perseverance.ts';
import { working } from './proxies.ts';

/**
 * Reads one slice of a backfill (`backfill/<connectorId>/<dataType>/<from>`): a time-boxed activity again and again until the slice is
 * done. Waits on the retry ladder, for an operator, and while the connector is paused.
 */
export async function backfillSlice(input: SliceInput, rowsBefore = 0): Promise<SliceResult> {
  const title = `Backfill of ${input.dataType} from ${input.from}`;
  let rows = rowsBefore;
  const renew = () => makeContinueAsNewFunc<typeof backfillSlice>()(input, rows);
  const perseverance = new Perseverance({
    renew,
    onBlocked: (refusal) => {
      showAttributes({ syncState: refusal === undefined ? 'running' : 'needsOperator' });
      setCurrentDetails(refusal === undefined ? `**${title}**: goes on.` : blockedDetails(title, refusal));
    },
  });
  for (;;) {
    const result = await perseverance.run(() => working.readSlice.executeWithOptions({ summary: `${input.dataType} from ${input.from.slice(0, 10)}` }, [input]));
    rows += result.rows;
    setCurrentDetails(`**${title}**: ${result.state === 'more' ? 'reading' : result.state}, ${rows} rows.`);
    if (result.mergesRequested > 0) await mergeAll(perseverance, input.connectorId);
    if (result.state === 'done' || result.state === 'stopped') return { rows, state: result.state };
    if (result.state === 'paused') await perseverance.untilReleased();
    else if (perseverance.isWorn) await renew();
  }
}
