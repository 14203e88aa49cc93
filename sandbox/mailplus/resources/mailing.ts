import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { requiredRange } from '../http/date-range.ts';
import type { Mailing } from '../state/mailings.ts';
import { isoStamp } from './views.ts';

/** Mailings of a period, and one with its details (contract 3.17). */
export const mailingOperations: readonly Operation[] = [
  { method: 'GET', path: 'mailing', handle: listMailings },
  { method: 'GET', path: 'mailing/{encryptedMailingId}', handle: getMailing },
];

function listMailings(call: Call): Reply {
  const { fromMs, toMs } = requiredRange(call);
  const mailings = call.account.mailings.all()
    .filter((mailing) => mailing.startMs >= fromMs && mailing.startMs < toMs)
    .toSorted((left, right) => left.startMs - right.startMs);
  return { status: 200, body: mailings.map(mailingView) };
}

function getMailing(call: Call): Reply {
  const mailing = call.account.mailings.find(call.path['encryptedMailingId'] ?? '');
  if (mailing === undefined) throw new ApiError(404, 'MAILING_NOTFOUND', 'Mailing not found');
  return {
    status: 200,
    body: {
      ...mailingView(mailing),
      sender: 'Sandbox',
      targetGroup: mailing.targetGroup,
      message: {
        name: mailing.name, author: 'Sandbox', fromName: 'Sandbox',
        ...(mailing.type === 'EMAIL' && { subject: mailing.subject, fromEmail: 'news@sandbox.example' }),
      },
      links: mailing.links,
    },
  };
}

function mailingView(mailing: Mailing): Record<string, unknown> {
  return {
    encryptedId: mailing.encryptedId,
    name: mailing.name,
    scheduledStartDate: isoStamp(mailing.startMs),
    type: mailing.type,
    archiveLink: `https://mailings.sandbox.example/${mailing.encryptedId}`,
    sentCount: mailing.sentCount,
  };
}
