import type { Instant } from '../model/fields.ts';
import type { DataType } from './data-types.ts';
import { isImported, type PlatformFacts } from './gates.ts';
import { presetOf, type PresetId } from './presets.ts';
import type { Lookback } from './preset.ts';

/**
 * Where a first import starts. `date`: at the preset's lookback (`whenPossible`: or as far back as the platform goes);
 * `from-activation`: nothing older than the connector; `whole-once`: a state, read whole; `distilled`: comes with the
 * activities, as far back as these; `not-imported`: nothing is started, for the reason given.
 */
export type FirstImport =
  | { readonly kind: 'date'; readonly from: Instant; readonly whenPossible: boolean }
  | { readonly kind: 'from-activation'; readonly from: Instant }
  | { readonly kind: 'whole-once' }
  | { readonly kind: 'distilled'; readonly reason: string }
  | { readonly kind: 'not-imported'; readonly reason: string };

/** Where the first import of a data type starts for a connector activated at `activatedAt` (design §5). Calendar arithmetic in UTC. */
export function firstImportFrom(preset: PresetId, dataType: DataType, activatedAt: Instant, platform: PlatformFacts): FirstImport {
  const gate = isImported(preset, dataType, platform);
  if (!gate.allowed) return { kind: 'not-imported', reason: gate.reason };
  if (gate.how === 'distilled') return { kind: 'distilled', reason: gate.reason };
  const lookback = presetOf(preset).lookbacks.find((candidate) => candidate.dataType === dataType);
  if (lookback !== undefined) return { kind: 'date', from: before(activatedAt, lookback), whenPossible: lookback.whenPossible };
  return dataType === 'stock' ? { kind: 'whole-once' } : { kind: 'from-activation', from: activatedAt };
}

/** What a backfill started by hand reads from, or why it is refused. `from: null` means the whole state. */
export type BackfillStart =
  | { readonly ok: true; readonly from: Instant | null }
  | { readonly ok: false; readonly code: 'NOT_IMPORTED' | 'REQUEST_INVALID'; readonly reason: string };

/** Decides where a backfill by hand starts: at `from`, or at the preset's lookback. A type without a lookback needs `from` (design §5). */
export function backfillFrom(first: FirstImport, dataType: DataType, from: Instant | undefined): BackfillStart {
  if (first.kind === 'not-imported') return { ok: false, code: 'NOT_IMPORTED', reason: first.reason };
  if (first.kind === 'distilled') return { ok: false, code: 'NOT_IMPORTED', reason: `${first.reason} Start a backfill of activities instead.` };
  if (first.kind === 'whole-once') return { ok: true, from: null };
  if (from !== undefined) return { ok: true, from };
  if (first.kind === 'date') return { ok: true, from: first.from };
  return { ok: false, code: 'REQUEST_INVALID', reason: `The preset has no lookback for ${dataType}: say from which date on, as \`from\`.` };
}

function before(at: Instant, { amount, unit }: Lookback): Instant {
  const date = new Date(at);
  if (unit === 'days') date.setUTCDate(date.getUTCDate() - amount);
  else minusYears(date, amount);
  return date.toISOString();
}

/** 29 February becomes 28 February in a year that has none, so that the lookback is never shorter than it says. */
function minusYears(date: Date, years: number): void {
  const month = date.getUTCMonth();
  date.setUTCFullYear(date.getUTCFullYear() - years);
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
}
