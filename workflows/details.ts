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

/** Markdown of a connector: its state, what to do about it, its backfills, what waits, what will not go by itself. */
export function connectorDetails(connectorId: string, report: ConnectorReport, refusals: readonly string[]): string {
  const { state, backfills, syncState } = report;
  return [
    `**${connectorId}** (${report.platformTitle}${report.isTest ? ', a test connector' : ''}): ${syncState}`, '',
    `- Phase: ${state.phase}${state.paused ? ', paused (send `resume` to go on)' : ''}`,
    ...healthLines(state.health),
    ...buttonLines(syncState),
    ...backfills.map((run) => `- Backfill of ${run.dataType}: ${run.done} of ${run.total} parts, ${run.rows} rows (workflow \`${run.workflowId}\`)`),
    ...countLines(report),
    ...lastErrorLines(report),
    ...refusals.map((refusal) => `- Refused signal: ${refusal}`),
  ].join('\n');
}

/** One line for both directions when they have the same trouble. */
function healthLines(health: ConnectorReport['state']['health']): string[] {
  const [reading, sending] = [health.in, health.out].map((one) => (one.state === 'ok' ? 'ok' : `${one.state}. ${one.reason}`));
  return reading === sending && reading !== 'ok' ? [`- Reading and sending: ${reading}`] : [`- Reading: ${reading}`, `- Sending: ${sending}`];
}

/** The button for somebody who has only the Temporal UI. */
function buttonLines(syncState: ConnectorReport['syncState']): string[] {
  const how = 'send the signal or update `retryFailed` to this workflow (*More Actions*, no input)';
  if (syncState === 'holding') return [`- To try at once: ${how}.`];
  return syncState === 'needsOperator' ? [`- When that is done: ${how}.`] : [];
}

function countLines({ counts: { deliveries, inboxWaiting, actionsPending, rejected } }: ConnectorReport): string[] {
  const { pending = 0, parked = 0, excluded = 0, failed = 0 } = deliveries;
  return [
    `- Waiting: ${inboxWaiting} in the inbox, ${pending} to send${parked > 0 ? `, ${parked} parked` : ''}, ${actionsPending} ${actionsPending === 1 ? 'action' : 'actions'}`,
    ...(failed > 0 ? [`- Refused by the platform: ${failed} (\`hub failed list\`; \`skipFailed\` sets them aside)`] : []),
    ...(rejected > 0 ? [`- Rejected on the way in: ${rejected} (\`hub failed list\`; the source has to send them again, corrected)`] : []),
    ...(excluded > 0 ? [`- Left out: ${excluded}, which do not belong at this platform (\`hub status\` tells why)`] : []),
  ];
}

/** What the line of its direction says already is not said again. */
function lastErrorLines({ lastError, state: { health } }: ConnectorReport): string[] {
  if (lastError === undefined) return [];
  const { at, code, message, fix, nextAttemptAt } = lastError;
  const isSaid = [health.in, health.out].some((one) => one.state !== 'ok' && one.reason.includes(message));
  const next = nextAttemptAt === null ? 'not by itself: send `retryFailed`' : clock(Date.parse(nextAttemptAt));
  return [
    `- Last error, ${clock(Date.parse(at))}: ${isSaid ? `\`${code}\`` : `${message} (\`${code}\`)`}`,
    ...(isSaid ? [] : [`  - What to do: ${fix}`]),
    `  - Next attempt: ${next}`,
  ];
}
