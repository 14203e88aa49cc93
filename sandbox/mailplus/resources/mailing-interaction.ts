import { invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { optionalRange } from '../http/date-range.ts';
import type { DateRange } from '../http/date-range.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import { interactionKinds } from '../state/mailings.ts';
import type { Interaction, InteractionKind } from '../state/mailings.ts';
import { isoStamp } from './views.ts';

/**
 * What recipients did, over all mailings (contract 3.19). Asked by `from/toChangeDate` it is ordered by change date,
 * else by date, then by id. A contact without an id of this credential comes without `externalContactId`.
 */
export const mailingInteractionOperations: readonly Operation[] = interactionKinds.map((kind) => ({
  method: 'GET', path: `mailing-interaction/${kind}`, handle: (call) => listInteractions(call, kind),
}));

function listInteractions(call: Call, kind: InteractionKind): Reply {
  const request = readPageRequest(call, false);
  const byDate = optionalRange(call, 'fromDate', 'toDate');
  const byChange = optionalRange(call, 'fromChangeDate', 'toChangeDate');
  const reportIds = readReportIds(call);
  const feed = call.account.mailings.feed(kind);
  const [index, range] = byChange === undefined ? [feed.byDate, byDate] : [feed.byChange, byChange];
  const start = index.rankOf(range?.fromMs ?? -Infinity);
  const end = index.rankOf(range?.toMs ?? Infinity);
  const isFiltered = reportIds !== undefined || (byChange !== undefined && byDate !== undefined);
  const rest = isFiltered
    ? index.range(start, end).filter((interaction) => passes(interaction, byDate, reportIds))
    : undefined;
  const page = rest === undefined
    ? pageOf(call, request, Math.max(0, end - start), (from, to) => index.range(start + from, start + to))
    : pageOf(call, request, rest.length, (from, to) => rest.slice(from, to));
  const interactions = page.items.map((interaction) => interactionView(call, interaction));
  return { status: 200, body: { paging: page.paging, interactions } };
}

function readReportIds(call: Call): ReadonlySet<number> | undefined {
  const text = queryValue(call.query, 'trendReportIds');
  if (text === undefined) return undefined;
  const ids = text.split(',').map(Number);
  if (text === '' || !ids.every(Number.isSafeInteger)) throw invalidParams('trendReportIds must be whole numbers joined by commas');
  return new Set(ids);
}

function passes(interaction: Interaction, byDate: DateRange | undefined, reportIds: ReadonlySet<number> | undefined): boolean {
  if (byDate !== undefined && (interaction.atMs < byDate.fromMs || interaction.atMs >= byDate.toMs)) return false;
  return reportIds === undefined || reportIds.has(interaction.mailing.trendReportId ?? NaN);
}

function interactionView(call: Call, interaction: Interaction): Record<string, unknown> {
  const { contact, mailing } = interaction;
  const externalContactId = contact.externalIds[call.credential.externalIdField];
  return {
    id: interaction.id,
    ...(externalContactId !== undefined && { externalContactId }),
    encryptedMailingId: mailing.encryptedId,
    date: isoStamp(interaction.atMs),
    changeDate: isoStamp(interaction.changedMs),
    ...(mailing.trendReportId !== undefined && { trendReportId: mailing.trendReportId }),
    ...(interaction.kind === 'bounced' && { bounceType: interaction.bounceType }),
    ...(interaction.kind === 'sent' && {
      name: mailing.name, subject: mailing.subject, onlineVersionLink: `https://mailings.sandbox.example/${mailing.encryptedId}`,
    }),
  };
}
