import type { ConnectorStatus } from '../../gateway/status/status-view.ts';
import { counted, number } from './counts.ts';
import { remapText } from './mapping-text.ts';
import { shownLength, type Paint } from './paint.ts';
import { reasonLines } from './reason-lines.ts';
import { table } from './table.ts';
import { clock, duration, when } from './times.ts';

/** The answer of `GET /status`. */
export interface StatusAnswer {
  readonly at: string;
  readonly connectors: readonly ConnectorStatus[];
}

/** How every connector is: how far, how fast, until when, what failed, and what to do about it. */
export function statusText(paint: Paint, { at, connectors }: StatusAnswer): string {
  if (connectors.length === 0) return 'There are no connectors. `hub onboarding` shows where to begin.';
  return [
    `Status at ${when(at)} UTC`,
    table(['connector', 'state', 'sent', 'to send', 'parked', 'left out', 'failed', 'to apply', 'next pull (UTC)'], connectors.map((one) => row(paint, one))),
    ...connectors.flatMap((one) => details(paint, one, at)),
  ].join('\n');
}

function row(paint: Paint, { connector, counts, inbox, nextPull }: ConnectorStatus): string[] {
  const isWell = connector.health.in.state === 'ok' && connector.health.out.state === 'ok';
  return [
    nameOf(connector), isWell ? connector.state : paint.bad(connector.state), number(counts.delivered), number(counts.pending + counts.actionsPending), number(counts.parked),
    number(counts.excluded), counts.listed === 0 ? '0' : paint.bad(number(counts.listed)), number(inbox.waiting), connector.paused ? 'paused' : when(nextPull),
  ];
}

function nameOf({ id, test }: ConnectorStatus['connector']): string {
  return test ? `${id} (test connector)` : id;
}

function details(paint: Paint, status: ConnectorStatus, at: string): string[] {
  const { connector, backfills, counts, inbox } = status;
  const lines: (readonly [label: string, text: string])[] = [
    ...healthLines(paint, status),
    ...(connector.paused ? [[paint.warn('Paused'), `nothing is read or sent; what comes in is kept. \`hub resume ${connector.id}\` goes on.`] as const] : []),
    ...backfills.map((run) => ['Reading', progressText(run, at)] as const),
    ...awaitedLine(status),
    ...(inbox.waiting === 0 ? [] : [['Applying', `${counted(inbox.waiting, 'request')} that came in, the oldest ${duration(inbox.lagSeconds)} ago`] as const]),
    ...mappingLines(paint, status),
    ...status.mergedAnew.map(({ dataType, percent, looked, total }) => ['Merging', `stored ${dataType} anew, for whose word counts first has changed: ${bar(percent)} ${percent} %, ${number(looked)} of ${number(total)}`] as const),
    ...sendingLine(status, at),
    ...reasonLines(paint, status),
    ...(counts.listed === 0 ? [] : [['', `\`hub failed list --connector ${connector.id}\` shows what failed.`] as const]),
  ];
  if (lines.length === 0) return [];
  return [`${paint.strong(nameOf(connector))}`, ...lines.map(([label, text]) => `  ${padded(label, 10)}${text}`)];
}

/** A change of the mapping that is under way, and fields that are held back because the account lost their property. */
function mappingLines(paint: Paint, { connector, mapping: { remap, heldBack } }: ConnectorStatus): (readonly [string, string])[] {
  return [
    ...(remap?.state === 'running' ? [['Mapping', `stored contacts are brought in line: ${bar(remap.percent)} ${remapText(remap)}`] as const] : []),
    ...heldBack.map(({ property, fields, since }) => [paint.warn('Held back'), `${fields.join(', ')}: the account does not show «${property}» any more, since ${when(since)} UTC; all other fields go on. \`hub mapping show ${connector.id}\``] as const),
  ];
}

/** Colours take no room. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(1, width - shownLength(text)));
}

const activity = { in: 'reading', out: 'sending' } as const;

/** One line for both directions when they have the same trouble. */
function healthLines(paint: Paint, { connector, holds }: ConnectorStatus): (readonly [string, string])[] {
  const troubles = new Map<string, { readonly label: string; readonly text: string; readonly directions: string[] }>();
  for (const direction of ['in', 'out'] as const) {
    const { state, reason } = connector.health[direction];
    if (state === 'ok') continue;
    const next = state === 'holding' ? holds.find((hold) => hold.direction === direction)?.notBefore : undefined;
    const text = `${reason ?? ''}${next === undefined || next === null ? '' : ` Next attempt at ${clock(next)} UTC, or at once with \`hub failed retry --connector ${connector.id}\`.`}`;
    const label = state === 'holding' ? paint.warn('Waits') : paint.bad('Needs you');
    const trouble = troubles.get(`${state}${text}`) ?? { label, text, directions: [] };
    trouble.directions.push(activity[direction]);
    troubles.set(`${state}${text}`, trouble);
  }
  return [...troubles.values()].map(({ label, text, directions }) => [label, `${directions.join(' and ')}: ${text}`] as const);
}

/** Only the system knows when it has sent all. */
function awaitedLine({ connector, awaitedImports }: ConnectorStatus): (readonly [string, string])[] {
  if (awaitedImports.length === 0) return [];
  return [['Awaits', `the word of its system that it has sent all of: ${awaitedImports.join(', ')}. Nothing of them goes to it before. It says so with POST /inbound/${connector.platform}/${connector.id}/<data type>/complete, or \`hub import … --complete\` does.`]];
}

function progressText(run: ConnectorStatus['backfills'][number], at: string): string {
  const what = `${run.first ? 'first import' : 'backfill'} of ${run.dataType} since ${run.from.slice(0, 10)}`;
  const speed = run.rowsPerSecond === null ? '' : `, ${number(run.rowsPerSecond)} a second`;
  const rows = counted(run.rows, 'row');
  // Nothing was read: the system has said by itself that this was all.
  if (run.state === 'done' && run.slices === 0) return `${what.replace(/ since .*/, '')}: complete`;
  if (run.state === 'done') return `${what}: done, ${rows}`;
  if (run.state !== 'running') return `${what}: ${run.state} at ${run.percent} %, ${rows}${run.reason === null ? '' : `: ${run.reason}`}`;
  return `${what}: ${bar(run.percent)} ${run.percent} %, ${rows}${speed}${until(run.estimatedEnd, at)}`;
}

/** While the platform is waited for, the speed of before tells nothing about the end. */
function sendingLine({ connector, sending, counts }: ConnectorStatus, at: string): (readonly [string, string])[] {
  if (sending.pending === 0 && sending.perSecond < 1) return [];
  const all = sending.pending + counts.delivered;
  const percent = all === 0 ? 100 : Math.floor((counts.delivered / all) * 100);
  const speed = connector.paused || connector.health.out.state !== 'ok' ? '' : `, ${number(sending.perSecond)} a second${until(sending.estimatedEnd, at)}`;
  return [['Sending', `${bar(percent)} ${percent} %, ${number(sending.pending)} to go${speed}`]];
}

function until(end: string | null, at: string): string {
  if (end === null) return '';
  return `, until about ${clock(end)} UTC (in ${duration(Math.max(0, Date.parse(end) - Date.parse(at)) / 1000)})`;
}

const barWidth = 20;

function bar(percent: number): string {
  const full = Math.round((percent / 100) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}
