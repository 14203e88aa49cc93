import { OverdueTurn, type DeferredRows } from '../db/repositories/apply/deferred-rows.ts';
import type { SourceRow } from '../domain/model/source-record.ts';

/** When a page waits in another way. */
export interface TurnLimits {
  /** How long a page keeps its locks while it waits for another one: longer than any page takes, unless the two wait for each other. */
  readonly patienceMs: number;
  /** Above this share of its rows a page waits for the others as a whole. */
  readonly mostDeferred: number;
}

const usualLimits: TurnLimits = { patienceMs: 2_000, mostDeferred: 0.25 };

/** A page's turn among those under way. */
export interface Turn {
  /** What the page has to put last; absent when nothing, or everything, waits. */
  readonly deferred?: DeferredRows;
  /** To be waited for before the page begins. */
  readonly before: Promise<void>;
  /** The page has ended, however. */
  leave(): void;
}

interface PageUnderWay { readonly keys: ReadonlySet<string>; readonly ended: Promise<void> }

/**
 * The merging keys of the pages that one drain has under way. Two pages with a common key cannot be applied beside each other, and nearly
 * every two pages of a large list have one; so a page puts the few rows concerned last, when the page before it has ended, in place of waiting
 * at its first key (ADR 0020). Within one process; other processes meet at the locks of the keys.
 */
export class KeysUnderWay {
  readonly #pages = new Set<PageUnderWay>();
  readonly #keyOf: (row: SourceRow) => string | null;
  readonly #limits: TurnLimits;

  constructor(keyOf: (row: SourceRow) => string | null, limits: TurnLimits = usualLimits) {
    this.#keyOf = keyOf;
    this.#limits = limits;
  }

  /** Takes in a page behind those that are under way. Call `leave` in any case when it has ended. */
  enter(rows: readonly SourceRow[]): Turn {
    const keys = new Set(rows.flatMap((row) => this.#keyOf(row) ?? []));
    const before = [...this.#pages].filter((page) => meet(page.keys, keys));
    let leave = (): void => undefined;
    const page = { keys, ended: new Promise<void>((resolve) => { leave = resolve; }) };
    this.#pages.add(page);
    return {
      ...this.#plan(rows, before),
      leave: () => {
        this.#pages.delete(page);
        leave();
      },
    };
  }

  #plan(rows: readonly SourceRow[], before: readonly PageUnderWay[]): Pick<Turn, 'deferred' | 'before'> {
    const now = Promise.resolve();
    if (before.length === 0) return { before: now };
    const isTaken = (key: string | null): boolean => key !== null && before.some((page) => page.keys.has(key));
    const things = new Set(rows.filter((row) => isTaken(this.#keyOf(row))).map(({ externalId }) => externalId));
    const ended = (): Promise<void> => Promise.all(before.map((page) => page.ended)).then(() => undefined);
    if (things.size > rows.length * this.#limits.mostDeferred) return { before: ended() };
    return { before: now, deferred: { has: ({ externalId }) => things.has(externalId), ready: () => within(this.#limits.patienceMs, ended()), ended } };
  }
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const key of others) if (some.has(key)) return true;
  return false;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new OverdueTurn()), ms); });
  try {
    await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
