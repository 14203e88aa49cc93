import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { requiredRange } from '../http/date-range.ts';
import type { Mailing, MailingLink, MailingType } from '../state/mailings.ts';
import { isoStamp } from './views.ts';

/** Mailings of a period, and one with its details (contract 3.17). */
export const mailingOperations: readonly Operation[] = [
  { method: 'GET', path: 'mailing', handle: listMailings },
  { method: 'GET', path: 'mailing/{encryptedMailingId}', handle: getMailing },
];

/** The mailing of the path: 404 when there is none, 400 when it is the message of a campaign. */
export function requireMailing(call: Call): Mailing {
  const encryptedId = call.path['encryptedMailingId'] ?? '';
  const mailing = call.account.mailings.find(encryptedId);
  if (mailing !== undefined) return mailing;
  const isOfCampaign = call.account.campaigns.mailings.some((message) => message.encryptedId === encryptedId);
  if (isOfCampaign) throw new ApiError(400, 'INVALID_MAILING', 'Mailing type invalid');
  throw new ApiError(404, 'MAILING_NOTFOUND', 'Mailing not found');
}

/** A mailing as lists and histories show it. */
export function mailingView(mailing: Mailing): Record<string, unknown> {
  return {
    encryptedId: mailing.encryptedId,
    name: mailing.name,
    scheduledStartDate: isoStamp(mailing.startMs),
    type: mailing.type,
    archiveLink: `https://mailings.sandbox.example/${mailing.encryptedId}`,
    sentCount: mailing.sentCount,
  };
}

/** `message` and `links` of a mailing or of a campaign's message. */
export function messageView({ name, subject, type, links }: {
  readonly name: string; readonly subject: string; readonly type: MailingType; readonly links: readonly MailingLink[];
}): Record<string, unknown> {
  return {
    message: {
      name, author: 'Sandbox', fromName: 'Sandbox', ...(type === 'EMAIL' && { subject, fromEmail: 'news@sandbox.example' }),
    },
    links,
  };
}

function listMailings(call: Call): Reply {
  const { fromMs, toMs } = requiredRange(call);
  const mailings = call.account.mailings.all()
    .filter((mailing) => mailing.startMs >= fromMs && mailing.startMs < toMs)
    .toSorted((left, right) => left.startMs - right.startMs);
  return { status: 200, body: mailings.map(mailingView) };
}

function getMailing(call: Call): Reply {
  const mailing = requireMailing(call);
  return { status: 200, body: { ...mailingView(mailing), sender: 'Sandbox', targetGroup: mailing.targetGroup, ...messageView(mailing) } };
}
