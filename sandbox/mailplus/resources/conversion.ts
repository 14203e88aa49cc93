import { ApiError, invalidParams } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import type { Contact } from '../state/contact.ts';
import type { MailingLink } from '../state/mailings.ts';
import { isMailplusId, readMailplusId } from '../state/mpid.ts';
import type { MailplusId } from '../state/mpid.ts';
import { requireKnownProducts } from './product.ts';
import { bodyObject } from './request-body.ts';
import { optionalCents, optionalTexts, requiredInstant, requiredText } from './values.ts';

/** Shopping carts that a link of a message led to (contract 3.16). The same one may be told again and again. */
export const conversionOperations: readonly Operation[] = [
  { method: 'POST', path: 'conversion', handle: convert },
];

const types = ['CREATE_SHOPPINGCART', 'CONVERT_SHOPPINGCART'] as const;

function convert(call: Call): Reply {
  const body = bodyObject(call.body);
  const mailplusId = requiredText(body, 'mailplusId');
  const type = types.find((known) => known === requiredText(body, 'type').trim());
  if (type === undefined) throw invalidParams('Illegal interaction type');
  const cents = optionalCents(body, 'value');
  const interactionMs = requiredInstant(body, 'interactionDate');
  const products = optionalTexts(body, 'products') ?? [];
  const id = requireMailplusId(mailplusId);
  const contact = requireActivity(call, id);
  requireKnownProducts(call, products);
  count(call, id, type, cents ?? 0);
  call.account.starts.record({
    kind: type === 'CREATE_SHOPPINGCART' ? 'cartCreated' : 'cartConverted', contact, target: mailplusId,
    atMs: call.account.nowMs(), credential: call.credential.key, detail: { type, valueCents: cents, products, interactionMs },
  });
  call.notes.changed = true;
  call.notes.contacts.push(noteContact(contact?.externalIds[call.credential.externalIdField] ?? '', type));
  return noContent;
}

function requireMailplusId(text: string): MailplusId {
  if (!isMailplusId(text)) throw invalidParams('mailplusId has a wrong format');
  const id = readMailplusId(text);
  if (id === undefined) throw notFound('Activity');
  return id;
}

/** Who got the message; `undefined` for a generated recipient. 400 when the message, the link or the contact is not there. */
function requireActivity(call: Call, { kind, mailing, who, linkId }: MailplusId): Contact | undefined {
  const { account } = call;
  const isMailing = kind === 'mailing';
  const links: readonly MailingLink[] | undefined = isMailing ? account.mailings.byNumber(mailing)?.links : account.campaigns.mailings[mailing]?.links;
  const activities = isMailing ? account.mailings.activities : account.campaignActivities;
  if (links === undefined || activities.logs.sent.ofMailingBy(mailing, who).length === 0) throw notFound('Activity');
  if (!links.some(({ id }) => id === linkId)) throw notFound('Link');
  const contact = isMailing ? account.recipients.contactOf(who) : account.campaigns.participation(who)?.contact;
  if (contact?.inactive === 'anonymised') throw new ApiError(400, 'CONTACT_NOT_FOUND', 'Contact not found');
  return contact;
}

function notFound(what: string): ApiError {
  return new ApiError(400, 'RESOURCE_NOT_FOUND', `${what} not found`);
}

function count(call: Call, { kind, mailing: number }: MailplusId, type: (typeof types)[number], cents: number): void {
  const mailing = kind === 'mailing' ? call.account.mailings.byNumber(number) : undefined;
  if (mailing === undefined) return;
  if (type === 'CREATE_SHOPPINGCART') {
    mailing.cartsCreatedCount += 1;
    return;
  }
  mailing.cartsConvertedCount += 1;
  mailing.conversionCents += cents;
}
