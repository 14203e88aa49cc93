import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import type { ApplyInput, ApplyResult } from '../../db/repositories/apply/types.ts';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { normaliseProspect } from '../../platforms/coins/normalise.ts';
import { parseProspect } from '../../platforms/coins/parse-prospect.ts';
import { coinsSettings } from '../../platforms/coins/settings.ts';
import { card, type CardFacts, type HubWorld } from './hub-world.ts';

/** Cards as a page of a list sync or a pull has them. Errors: Error for a card that Coins' schema refuses. */
export function rowsOf(cards: readonly CardFacts[]): ApplyInput['rows'] {
  const settings = coinsSettings.parse({ baseUrl: 'http://127.0.0.1:9' });
  return cards.map((facts) => {
    const whole = card(facts);
    const parsed = parseProspect(whole, 'the card');
    if ('rejected' in parsed) throw new Error(parsed.rejected.reason);
    return normaliseProspect(parsed.prospect, whole, settings);
  });
}

/** Applies cards as one page through the real transaction, as a list sync does unless told otherwise. */
export async function applyCards(world: HubWorld, connectorId: string, cards: readonly CardFacts[], more: Partial<ApplyInput> = {}): Promise<ApplyResult> {
  return applyRows(world, connectorId, rowsOf(cards), { isPushed: true, ...more });
}

/** Applies rows as one page through the real transaction, as read just now unless told otherwise. */
export async function applyRows(world: HubWorld, connectorId: string, rows: ApplyInput['rows'], more: Partial<ApplyInput> = {}): Promise<ApplyResult> {
  const context = await loadApplyContext(world.pipeline.deps, await loadConnector(world.pipeline.deps, connectorId));
  const now = new Date().toISOString();
  return applyPage(world.pipeline.deps.db, {
    ...context, rows, readAt: now, receivedAt: now, isPushed: false, mayCreate: true, urgency: 'bulk', cause: { kind: 'test' }, ...more,
  });
}
