import { judgeRead, type ReadJudgement } from '../../../domain/consent/link-memory.ts';
import type { ConsentEvent } from '../../../domain/consent/ledger.ts';
import { mergingKeyOf } from '../../../domain/identity/match-keys.ts';
import { applyVersion } from '../../../domain/merge/source-state.ts';
import { overwrittenVersion } from '../../../domain/merge/overwritten-version.ts';
import { versionAfterRead, type ReadTimes } from '../../../domain/merge/version-after-read.ts';
import { earlier } from '../../../domain/model/instants.ts';
import type { LinkMemory } from '../../../domain/model/link-memory.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';
import { memoryOf, type StoredLink, type StoredSource } from './load.ts';
import type { ApplyInput, WorkingSource } from './types.ts';

const byTime = (a: SourceRow, b: SourceRow) => ((a.sourceTime ?? '') < (b.sourceTime ?? '') ? -1 : 1);

/** Rows by external id, each group ascending by the source's own time. */
export function groupRows(rows: readonly SourceRow[]): Map<string, SourceRow[]> {
  const groups = new Map<string, SourceRow[]>();
  for (const row of rows) {
    const group = groups.get(row.externalId);
    if (group) group.push(row);
    else groups.set(row.externalId, [row]);
  }
  for (const group of groups.values()) if (group.length > 1) group.sort(byTime);
  return groups;
}

/**
 * The key of a thing. At a platform where contacts are ours by link, and for a thing that is gone, only a statement changes it: an address
 * that it stated once may have been overtaken by that of the prospects since.
 */
function keyAfter(input: ApplyInput, stored: StoredSource | undefined, state: SourceState): string | null {
  const keepsKey = stored !== undefined && stored.matchKind !== otherKind(input.matching) && (input.reflecting.has(input.connectorId) || (state.deleted && stored.state.deleted));
  const isOld = keepsKey && keyFields.every((field) => stored.state.canonical[field] === state.canonical[field] && stored.state.fieldTimes[field] === state.fieldTimes[field]);
  return isOld ? stored.matchValue : mergingKeyOf(input.dataType, state.canonical, input.matching);
}

const keyFields = ['email', 'mobile', 'phone'] as const;
const otherKind = (matching: ApplyInput['matching']) => (matching === 'email' ? 'phone' : 'email');

/** What a source is known to say after a judged read; the same object when nothing was added. */
function stateAfter(state: SourceState | null, memory: LinkMemory, row: SourceRow, judged: ReadJudgement, times: ReadTimes): SourceState | null {
  const overwritten = overwrittenVersion(memory, state, row, judged, times);
  const base = overwritten === null ? state : applyVersion(state, overwritten).state;
  const version = versionAfterRead(base, row, judged, times);
  return version === null ? base : applyVersion(base, version).state;
}

/** Judges the rows of one thing against what is known of it: what is a statement, what its state is now. */
export function judgeThing(input: ApplyInput, rows: readonly SourceRow[], stored: StoredSource | undefined, link: StoredLink | undefined): WorkingSource & { recheck: boolean } {
  const first = rows[0];
  if (first === undefined) throw new Error('A thing without rows cannot be judged.');
  let memory = memoryOf(link);
  let state: SourceState | null = stored?.state ?? null;
  let stateChanged = false;
  let recheck = false;
  const statements: ConsentEvent[] = [];
  for (const row of rows) {
    const readAt = input.isPushed ? earlier(row.sourceTime ?? input.receivedAt, input.receivedAt) : input.readAt;
    const judged = judgeRead(memory, row, readAt);
    const after = stateAfter(state, memory, row, judged, { connectorId: input.connectorId, readAt, receivedAt: input.receivedAt });
    stateChanged ||= after !== state;
    state = after;
    recheck ||= judged.recheck;
    memory = judged.memory;
    for (const s of judged.statements) {
      statements.push({ ...s, receivedAt: input.receivedAt, connectorId: input.connectorId, externalId: row.externalId, mayGrant: input.mayGrant });
    }
  }
  const newKey = state === null ? (stored?.matchValue ?? null) : keyAfter(input, stored, state);
  return {
    externalId: first.externalId, rows, previous: stored?.state ?? null, state, recordId: 0, leaves: null, isLinked: link !== undefined, memory, memoryChanged: memory !== link?.memory,
    alternateId: rows.at(-1)?.alternateId ?? link?.alternateId ?? null, newKey, stateChanged, statements, recheck,
  };
}
