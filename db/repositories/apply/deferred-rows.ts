import type { SourceRow } from '../../../domain/model/source-record.ts';
import type { ApplyResult } from './types.ts';

/** Rows of a page that are applied last, in the page's own transaction: another page that is under way has their match keys. */
export interface DeferredRows {
  /** All rows of one thing answer alike. */
  readonly has: (row: SourceRow) => boolean;
  /**
   * Resolves when the pages that are waited for have ended. Throws OverdueTurn when that takes long: they may wait for a lock that this page holds,
   * which the database can not see.
   */
  readonly ready: () => Promise<void>;
  /** The same without an end of patience, for a page that holds nothing. */
  readonly ended: () => Promise<void>;
}

/** A page waited too long for another one while it held locks: it is rolled back and begun anew when that one has ended. */
export class OverdueTurn extends Error {
  override readonly name = 'OverdueTurn';
}

/** What both parts of a page did. */
export function sumOf(a: ApplyResult, b: ApplyResult): ApplyResult {
  return {
    created: a.created + b.created, changed: a.changed + b.changed, unchanged: a.unchanged + b.unchanged, excluded: a.excluded + b.excluded,
    mergesRequested: a.mergesRequested + b.mergesRequested, raisedFor: [...new Set([...a.raisedFor, ...b.raisedFor])], recheck: [...a.recheck, ...b.recheck],
  };
}
