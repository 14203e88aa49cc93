import { z } from 'zod';
import { paged } from './define.ts';
import { inOrder, optionalWindow, pageFields, sentId } from './input.ts';
import { id, text, whole, type Wire } from './wire.ts';

/** One line of an interaction feed, with its stamps as `stamp` reads them. */
export function interactionShape<Stamp extends z.ZodType>(stamp: Stamp) {
  return z.object({
    id: z.union([z.number(), z.string().min(1)]),
    externalContactId: id,
    encryptedMailingId: id,
    date: stamp,
    changeDate: stamp,
    bounceType: z.string().nullish(),
    name: z.string().nullish(),
  });
}

const trendReportIds = z.union([sentId, z.array(sentId).min(1, 'is empty').transform((ids) => ids.join(','))]).optional();
const input = (wire: Wire) => {
  const { fromDate, toDate } = optionalWindow(wire);
  const fields = { fromDate, toDate, fromChangeDate: fromDate, toChangeDate: toDate, trendReportIds, ...pageFields };
  return inOrder(inOrder(z.strictObject(fields)), 'fromChangeDate', 'toChangeDate');
};
const row = ({ instant }: Wire) => interactionShape(instant).extend({ trendReportId: whole });
const paging = { kind: 'offset', rows: 'interactions' } as const;

/** What became of mailings, for all contacts at once (contract §3.19). */
export const mailingInteractionOperations = {
  'mailing-interaction.sent': paged({
    name: 'mailing-interaction.sent', method: 'GET', path: '/mailing-interaction/sent', paging, about: 'all that was sent', input, row: (wire) => row(wire).extend({ onlineVersionLink: text, subject: text }),
  }),
  'mailing-interaction.opened': paged({ name: 'mailing-interaction.opened', method: 'GET', path: '/mailing-interaction/opened', paging, about: 'all that was opened', input, row }),
  'mailing-interaction.clicked': paged({ name: 'mailing-interaction.clicked', method: 'GET', path: '/mailing-interaction/clicked', paging, about: 'all that was clicked', input, row }),
  'mailing-interaction.bounced': paged({ name: 'mailing-interaction.bounced', method: 'GET', path: '/mailing-interaction/bounced', paging, about: 'all that bounced in mailings', input, row }),
};
