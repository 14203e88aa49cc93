import type { Fields, Instant, Scalar } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import { isSameValue } from '../model/same-value.ts';
import type { ConsentStatement, SourceRow } from '../model/source-record.ts';
import { judgeDated } from './dated-consents.ts';
import { judgeObserved, judgeObservedLate } from './observed-permissions.ts';
import { forgetKeys, traceOf } from './sent-calls.ts';
import { statedFields, wholeRow } from './stated-fields.ts';
import { judgeKey } from './verdict.ts';

export { fieldsAfterRead } from './stated-fields.ts';
export { recordNotSent, recordOutcome, recordSent, recordUnknownOutcome } from './sent-calls.ts';

/** What a read of one thing says, apart from what the hub itself wrote there. */
export interface ReadJudgement {
  /** Canonical fields that are the source's own statements. */
  readonly stated: Fields;
  /**
   * How `stated` becomes a version (`versionAfterRead` does it): `whole`: it is all that the source says; `changes`: what is not in it is as
   * it was before, be it unchanged, an echo, or not certain; `nothing`: this read says nothing about fields.
   */
  readonly covers: 'whole' | 'changes' | 'nothing';
  readonly statements: readonly ConsentStatement[];
  /** To be stored with the link, whatever the read said. */
  readonly memory: LinkMemory;
  /** Something differs that this read can not settle: read the thing again, once no call to it is under way. */
  readonly recheck: boolean;
}

/**
 * Tells what a source says from what it merely holds because we wrote it (design §9). Pure. `readAt` is when the read began, by our clock
 * (for a pushed row: when the source made it, or it was received).
 *
 * - On a link that was never read nor written everything is a statement.
 * - A value is a statement unless it is what we know the platform to hold, or what we sent since the last confirmed read; a key that a
 *   write of ours crossed says nothing. Calls to other keys of the link do not matter.
 * - A key that the read could not show is as it was.
 * - A read that began before one that was taken into account already gives withdrawals; grants and fields only where we never wrote.
 *
 * `memory` of the result is to be stored whatever else the read says.
 */
export function judgeRead(memory: LinkMemory, shown: SourceRow, readAt: Instant): ReadJudgement {
  const row = withUnseen(memory, shown);
  if (memory.readAt !== null && readAt < memory.readAt) return judgeLate(memory, row);
  const dated = judgeDated(memory, row, true);
  if (row.deleted === true) {
    return { stated: {}, covers: 'whole', statements: dated.statements, memory: { ...memory, echoes: dated.echoes, readAt }, recheck: false };
  }
  const observed = judgeObserved(memory, row, readAt);
  const isFirst = memory.readAt === null && !isWritten(memory);
  const learnt = learn(memory, row, readAt, observed.settled);
  return {
    stated: isFirst ? row.canonical : statedFields(memory, row, readAt),
    covers: isFirst ? 'whole' : 'changes',
    statements: observed.statements.length === 0 ? dated.statements : [...dated.statements, ...observed.statements],
    memory: { held: learnt.held, sent: learnt.sent, echoes: dated.echoes, offSince: observed.offSince, outcomeAt: memory.outcomeAt, readAt },
    recheck: learnt.recheck,
  };
}

/** The row with what is held under keys that it could not show. */
function withUnseen({ held }: LinkMemory, row: SourceRow): SourceRow {
  const { visible } = row;
  if (visible === undefined || row.deleted === true) return row;
  const unseen: Record<string, Scalar> = {};
  let some = false;
  for (const key in held) {
    const value = held[key];
    if (value === undefined || visible[key] === true || row.held[key] !== undefined) continue;
    unseen[key] = value;
    some = true;
  }
  return some ? { ...row, held: { ...unseen, ...row.held } } : row;
}

function judgeLate(memory: LinkMemory, row: SourceRow): ReadJudgement {
  const isOurs = isWritten(memory);
  const dated = judgeDated(memory, row, !isOurs);
  const known = dated.echoes === memory.echoes ? memory : { ...memory, echoes: dated.echoes };
  if (row.deleted === true) return { stated: {}, covers: 'whole', statements: dated.statements, memory: known, recheck: false };
  if (isOurs) return { stated: {}, covers: 'nothing', statements: dated.statements, memory: known, recheck: false };
  const { statements, offSince } = judgeObservedLate(memory, row);
  return {
    stated: wholeRow(memory, row), covers: 'whole', statements: [...dated.statements, ...statements],
    memory: offSince === memory.offSince ? known : { ...known, offSince }, recheck: false,
  };
}

function hasCalls(memory: LinkMemory): boolean {
  for (const _number in memory.sent) return true;
  return false;
}

/** True when the hub ever wrote to the thing, or meant to. */
export function isWritten(memory: LinkMemory): boolean {
  return memory.outcomeAt !== null || hasCalls(memory);
}

interface Learnt {
  readonly held: Fields;
  readonly sent: LinkMemory['sent'];
  readonly recheck: boolean;
}

/** What the platform holds as far as this read can tell. `settled` are keys whose shown value was taken as said by a person. */
function learn(memory: LinkMemory, row: SourceRow, readAt: Instant, settled: ReadonlySet<string>): Learnt {
  if (!hasCalls(memory)) return { held: row.held, sent: memory.sent, recheck: false };
  const held: Record<string, Scalar> = { ...row.held };
  const confirmed = new Set<string>();
  let recheck = false;
  for (const key of sentKeys(memory)) {
    const verdict = settled.has(key) ? 'news' : judgeKey(memory, row.held[key], key, readAt);
    const known = memory.held[key];
    if (verdict === 'unsure') {
      recheck ||= !isSameValue(known, row.held[key]);
      if (known === undefined) delete held[key];
      else held[key] = known;
    } else if (verdict === 'overtaken') recheck = true;
    else if (traceOf(memory.sent, key)?.open === false) confirmed.add(key);
  }
  return { held, sent: forgetKeys(memory.sent, confirmed), recheck };
}

function sentKeys(memory: LinkMemory): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const number in memory.sent) for (const key in memory.sent[number]?.changes) keys.add(key);
  return keys;
}
