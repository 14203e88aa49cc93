import type { ConnectorReport } from '../activities/connector-report.ts';
import type { Refusal } from './refusal.ts';

/** Markdown of a workflow that waits for an operator, with what to do. */
export function blockedDetails(title: string, { code, message, fix }: Refusal): string {
  return [`**${title}**: needs an operator.`, '', `- Why: ${message} (\`${code}\`)`, `- What to do: ${fix}`, '- Then send the signal or update `retryFailed` to the workflow of the connector.'].join('\n');
}

/** Progress of something that is counted in parts. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly rows: number;
  /** Milliseconds since it began here, and what was done when it began. */
  readonly elapsedMs: number;
  readonly doneBefore: number;
  readonly rowsBefore: number;
  /** Workflow time in milliseconds. */
  readonly nowMs: number;
}

/** `12 of 24 (50 %), 5,000 rows, 800 a second, ends about 2027-01-01 10:00:05 UTC`. */
export function progressLine({ done, total, rows, elapsedMs, doneBefore, rowsBefore, nowMs }: Progress): string {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  const parts = [`${done} of ${total} (${percent} %)`, `${rows} rows`];
  const doneHere = done - doneBefore;
  if (elapsedMs > 0 && rows > rowsBefore) parts.push(`${Math.round(((rows - rowsBefore) / elapsedMs) * 1_000)} a second`);
  if (doneHere > 0 && done < total) parts.push(`ends about ${clock(nowMs + (elapsedMs / doneHere) * (total - done))}`);
  return parts.join(', ');
}

const clock = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Markdown of a connector: its state, its backfills, what waits, the last error and what to do about it. */
export function connectorDetails(connectorId: string, report: ConnectorReport, refusals: readonly string[]): string {
  const { state, backfills, counts, lastError } = report;
  const lines = [`**${connectorId}** (${report.platformTitle}${report.isTest ? ', a test connector' : ''}): ${report.syncState}`, ''];
  lines.push(`- Phase: ${state.phase}${state.paused ? ', paused (send `resume` to go on)' : ''}`);
  for (const direction of ['in', 'out'] as const) {
    const health = state.health[direction];
    lines.push(`- ${direction === 'in' ? 'Reading' : 'Sending'}: ${health.state}${health.state === 'ok' ? '' : `. ${health.reason}`}`);
  }
  for (const run of backfills) lines.push(`- Backfill of ${run.dataType}: ${run.done} of ${run.total} parts, ${run.rows} rows (workflow \`${run.workflowId}\`)`);
  lines.push(`- Waiting: ${counts.inboxWaiting} in the inbox, ${Object.entries(counts.deliveries).map(([name, count]) => `${count} deliveries ${name}`).join(', ') || 'no deliveries'}, ${counts.actionsPending} actions`);
  if (counts.rejected > 0) lines.push(`- Rejected records: ${counts.rejected} (\`hub failed list\`)`);
  if (lastError !== undefined) {
    const next = lastError.nextAttemptAt === null ? 'not by itself: send `retryFailed`' : lastError.nextAttemptAt;
    lines.push(`- Last error, ${lastError.at}: ${lastError.message} (\`${lastError.code}\`)`, `  - What to do: ${lastError.fix}`, `  - Next attempt: ${next}`);
  }
  for (const refusal of refusals) lines.push(`- Refused signal: ${refusal}`);
  return lines.join('\n');
}
