import { makeContinueAsNewFunc, setCurrentDetails } from '@temporalio/workflow';
import { introduceSelf } from './introduce.ts';
import type { PullInput } from './message-types.ts';
import { mergeAll } from './merges.ts';
import { Perseverance } from './perseverance.ts';
import { working } from './proxies.ts';
import { refuse } from './refusal.ts';

/**
 * Reads what changed at the platform since the last pull, for one data type; started by the Schedule `pull/<connectorId>/<dataType>`. Waits
 * on the retry ladder; where an operator is needed it fails with the reason: the cursor has not moved, a later pull reads the same.
 */
export async function pull(input: PullInput): Promise<{ readonly rows: number; readonly waiting?: string }> {
  const { connectorId, dataType } = input;
  const renew = () => makeContinueAsNewFunc<typeof pull>()(input);
  const perseverance = new Perseverance({
    renew,
    onBlocked: (refusal) => {
      if (refusal !== undefined) throw refuse(refusal);
    },
  });
  if (!(await introduceSelf(connectorId, { dataType }))) return { rows: 0, waiting: 'the connector is removed' };
  for (let rows = 0; ;) {
    const result = await perseverance.run(() => working.pullWindow.executeWithOptions({ summary: `${dataType} of ${connectorId}` }, [input]));
    rows += result.rows;
    if (result.mergesRequested > 0) await mergeAll(perseverance, connectorId);
    setCurrentDetails(`**Pull of ${dataType}**: ${rows} rows${result.waiting === undefined ? '' : `, ${result.waiting}`}.`);
    if (!result.more) return { rows, ...(result.waiting === undefined ? {} : { waiting: result.waiting }) };
    if (perseverance.isWorn) await renew();
  }
}
