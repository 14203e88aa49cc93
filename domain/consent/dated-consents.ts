import type { Instant } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import type { ConsentStatement, SourceRow } from '../model/source-record.ts';
import { traceOf } from './sent-calls.ts';

type DatedConsent = SourceRow['consents'][number];

/** The statements among the consents of a row, and the echoes to remember from now on. */
export interface DatedJudgement {
  readonly statements: readonly ConsentStatement[];
  readonly echoes: LinkMemory['echoes'];
}

/**
 * Judges consents that carry the source's own date (design §9). A withdrawal always counts. A grant does not while a grant of ours for
 * this key is unconfirmed, unless it is younger than the end of that call, nor ever after with that date or an older one: it may be our own
 * write, stamped by the platform.
 * False without a date passes (the ledger takes it for «never asked»); a grant without one passes on a first read, or when a read had shown it off.
 */
export function judgeDated(memory: LinkMemory, row: SourceRow, countsGrants: boolean): DatedJudgement {
  if (row.consents.length === 0) return { statements: [], echoes: memory.echoes };
  const statements: ConsentStatement[] = [];
  let echoes = memory.echoes;
  for (const consent of row.consents) {
    if (!consent.granted) {
      statements.push(statementOf(consent));
      continue;
    }
    if (consent.at !== null && mayBeOurGrant(memory, consent.heldKey, consent.at)) echoes = remember(echoes, consent.heldKey, consent.at);
    else if (countsGrants && isOwnGrant(memory, consent)) statements.push(statementOf(consent));
  }
  return { statements, echoes };
}

/** A call of ours that was over before the date did not make it. */
function mayBeOurGrant(memory: LinkMemory, key: string, at: Instant): boolean {
  for (const number in memory.sent) {
    const call = memory.sent[number];
    if (call?.changes[key] === true && (call.endedAt === null || at <= call.endedAt)) return true;
  }
  return false;
}

function isOwnGrant(memory: LinkMemory, consent: DatedConsent): boolean {
  const key = consent.heldKey;
  if (consent.at === null) return traceOf(memory.sent, key) === null && memory.held[key] !== true;
  const echo = memory.echoes[key];
  return echo === undefined || consent.at > echo;
}

function remember(echoes: LinkMemory['echoes'], key: string, at: Instant): LinkMemory['echoes'] {
  const known = echoes[key];
  return known !== undefined && known >= at ? echoes : { ...echoes, [key]: at };
}

function statementOf({ permission, granted, at, evidence }: DatedConsent): ConsentStatement {
  return { permission, granted, at, evidence };
}
