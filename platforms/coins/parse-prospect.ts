import type { ErrorCode } from '../../domain/errors.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import { firstIssue } from '../first-issue.ts';
import { prospectSchema } from './schema.ts';
import type { CoinsProspect } from './schema.ts';

/** A card that was read, or why it was not. */
export type ParsedProspect = { readonly prospect: CoinsProspect } | { readonly rejected: RejectedRow };

function idOf(card: unknown): string {
  const id = typeof card === 'object' && card !== null && 'prospectId' in card ? card.prospectId : '';
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && prospectSchema.shape.prospectId.safeParse(text).success ? text : '';
}

/** A card that is kept as rejected: `externalId` is empty when the card names no usable id. */
export function rejectProspect(card: unknown, code: ErrorCode, path: string, reason: string): RejectedRow {
  return { dataType: 'contacts', externalId: idOf(card), path, code, reason, payload: card };
}

/**
 * Reads one card strictly in the fields that the hub uses. `place` says where the card stands (`prospects[3]`),
 * for a card that can not be named by its id. Never throws.
 */
export function parseProspect(card: unknown, place: string): ParsedProspect {
  const parsed = prospectSchema.safeParse(card);
  if (parsed.success) return { prospect: parsed.data };
  const { path, reason } = firstIssue(parsed.error, 'the prospect');
  const rejected = rejectProspect(card, 'RECORD_INVALID', path, reason);
  return { rejected: rejected.externalId === '' ? { ...rejected, reason: `${place}: ${reason}` } : rejected };
}
