import { makeContinueAsNewFunc, setCurrentDetails } from '@temporalio/workflow';
import { introduceSelf } from './introduce.ts';
import type { ReportsInput } from './message-types.ts';
import { Perseverance } from './perseverance.ts';
import { working } from './proxies.ts';
import { refuse } from './refusal.ts';

/** What a pull of reports came to. Counts only. */
export interface ReportsResult {
  /** Lines that were read. */
  readonly rows: number;
  /** Mailings that were looked at. */
  readonly mailings: number;
  /** Why reports are not read, for a person. */
  readonly waiting?: string;
}

/**
 * Reads what changed in the reports of mailings; started by the Schedule `reports/<connectorId>`. One event group for each time box, however
 * long a report is: where it stands is in PostgreSQL. Waits on the retry ladder; where an operator is needed it fails with the reason.
 */
export async function pullReports({ connectorId, startedAt }: ReportsInput): Promise<ReportsResult> {
  let since = startedAt;
  const renew = () => makeContinueAsNewFunc<typeof pullReports>()({ connectorId, ...(since === undefined ? {} : { startedAt: since }) });
  const perseverance = new Perseverance({
    renew,
    onBlocked: (refusal) => {
      if (refusal !== undefined) throw refuse(refusal);
    },
  });
  if (!(await introduceSelf(connectorId))) return { rows: 0, mailings: 0, waiting: 'the connector is removed' };
  for (let [rows, mailings] = [0, 0]; ;) {
    const input = { connectorId, ...(since === undefined ? {} : { startedAt: since }) };
    const result = await perseverance.run(() => working.readReports.executeWithOptions({ summary: `reports of ${connectorId}` }, [input]));
    since = result.startedAt;
    rows += result.rows;
    mailings += result.mailings;
    const waiting = result.waiting === undefined ? {} : { waiting: result.waiting };
    setCurrentDetails(`**Reports of ${connectorId}**: ${mailings} mailings, ${rows} lines${result.waiting === undefined ? '' : `, ${result.waiting}`}.`);
    if (!result.more) return { rows, mailings, ...waiting };
    if (perseverance.isWorn) await renew();
  }
}
