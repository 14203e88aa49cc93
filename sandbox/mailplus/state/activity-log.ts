import { NumberColumn } from './number-column.ts';
import { TimeIndex } from './time-index.ts';

/** Names of the four feeds under `mailing-interaction`. */
export const interactionKinds = ['sent', 'opened', 'clicked', 'bounced'] as const;

/** One of the feeds under `mailing-interaction`. */
export type InteractionKind = (typeof interactionKinds)[number];

/** Values of `detail` of a bounce. */
export const bounceDetail = { HARD: 1, SOFT: 2 } as const;

/** One thing that one recipient did in one mailing. */
export interface Activity {
  /** Number of the mailing. */
  readonly mailing: number;
  /** Number of the recipient; in campaigns that of the participation. */
  readonly who: number;
  readonly atMs: number;
  /** When the account came to know of it. */
  readonly changedMs: number;
  /** Of a click the id of the link, of a bounce one of {@link bounceDetail}, else 0. */
  readonly detail: number;
}

/** The same with its own id. */
export interface RecordedActivity extends Activity {
  readonly id: number;
}

/** Activities that can be read by their place. */
export interface ActivityRow {
  readonly size: number;
  at(index: number): RecordedActivity;
}

/**
 * Activities of one kind, in columns: 36 bytes each, so that a mailing to a million recipients fits. Kept in the order
 * in which they were recorded, with an index by date and one by date of change.
 */
export class ActivityLog implements ActivityRow {
  readonly #ids = new NumberColumn('uint32');
  readonly #mailings = new NumberColumn('uint32');
  readonly #whos = new NumberColumn('uint32');
  readonly #details = new NumberColumn('uint32');
  readonly #atMs = new NumberColumn('float64');
  readonly #changedMs = new NumberColumn('float64');
  readonly #ofMailing = new Map<number, NumberColumn>();
  readonly #byDate = new TimeIndex(this.#atMs);
  readonly #byChange = new TimeIndex(this.#changedMs);

  get size(): number {
    return this.#ids.size;
  }

  record(id: number, { mailing, who, atMs, changedMs, detail }: Activity): void {
    const ofMailing = this.#ofMailing.get(mailing) ?? new NumberColumn('uint32');
    this.#ofMailing.set(mailing, ofMailing);
    ofMailing.push(this.size);
    this.#ids.push(id);
    this.#mailings.push(mailing);
    this.#whos.push(who);
    this.#details.push(detail);
    this.#atMs.push(atMs);
    this.#changedMs.push(changedMs);
  }

  at(position: number): RecordedActivity {
    return {
      id: this.#ids.at(position), mailing: this.#mailings.at(position), who: this.#whos.at(position),
      detail: this.#details.at(position), atMs: this.#atMs.at(position), changedMs: this.#changedMs.at(position),
    };
  }

  /** Those with `fromMs <= time < toMs`, by date or by date of change, then by id. */
  between(order: 'date' | 'change', fromMs: number, toMs: number): ActivityRow {
    const index = order === 'date' ? this.#byDate : this.#byChange;
    const start = index.rankOf(fromMs);
    return { size: Math.max(0, index.rankOf(toMs) - start), at: (rank) => this.at(index.positionAt(start + rank)) };
  }

  /** Those of one mailing, in the order in which they were recorded. */
  ofMailing(mailing: number): ActivityRow {
    const positions = this.#ofMailing.get(mailing);
    return { size: positions?.size ?? 0, at: (index) => this.at(positions?.at(index) ?? 0) };
  }

  /** Those of one mailing by one recipient. */
  ofMailingBy(mailing: number, who: number): RecordedActivity[] {
    const positions = this.#ofMailing.get(mailing);
    const found: RecordedActivity[] = [];
    for (let index = 0; positions !== undefined && index < positions.size; index += 1) {
      const position = positions.at(index);
      if (this.#whos.at(position) === who) found.push(this.at(position));
    }
    return found;
  }

  /** Those by any of these recipients, over all mailings. */
  by(whos: ReadonlySet<number>): RecordedActivity[] {
    const found: RecordedActivity[] = [];
    for (let position = 0; position < this.size; position += 1) {
      if (whos.has(this.#whos.at(position))) found.push(this.at(position));
    }
    return found;
  }
}

/** Activities of all four kinds; an id occurs once among them. */
export class Activities {
  readonly logs: Readonly<Record<InteractionKind, ActivityLog>> = {
    sent: new ActivityLog(), opened: new ActivityLog(), clicked: new ActivityLog(), bounced: new ActivityLog(),
  };
  #lastId = 0;

  record(kind: InteractionKind, activity: Activity): void {
    this.#lastId += 1;
    this.logs[kind].record(this.#lastId, activity);
  }
}

/** How many different recipients there are in rows of which `passes` says that they count. */
export function distinctRecipients(rows: readonly ActivityRow[], passes: (activity: Activity) => boolean = () => true): number {
  const whos = new Uint32Array(rows.reduce((total, row) => total + row.size, 0));
  let length = 0;
  for (const row of rows) {
    for (let index = 0; index < row.size; index += 1) {
      const activity = row.at(index);
      if (passes(activity)) whos[length++] = activity.who;
    }
  }
  const sorted = whos.subarray(0, length).toSorted();
  let distinct = 0;
  for (let index = 0; index < length; index += 1) {
    if (index === 0 || sorted[index] !== sorted[index - 1]) distinct += 1;
  }
  return distinct;
}
