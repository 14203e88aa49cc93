import { startOf } from '../../domain/checkouts/cart.ts';
import type { DesiredRecord, Projection } from '../platform.ts';
import type { OwnContext } from './project.ts';
import { mailplusSettings } from './settings.ts';

const told = { conversion: 'the mailing that it came from is told', automation: 'an automation is started for it' } as const;

/**
 * A checkout is no thing in Mail+: that it was started goes there as an action, once. Its delivery shows that it went that way, or the
 * reason why nothing does. Pure.
 */
export function projectCheckout(context: OwnContext, { canonical, deleted }: DesiredRecord): Projection {
  const start = startOf(canonical, { deleted: deleted === true, hasAutomation: mailplusSettings(context.settings).cartAutomation !== null });
  return { fields: {}, withheld: [], ...(start.kind === 'none' ? { excluded: start.reason } : { note: `${told[start.kind]} by an action, unless it began before this connector was added` }) };
}
