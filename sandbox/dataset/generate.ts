import type { WireProspect } from '../coins/wire.ts';
import { EMAIL_PERMISSION_BIT, makeExistingContacts } from './existing-contact.ts';
import type { ExistingContact } from './existing-contact.ts';
import { expectOutcome } from './oracle.ts';
import type { Expected } from './oracle.ts';
import { EMAIL_CONSENT, prospectAt } from './prospect.ts';

/** How much to make. `seed` is a whole number; the same options always give the same data, byte for byte. */
export type DatasetOptions = { seed: number; prospects?: number; existingContacts?: number };

/** One page of prospects; `page` counts from 1. */
export type ProspectPage = { page: number; pageCount: number; prospects: WireProspect[] };

/** The data of a run, and what they must lead to. */
export type Dataset = {
  seed: number;
  /** For the Mail+ side: what it holds before the hub comes. */
  existingContacts: ExistingContact[];
  /** For the Coins side: every prospect card, in the order of the ids. */
  prospects: WireProspect[];
  /** The prospects in pages of this size (at least 1), the last one may be shorter. */
  listPages(pageSize: number): Generator<ProspectPage, void>;
  /** The oracle's answer; worked out at the first use and then kept. */
  readonly expected: Expected;
};

/** Default sizes: those of the demo. */
const DEFAULT_PROSPECTS = 20_000;
const DEFAULT_EXISTING_CONTACTS = 5_000;

function checkedCount(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number of 0 or more, got ${value}`);
  return value;
}

/** Prospects one after the other without keeping them: from index `from` (included) to `to` (excluded). */
export function* streamProspects(seed: number, from: number, to: number): Generator<WireProspect, void> {
  for (let index = from; index < to; index += 1) yield prospectAt(seed, index);
}

/** Pages made on the way, one in memory at a time; for amounts that should not be held at once. */
export function* streamPages(seed: number, prospects: number, pageSize: number): Generator<ProspectPage, void> {
  if (checkedCount('pageSize', pageSize) === 0) throw new RangeError('pageSize must be at least 1');
  const pageCount = Math.max(1, Math.ceil(checkedCount('prospects', prospects) / pageSize));
  for (let page = 1; page <= pageCount; page += 1) {
    const from = (page - 1) * pageSize;
    yield { page, pageCount, prospects: [...streamProspects(seed, from, Math.min(prospects, from + pageSize))] };
  }
}

function* pagesOf(prospects: readonly WireProspect[], pageSize: number): Generator<ProspectPage, void> {
  if (checkedCount('pageSize', pageSize) === 0) throw new RangeError('pageSize must be at least 1');
  const pageCount = Math.max(1, Math.ceil(prospects.length / pageSize));
  for (let page = 1; page <= pageCount; page += 1) {
    yield { page, pageCount, prospects: prospects.slice((page - 1) * pageSize, page * pageSize) };
  }
}

/**
 * Makes the data of a run: the contacts that Mail+ already has, the prospects of Coins, and what must have become of them
 * in the end (`expected`, by an oracle that reads only the wire data).
 *
 * @throws RangeError when an amount is not a whole number of 0 or more
 */
export function generateDataset(options: DatasetOptions): Dataset {
  const { seed } = options;
  const count = checkedCount('prospects', options.prospects ?? DEFAULT_PROSPECTS);
  const existing = checkedCount('existingContacts', options.existingContacts ?? DEFAULT_EXISTING_CONTACTS);
  const prospects = [...streamProspects(seed, 0, count)];
  const existingContacts = makeExistingContacts(seed, existing, count);
  const permission = { code: EMAIL_CONSENT.code, bit: EMAIL_PERMISSION_BIT };
  let expected: Expected | undefined;
  return {
    seed,
    existingContacts,
    prospects,
    listPages: (pageSize) => pagesOf(prospects, pageSize),
    get expected() {
      expected ??= expectOutcome({ prospects, existingContacts, permission });
      return expected;
    },
  };
}
