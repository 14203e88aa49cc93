import type { Instant } from '../model/fields.ts';
import type { LinkMemory, SentCall } from '../model/link-memory.ts';
import type { ConsentStatement, SourceRow } from '../model/source-record.ts';
import { traceOf } from './sent-calls.ts';

type DatedConsent = SourceRow['consents'][number];

/** The statements among the consents of a row, and the echoes to remember from now on. */
export interface DatedJudgement {
  readonly statements: readonly ConsentStatement[];
  readonly echoes: LinkMemory['echoes'];
}

/**
 * Judges consents that carry the source's own date (design §9). A dated withdrawal always counts; false without a date means «never asked» and is no
 * statement. A grant does not while a grant of ours for
 * this key is unconfirmed, unless it is younger than the end of that call, or older than its beginning and not of the date that we sent, nor ever after with that date or an older one: it may be our own
 * write, stamped by the platform.
 * A grant without a date passes on a first read, or when a read had shown it off.
 */
export function judgeDated(memory: LinkMemory, row: SourceRow, countsGrants: boolean): DatedJudgement {
  if (row.consents.length === 0) return { statements: [], echoes: memory.echoes };
  const statements: ConsentStatement[] = [];
  let echoes = memory.echoes;
  for (const consent of row.consents) {
    if (!consent.granted) {
      if (consent.at !== null) statements.push(statementOf(consent));
      continue;
    }
    if (consent.at !== null && mayBeOurGrant(memory, consent.heldKey, consent.at)) echoes = remember(echoes, consent.heldKey, consent.at);
    else if (countsGrants && isOwnGrant(memory, consent)) statements.push(statementOf(consent));
  }
  return { statements, echoes };
}

/** How far a platform's clock may be behind ours: the margin that Mail+ asks for between its clock and a window's end. */
const clockToleranceMs = 600_000;

/** A grant is ours if it has the date that a call of ours gave it, or one that the platform may have given that call by its own clock. */
function mayBeOurGrant(memory: LinkMemory, key: string, at: Instant): boolean {
  for (const number in memory.sent) {
    const call = memory.sent[number];
    if (call?.changes[key] === true && mayHaveMade(call, key, at)) return true;
  }
  return false;
}

function mayHaveMade({ startedAt, endedAt, grantDates }: SentCall, key: string, at: Instant): boolean {
  const given = grantDates?.[key];
  if (endedAt !== null && at > endedAt) return false;
  return given === undefined || startedAt === undefined || at === given || Date.parse(at) >= Date.parse(startedAt) - clockToleranceMs;
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
