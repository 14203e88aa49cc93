import type { Instant } from '../model/fields.ts';
import { justAfter, later } from '../model/instants.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import { areSameFields } from '../model/same-value.ts';
import type { ConsentStatement, SourceRow } from '../model/source-record.ts';
import { isCrossed } from './verdict.ts';
import { traceOf, type KeyTrace } from './sent-calls.ts';

/** The statements among permissions of which only the present state can be read, the keys that were taken as said by a person, and what to remember. */
export interface ObservedJudgement {
  readonly statements: readonly ConsentStatement[];
  readonly settled: ReadonlySet<string>;
  readonly offSince: LinkMemory['offSince'];
}

interface Sight {
  readonly permission: string;
  readonly isOn: boolean;
  readonly was: boolean | undefined;
  readonly trace: KeyTrace | null;
}

const none: ReadonlySet<string> = new Set();

/**
 * Judges permissions of which only the present state can be read (design §9). On at first sight is a grant without a date, off is no event.
 * A change between two reads happened in the interval: a withdrawal is dated at its end (or at the source's own stamp, if that lies inside),
 * a grant at its start: the moment after the read that still showed it off. What we sent since the last confirmed read is never a statement, nor is what a read shows that began before our
 * write of that key had ended. In doubt a withdrawal counts and a grant does not:
 *
 * - off, although our last confirmed write said on, is a withdrawal, even if an older write of ours said off;
 * - where the outcome of a write is not known, a source's stamp after its end shows that somebody changed the thing since;
 * - on is no grant when the source's stamp says that nothing changed since the interval began.
 */
export function judgeObserved(memory: LinkMemory, row: SourceRow, readAt: Instant): ObservedJudgement {
  if (row.observedPermissions === undefined) return { statements: [], settled: none, offSince: memory.offSince };
  const statements: ConsentStatement[] = [];
  const settled = new Set<string>();
  for (const permission in row.observedPermissions) {
    const key = row.observedPermissions[permission];
    if (key === undefined) continue;
    const trace = traceOf(memory.sent, key);
    if (trace !== null && isCrossed(trace, readAt)) continue;
    const held = memory.held[key];
    const sight = { permission, isOn: row.held[key] === true, was: typeof held === 'boolean' ? held : undefined, trace };
    const statement = sight.isOn ? grantOf(memory, row, sight) : withdrawalOf(memory, row, sight, readAt);
    if (statement === null) continue;
    statements.push(statement);
    settled.add(key);
  }
  return { statements, settled, offSince: offSinceAfter(memory, row, readAt) };
}

/** Keys that are off stay, with the first read that saw them off, until they are seen on. */
function offSinceAfter(memory: LinkMemory, row: SourceRow, readAt: Instant): LinkMemory['offSince'] {
  const after: Record<string, Instant> = {};
  for (const permission in row.observedPermissions) {
    const key = row.observedPermissions[permission];
    if (key === undefined || row.held[key] === true) continue;
    const since = memory.offSince[key] ?? (memory.held[key] === undefined ? readAt : undefined);
    if (since !== undefined) after[key] = since;
  }
  return areSameFields(after, memory.offSince) ? memory.offSince : after;
}

function withdrawalOf(memory: LinkMemory, row: SourceRow, { permission, was, trace }: Sight, readAt: Instant): ConsentStatement | null {
  const changedSince = trace !== null && !trace.open && trace.endedAt !== null && row.sourceTime !== null && row.sourceTime > trace.endedAt;
  const mayBeOurs = trace !== null && trace.unsettled.includes(false);
  const mayHaveBeenOn = was === true || (trace !== null && trace.unsettled.includes(true) && changedSince);
  if (!mayHaveBeenOn || (mayBeOurs && !changedSince)) return null;
  const start = trace === null ? memory.readAt : later(memory.readAt, trace.endedAt);
  const isInside = row.sourceTime !== null && row.sourceTime <= readAt && (start === null || row.sourceTime > start);
  return { permission, granted: false, at: isInside ? row.sourceTime : readAt, evidence: 'seen switched off between two reads' };
}

function grantOf(memory: LinkMemory, row: SourceRow, { permission, was, trace }: Sight): ConsentStatement | null {
  if (was === true || (trace !== null && isOurs(trace))) return null;
  if (was === undefined) return { permission, granted: true, at: null, evidence: 'seen switched on at the first read' };
  const start = trace === null ? memory.readAt : (trace.stored?.startedAt ?? trace.stored?.endedAt ?? null);
  if (start !== null && row.sourceTime !== null && row.sourceTime <= start) return null;
  return { permission, granted: true, at: start === null ? null : justAfter(start), evidence: 'seen switched on between two reads' };
}

function isOurs(trace: KeyTrace): boolean {
  return trace.storedValue === true || trace.unsettled.includes(true) || trace.superseded.includes(true);
}

/**
 * What a read says that began before one that was taken into account: on then, and off at what was the first sight, is a withdrawal that nobody
 * has concluded yet. It is dated when the permission was first seen off.
 */
export function judgeObservedLate(memory: LinkMemory, row: SourceRow): Pick<ObservedJudgement, 'statements' | 'offSince'> {
  const statements: ConsentStatement[] = [];
  const offSince: Record<string, Instant> = { ...memory.offSince };
  for (const permission in row.observedPermissions) {
    const key = row.observedPermissions[permission];
    const at = key === undefined ? undefined : memory.offSince[key];
    if (key === undefined || at === undefined || row.held[key] !== true) continue;
    statements.push({ permission, granted: false, at, evidence: 'seen switched off between two reads' });
    delete offSince[key];
  }
  return { statements, offSince: statements.length === 0 ? memory.offSince : offSince };
}
